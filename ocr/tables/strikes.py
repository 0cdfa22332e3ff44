"""Struck-out rows: a stroke, level, slanted or wavy, that runs on across the gaps between characters and cells.

Each row is searched for its longest path of ink from left to right, all rows at once (dynamic programming).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.paths import Path, longest_paths
from ocr.tables.sheet import Sheet

_HEIGHT = 28
_STEP = 2
_FILLED = 0.34
_MARGIN = 0.1
_ROW_SHARE = 0.5
_NAME_ROW_SHARE = 0.3
_COVERED = 0.9
_EDGE = 5
_WHOLE_ROW = 0.7
# Against the name's own darkness: what can be seen at all, and what surely joins two characters.
_VISIBLE = 0.2
_JOINED = 0.5
_SURELY_JOINED = 0.75
_OVERSHOOT = 0.08
_STEADY = 0.45
_NAME_SHAPE = 1.3
_PEN = 0.1
_BEYOND_EACH = 0.15
_BEYOND = 0.4
_TURN = 12.0
# Against the row's height, its length, and the height of its text: what is level, a whole rule, well inside the text.
_LEVEL = 0.2
_RULE = 0.97
_INSIDE = 0.25
_LINE = 2
_MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class RowStrip:
    """One row to look at, in pixels of the straightened table: its box, and where its name cell lies."""

    left: int
    top: int
    right: int
    bottom: int
    name_left: int
    name_right: int


@dataclass(frozen=True, slots=True)
class Strike:
    """What was found in a row: whether it is struck out, and whether that is in doubt."""

    struck: bool
    doubtful: bool


def find_strikes(sheet: Sheet, strips: Sequence[RowStrip]) -> list[Strike]:
    """Return for each row whether a stroke runs across its name or most of its length."""
    if not strips:
        return []
    fills = np.stack([_normalise(sheet, strip, max(s.right - s.left for s in strips)) for strip in strips])
    neutral = np.stack([_rules(sheet, strip, fills.shape[2]) for strip in strips])
    paths = longest_paths(fills, neutral, _least(strips))
    return [_judge(sheet, strip, fill, path) for strip, fill, path in zip(strips, fills, paths, strict=True)]


def _normalise(sheet: Sheet, strip: RowStrip, width: int) -> NDArray[np.bool_]:
    """Return a row's ink without its edges, scaled to a common height, padded on the right to a common width."""
    margin = max(4, int(_MARGIN * (strip.bottom - strip.top)))
    ink = sheet.ink[strip.top + margin : strip.bottom - margin, strip.left : strip.right]
    size = (max((strip.right - strip.left) // _STEP, 1), _HEIGHT)
    picture = np.ascontiguousarray(ink.astype(np.uint8) * 255)
    if picture.size == 0:
        return np.zeros((_HEIGHT, width // _STEP), bool)
    if picture.shape[0] < _HEIGHT:
        small = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    else:
        # thin strokes must outlive the shrinking of tall rows
        picture = cv2.dilate(picture, np.ones((picture.shape[0] // _HEIGHT, 1), np.uint8)).astype(np.uint8)
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    filled = small > 255 * _FILLED
    return np.pad(filled, ((0, 0), (0, max(width // _STEP - filled.shape[1], 0))))


def _rules(sheet: Sheet, strip: RowStrip, width: int) -> NDArray[np.bool_]:
    """Return the places along a row where a vertical rule's ink was taken out: they tell nothing."""
    neutral = np.zeros(width, bool)
    for start, end in sheet.bands_x:
        first, last = (start - strip.left) // _STEP - 1, (end - strip.left) // _STEP + 2
        if start < end and last > 0:
            neutral[max(first, 0) : max(last, 0)] = True
    return neutral


def _least(strips: Sequence[RowStrip]) -> NDArray[np.float64]:
    """Return how long a stroke through each row must be at least, in steps."""
    return np.array([_NAME_ROW_SHARE * max((s.right - s.left) / _STEP, 1) for s in strips])


@dataclass(frozen=True, slots=True)
class Stroke:
    """A row's longest stroke in pixels of the straightened table: its middle `down` at each `across`.

    `long` says that it runs through a good part of the row.
    """

    across: NDArray[np.int64]
    down: NDArray[np.int64]
    long: bool


def strokes_along(sheet: Sheet, strips: Sequence[RowStrip]) -> list[Stroke]:
    """Return the longest stroke of ink along each row."""
    if not strips:
        return []
    fills = np.stack([_normalise(sheet, strip, max(s.right - s.left for s in strips)) for strip in strips])
    neutral = np.stack([_rules(sheet, strip, fills.shape[2]) for strip in strips])
    strokes = []
    for strip, path in zip(strips, longest_paths(fills, neutral, _least(strips)), strict=True):
        margin = max(4, int(_MARGIN * (strip.bottom - strip.top)))
        scale = (strip.bottom - strip.top - 2 * margin) / _HEIGHT
        across = np.arange(strip.left + path.start * _STEP, min(strip.left + (path.end + 1) * _STEP, strip.right))
        rows = path.rows[np.minimum((across - strip.left) // _STEP - path.start, len(path.rows) - 1)]
        down = np.rint(strip.top + margin + (rows + 0.5) * scale).astype(np.int64)
        long = path.end - path.start >= _NAME_ROW_SHARE * max((strip.right - strip.left) / _STEP, 1)
        strokes.append(Stroke(across, np.minimum(down, strip.bottom - 1), bool(long)))
    return strokes


def _judge(sheet: Sheet, strip: RowStrip, fill: NDArray[np.bool_], path: Path) -> Strike:
    length = path.end - path.start
    row = max((strip.right - strip.left) / _STEP, 1)
    first, last = (strip.name_left - strip.left) // _STEP, (strip.name_right - strip.left) // _STEP
    columns = np.nonzero(fill[:, first:last].sum(axis=0) > 1)[0]
    left, right = (first + int(columns[0]), first + int(columns[-1])) if len(columns) else (first, first)
    over_name = max(min(path.end, right) - max(path.start, left), 0) / max(right - left, 1)
    # a stroke beside the name alone is two signatures that meet
    long = length >= _ROW_SHARE * row and (over_name >= _ROW_SHARE or length >= _WHOLE_ROW * row)
    # a name that fills its cell, its characters touching, is as long as a stroke, but keeps within the cell
    leaves = path.start < first - _EDGE or path.end > last + _EDGE
    if long or (over_name >= _COVERED and leaves and length >= _NAME_ROW_SHARE * row):
        beside = _runs_beside(fill, path, (left, right), _INSIDE)
        # from border to border and clear of all text: a rule or a fold of the paper
        rule = length >= _RULE * row and _runs_beside(fill, path, (left, right), None)
        if not long and not beside and not (path.start < first - _EDGE and path.end > last + _EDGE):
            # characters that touch, and a signature that touches them
            return Strike(struck=False, doubtful=True)
        return Strike(struck=not beside, doubtful=beside and not rule)
    return strike_through_name(sheet, strip)


def _runs_beside(fill: NDArray[np.bool_], path: Path, name: tuple[int, int], inset: float | None) -> bool:
    """Return whether a level line runs above or below the characters of a name, not through them.

    `name` are the columns of its ink; `inset` is how far into the characters, as a share of their height; with None
    the line must keep clear of them.
    """
    columns = np.arange(max(name[0], path.start), min(name[1], path.end) + 1)
    if not len(columns) or np.ptp(np.percentile(path.rows, (5, 95))) > _LEVEL * _HEIGHT:
        return False
    text = fill[:, columns].copy()
    line, pen = _middle_and_pen(text, path.rows[columns - path.start])
    for off in range(-pen, pen + 1):
        text[np.clip(line + off, 0, _HEIGHT - 1), np.arange(len(columns))] = False
    rows = np.nonzero(text.any(axis=1))[0]
    if not len(rows):
        return False
    if cv2.dilate(text.astype(np.uint8), np.ones((3, 1), np.uint8)).mean(axis=1).max() >= _RULE:
        # a double line: the other one runs through
        return False
    room = -float(pen + _LINE) if inset is None else inset * (rows[-1] - rows[0])
    outside = (line < rows[0] + room) | (line > rows[-1] - room)
    return bool(outside.mean() >= _MOSTLY)


def _middle_and_pen(picture: NDArray[np.bool_], rows: NDArray[np.int16]) -> tuple[NDArray[np.int64], int]:
    """Return the middle of a stroke at each column, given a row of its ink there, and the reach of its pen."""
    reach = np.arange(_HEIGHT)[:, None]
    columns = np.arange(len(rows))
    up = np.cumprod(picture[np.maximum(rows - reach, 0), columns] & (rows - reach >= 0), axis=0).sum(axis=0)
    down = np.cumprod(picture[np.minimum(rows + reach, _HEIGHT - 1), columns] & (rows + reach < _HEIGHT), axis=0)
    below = down.sum(axis=0)
    shift = int(np.rint(np.median(below - up) / 2))
    return rows.astype(np.int64) + shift, max(_LINE, int(np.percentile(up + below - 1, 35) / 2) + 1)


def strike_through_name(sheet: Sheet, strip: RowStrip) -> Strike:
    """Return whether one stroke joins all characters of a name: between two characters there is else only paper."""
    margin = max(4, int(_MARGIN * (strip.bottom - strip.top)))
    dark = sheet.dark[strip.top + margin : strip.bottom - margin, strip.name_left + 4 : strip.name_right - 4]
    if dark.size == 0 or not dark.any():
        return Strike(struck=False, doubtful=False)
    level = float(np.percentile(dark[dark > 0], 85))
    darkest = dark.max(axis=0).astype(np.float32)
    text = np.nonzero(darkest >= _VISIBLE * level)[0]
    if len(text) == 0:
        return Strike(struck=False, doubtful=False)
    left, right = int(text[0]), int(text[-1]) + 1
    tall = np.count_nonzero((dark[:, left:right] >= _VISIBLE * level).any(axis=1))
    if right - left < _NAME_SHAPE * tall or _weakest(darkest[left:right]) < _VISIBLE * level:
        return Strike(struck=False, doubtful=False)
    name = dark[:, left:right]
    path = _darkest_path(name.astype(np.float32))
    along = np.array([name[max(y - 1, 0) : y + 2, x].max() for x, y in enumerate(path)], np.float32)
    share = _weakest(along) / level
    steady = np.abs(np.diff(path)).sum() <= _STEADY * (right - left)
    before, after = _beyond(name >= _VISIBLE * level, path, max(2, round(_PEN * tall)))
    outside = min(before, after) >= _BEYOND_EACH * tall and before + after >= _BEYOND * tall
    struck = bool(steady and outside and share >= _SURELY_JOINED)
    # characters that touch, or that blur runs together, are joined by less than a pen's darkness; nothing goes beyond
    joined = share >= (_JOINED if max(before, after) >= _OVERSHOOT * tall else _SURELY_JOINED)
    return Strike(struck, doubtful=not struck and bool(joined or (steady and outside)))


def _beyond(name: NDArray[np.bool_], path: NDArray[np.int64], pen: int) -> tuple[int, int]:
    """Return how far a stroke goes on before and after all other ink of the name."""
    rest = name.copy()
    for x, y in enumerate(path):
        rest[max(y - pen, 0) : y + pen + 1, x] = False
    columns = np.nonzero(rest.any(axis=0))[0]
    if not len(columns):
        return 0, 0
    return int(columns[0]), name.shape[1] - 1 - int(columns[-1])


def _weakest(values: NDArray[np.float32]) -> float:
    """Return the lightest place along a stroke, its very ends and single pixels apart."""
    smooth = np.convolve(values, np.ones(3) / 3, mode="valid")
    return float(smooth[1:-1].min()) if len(smooth) > 2 else 0.0  # noqa: PLR2004 - too short to be a stroke


def _darkest_path(dark: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the row at each column of the darkest path from left to right."""
    height, width = dark.shape
    score = dark[:, 0].copy()
    moves = np.zeros((width, height), np.int8)
    for x in range(1, width):
        padded = np.pad(score, 1, constant_values=-1e6)
        options = np.stack([padded[:-2] - _TURN, padded[1:-1], padded[2:] - _TURN])
        moves[x] = options.argmax(axis=0) - 1
        # holes cost more than dark places win: the square root evens out strokes of different darkness
        score = options.max(axis=0) + np.sqrt(dark[:, x]) * 16
    y = int(score.argmax())
    path = np.zeros(width, np.int64)
    for x in range(width - 1, -1, -1):
        path[x] = y
        y = min(max(y + int(moves[x, y]), 0), height - 1)
    return path
