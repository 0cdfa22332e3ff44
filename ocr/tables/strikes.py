"""Struck-out rows: a stroke, level, slanted or wavy, that runs on across the gaps between characters and cells.

Each row is searched for its longest path of ink from left to right, all rows at once (dynamic programming).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.sheet import Sheet

_HEIGHT = 28
_STEP = 2
_FILLED = 0.34
_HOLE = -7.0
_CLIMB = (0.0, 0.12, 0.5)
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
    paths = _longest_paths(fills, neutral, _least(strips))
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
    for strip, path in zip(strips, _longest_paths(fills, neutral, _least(strips)), strict=True):
        margin = max(4, int(_MARGIN * (strip.bottom - strip.top)))
        scale = (strip.bottom - strip.top - 2 * margin) / _HEIGHT
        across = np.arange(strip.left + path.start * _STEP, min(strip.left + (path.end + 1) * _STEP, strip.right))
        rows = path.rows[np.minimum((across - strip.left) // _STEP - path.start, len(path.rows) - 1)]
        down = np.rint(strip.top + margin + (rows + 0.5) * scale).astype(np.int64)
        long = path.end - path.start >= _NAME_ROW_SHARE * max((strip.right - strip.left) / _STEP, 1)
        strokes.append(Stroke(across, np.minimum(down, strip.bottom - 1), bool(long)))
    return strokes


@dataclass(frozen=True, slots=True)
class _Path:
    start: int
    end: int
    rows: NDArray[np.int16]


def _longest_paths(fills: NDArray[np.bool_], neutral: NDArray[np.bool_], least: NDArray[np.float64]) -> list[_Path]:
    """Return each row's best path: +1 for a step on ink, a heavy loss for a step on paper, a light one for climbing.

    A row that cannot hold a path of its `least` length gets an empty one: most rows are told so by their gaps alone.
    """
    alive = _alive(fills, neutral)
    found = [_Path(0, 0, np.zeros(1, np.int16))] * len(fills)
    chosen = np.nonzero(_longest_run(alive) > least)[0]
    if len(chosen):
        places = np.nonzero(alive[chosen].any(axis=0))[0]
        for row, path in zip(chosen.tolist(), _search(fills[chosen], neutral[chosen], places), strict=True):
            found[row] = path
    return found


def _alive(fills: NDArray[np.bool_], neutral: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a path could be worth something if it climbed for nothing: elsewhere none goes on."""
    steps = np.where(neutral, 0.0, np.where(fills.any(axis=1), 1.0, _HOLE))
    sums = np.cumsum(steps, axis=1)
    lowest = np.minimum.accumulate(np.minimum(sums, 0.0), axis=1)
    going: NDArray[np.bool_] = sums > lowest
    return going


def _longest_run(alive: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the length of each row's longest run of true values."""
    place = np.arange(1, alive.shape[1] + 1)
    last_gap = np.maximum.accumulate(np.where(alive, 0, place), axis=1)
    longest: NDArray[np.int64] = (place - last_gap).max(axis=1, initial=0)
    return longest


def _search(fills: NDArray[np.bool_], neutral: NDArray[np.bool_], places: NDArray[np.int64]) -> list[_Path]:
    """Return each row's best path over the given columns of the picture, all other columns ending every path."""
    count, height, width = fills.shape
    reach = len(_CLIMB) - 1
    ways = 2 * reach + 1
    rooms = np.full((count, height + 2 * reach), -1e3, np.float32)
    score = rooms[:, reach : reach + height]
    score[:] = 0.0
    windows = [rooms[:, d : d + height] for d in range(ways)]
    climbs = np.array([_CLIMB[abs(d)] for d in range(-reach, reach + 1)], np.float32)[:, None, None]
    options = np.empty((ways, count, height), np.float32)
    steps = np.where(neutral[:, None], 0.0, np.where(fills, 1.0, _HOLE)).astype(np.float32).transpose(2, 0, 1)
    moves = np.zeros((width, count, height), np.int8)
    begin = np.zeros((count, height), np.int32)
    index, level = np.arange(count), np.arange(height)
    rows = index[:, None]
    best = np.zeros(count, np.float32)
    best_end = np.zeros((count, 3), np.int32)
    before = -1
    for x in places.tolist():
        if x != before + 1:
            score[:] = 0.0
            begin[:] = x
        before = x
        np.stack(windows, out=options)
        options -= climbs
        choice = options.argmax(0)
        moves[x] = choice - reach
        new = options.max(0) + steps[x]
        begin = begin[rows, np.clip(level + moves[x], 0, height - 1)]
        dead = new <= 0
        begin[dead] = x + 1
        score[:] = np.where(dead, 0.0, new)
        top = score.argmax(1)
        reached = score[index, top]
        better = reached > best
        if better.any():
            best[better] = reached[better]
            best_end[better] = np.column_stack([begin[index, top], np.full(count, x), top])[better]
    return [_followed(moves[:, row], best_end[row]) for row in range(count)]


def _followed(moves: NDArray[np.int8], found: NDArray[np.int32]) -> _Path:
    """Return a path from its beginning to its end, followed back from there."""
    start, end, y = (int(value) for value in found)
    rows = np.zeros(max(end - start + 1, 0), np.int16)
    for x in range(end, start - 1, -1):
        rows[x - start] = y
        y = min(max(y + int(moves[x, y]), 0), moves.shape[1] - 1)
    return _Path(start, end, rows)


def _judge(sheet: Sheet, strip: RowStrip, fill: NDArray[np.bool_], path: _Path) -> Strike:
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
        return Strike(struck=True, doubtful=False)
    return strike_through_name(sheet, strip)


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
    struck = bool(steady and outside)
    # characters that touch, or that blur runs together, are joined by less than a pen's darkness; nothing goes beyond
    joined = share >= (_JOINED if max(before, after) >= _OVERSHOOT * tall else _SURELY_JOINED)
    return Strike(struck, doubtful=not struck and bool(joined))


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
