"""Whose ink is it? Strokes of a straightened table are given to the cell that holds most of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.grid import Span2
from ocr.tables.owners import SWEEP, USUAL_ROW, Corners, Groups, Part, inner_box, is_signature, own_parts
from ocr.tables.rules import Ints
from ocr.tables.sheet import Mask, Sheet

_WORD_ACROSS = 0.16
_WORD_DOWN = 0.08
_WORD_LEAST = 5
_LINK_REACH = 2
_STRAIGHT = 2.7
_SEALED = 0.02
_CLEAR_UNDER_SEAL = 0.03
_STRONG_SHARE = 0.12
_FEWEST_SURE = 4
_WHOLE = 0.6
_SHORT_NAME = 0.8
# Share of a cell's inner pixels: below the first nobody wrote, above the second somebody surely did.
BLANK_INK = 0.0018
SIGNED_INK = 0.004
SURE_INK = 0.009
DOUBT = 0.5
SURE = 0.97


@dataclass(frozen=True, slots=True)
class InkReading:
    """What was written in a cell: the share of its inner pixels, and how sure it is that it is (or is not) writing."""

    share: float
    confidence: float


def measure(sheet: Sheet, cells: Sequence[Span2], written: Sequence[bool]) -> list[InkReading]:
    """Return the ink of each given cell, all cells taking part in the question whose stroke it is.

    `written` says for each cell whether people write in it: only there do loose strokes that stand together count as
    one word that may have run over a border; print in the next column is no part of anybody's signature.
    """
    # what lies outside the cells asked for is one more cell: a seal below the table is nobody's signature
    owner = np.full(sheet.ink.shape, len(cells), np.int32)
    for number, span in enumerate(cells):
        left, top, right, bottom = cell_box(sheet.xs, sheet.ys, span)
        owner[top:bottom, left:right] = number
    parts = _parts(label_strokes(sheet), _label_words(sheet), owner, sheet.strong)
    strokes, words = Groups(), Groups()
    for cell, members in parts.items():
        for part in members:
            strokes.add(part.stroke, cell, part)
            words.add(part.word, cell, part)
    corners = [cell_box(sheet.xs, sheet.ys, span) for span in cells]
    # what lies outside is below: that is where seals stand
    corners.append((0, int(sheet.ys[-1]), int(sheet.xs[-1]), len(sheet.ink)))
    held = [
        own_parts(corners, number, parts.get(number, []), strokes, words, [*written, True])
        for number in range(len(cells))
    ]
    readings = [_read_cell(sheet, span, kept, doubt) for span, (kept, doubt) in zip(cells, held, strict=True)]
    whole = _with_whole_signatures(cells, corners, held, readings)
    return [
        _read_cell(sheet, cells[number], held[number][0], doubt=False) if number in whole else reading
        for number, reading in enumerate(readings)
    ]


def _with_whole_signatures(
    cells: Sequence[Span2],
    corners: Sequence[Corners],
    held: Sequence[tuple[list[Part], bool]],
    readings: Sequence[InkReading],
) -> set[int]:
    """Return the cells in doubt whose strokes run together with a neighbour's, but where each has a whole signature.

    A whole one has nearly as much ink as those of the same column that nobody doubts, with its middle well inside.
    """
    columns: dict[tuple[int, int], list[int]] = {}
    for number, span in enumerate(cells):
        columns.setdefault((span.column, span.column_end), []).append(number)
    found: set[int] = set()
    for members in columns.values():
        sure = [
            _pixels(held[n][0]) for n in members if readings[n].confidence == SURE and readings[n].share >= SURE_INK
        ]
        if len(sure) < _FEWEST_SURE:
            continue
        usual = float(np.median(sure))
        whole = {
            n
            for n in members
            if _pixels(held[n][0]) >= _WHOLE * usual and is_signature(corners[n], held[n][0], _SHORT_NAME)
        }
        for number in (n for n in members if held[n][1] and n in whole):
            span = cells[number]
            beside = [n for n in members if cells[n].row == span.row_end or cells[n].row_end == span.row]
            joined = {part.word for part in held[number][0]}
            met = [n for n in beside if joined & {part.word for part in held[n][0]}]
            if met and all(n in whole for n in met):
                found.add(number)
    return found


def _pixels(parts: Sequence[Part]) -> int:
    return sum(part.count for part in parts)


def _label_words(sheet: Sheet) -> NDArray[np.int32]:
    """Return the number of the word each pixel belongs to: strokes that stand close together, over rules too."""
    row = float(np.median(np.diff(sheet.ys)))
    reach = np.ones((2 * max(int(_WORD_DOWN * row), _WORD_LEAST) + 1, 2 * int(_WORD_ACROSS * row) + 1), np.uint8)
    spread = cv2.dilate(sheet.ink.astype(np.uint8), reach)
    return cv2.connectedComponents(spread, connectivity=8)[1].astype(np.int32)


def label_strokes(sheet: Sheet) -> NDArray[np.int32]:
    """Return the number of the stroke each pixel belongs to; strokes that go on beyond a rule get the same number."""
    count, components = cv2.connectedComponents(sheet.ink.astype(np.uint8), connectivity=8)
    labels = components.astype(np.int32)
    parent = np.arange(count)

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    for start, end in sheet.bands_y:
        for one, other in _links(labels, start, end):
            parent[root(one)] = root(other)
    turned = labels.T
    for start, end in sheet.bands_x:
        for one, other in _links(turned, start, end):
            parent[root(one)] = root(other)
    roots = np.array([root(node) for node in range(count)], dtype=np.int32)
    joined: NDArray[np.int32] = roots[labels]
    return joined


def _links(labels: NDArray[np.int32], start: int, end: int) -> set[tuple[int, int]]:
    """Return the pairs of strokes that face one another across rows start..end."""
    if start < 1 or end >= len(labels) or start == end:
        return set()
    above, below = labels[start - 1], labels[end]
    pairs: set[tuple[int, int]] = set()
    for shift in range(-_LINK_REACH, _LINK_REACH + 1):
        moved = np.roll(below, shift)
        both = (above > 0) & (moved > 0) & (above != moved)
        pairs.update(zip(above[both].tolist(), moved[both].tolist(), strict=True))
    return pairs


def _parts(
    strokes: NDArray[np.int32], words: NDArray[np.int32], owner: NDArray[np.int32], strong: Mask
) -> dict[int, list[Part]]:
    """Return the parts of strokes by the cell they lie in."""
    rows, columns = np.nonzero(strokes > 0)
    if not len(rows):
        return {}
    who, where = strokes[rows, columns].astype(np.int64), owner[rows, columns].astype(np.int64)
    word = words[rows, columns]
    dark = strong[rows, columns].astype(np.int64)
    key = where * (int(who.max()) + 1) + who
    order = np.argsort(key, kind="stable")
    rows, columns, who, where = rows[order], columns[order], who[order], where[order]
    dark, key, word = dark[order], key[order], word[order]
    starts = np.nonzero(np.r_[True, key[1:] != key[:-1]])[0]
    counts = np.diff(np.r_[starts, len(key)])
    bounds = [
        np.minimum.reduceat(columns, starts),
        np.minimum.reduceat(rows, starts),
        np.maximum.reduceat(columns, starts) + 1,
        np.maximum.reduceat(rows, starts) + 1,
    ]
    sums = np.add.reduceat(dark, starts)
    result: dict[int, list[Part]] = {}
    for k, start in enumerate(starts.tolist()):
        left, top, right, bottom = (int(b[k]) for b in bounds)
        part = Part(int(who[start]), int(word[start]), int(counts[k]), left, top, right, bottom, int(sums[k]))
        result.setdefault(int(where[start]), []).append(part)
    return result


def _read_cell(sheet: Sheet, span: Span2, parts: Sequence[Part], doubt: bool) -> InkReading:
    inner = inner_box(*cell_box(sheet.xs, sheet.ys, span))
    area = max((inner[2] - inner[0]) * (inner[3] - inner[1]), 1)
    ink = sum(part.count for part in parts)
    share = min(ink / area, 1.0)
    stamped = int(sheet.seal[inner[1] : inner[3], inner[0] : inner[2]].sum()) > _SEALED * area
    # what is left of a stamp is neither as much nor as wide as a signature
    doubt |= stamped and share > BLANK_INK and (share < _CLEAR_UNDER_SEAL or not _sweeping(parts, inner))
    if parts:
        doubt |= sum(part.strong for part in parts) < _STRONG_SHARE * ink
        doubt |= _single_straight(sheet.ink, parts)
    doubt |= BLANK_INK < share < SURE_INK and not _sweeping(parts, inner)
    return InkReading(share, DOUBT if doubt else SURE)


def _sweeping(parts: Sequence[Part], inner: tuple[int, int, int, int]) -> bool:
    """Return whether thin writing is as wide and tall as a signature: little ink then, but no speck."""
    if not parts:
        return False
    row = min(inner[3] - inner[1], USUAL_ROW)
    width = max(part.right for part in parts) - min(part.left for part in parts)
    tall = max(part.bottom for part in parts) - min(part.top for part in parts)
    return width >= SWEEP[0] * row and tall >= SWEEP[1] * row


def _single_straight(ink: Mask, parts: Sequence[Part]) -> bool:
    """Return whether all that stands in the cell is one straight stroke: a dash or slash, hardly a signature.

    A stroke's outline is about twice as long as the way of the pen.
    """
    if len(parts) != 1:
        return False
    (part,) = parts
    crop = np.pad(ink[part.top : part.bottom, part.left : part.right].astype(np.uint8), 1)
    outline = int(crop.sum()) - int(cv2.erode(crop, np.ones((3, 3), np.uint8)).sum())
    return outline < _STRAIGHT * float(np.hypot(part.right - part.left, part.bottom - part.top))


def cell_box(xs: Ints, ys: Ints, span: Span2) -> Corners:
    """Return a cell's left, top, right, bottom in the straightened table."""
    return int(xs[span.column]), int(ys[span.row]), int(xs[span.column_end]), int(ys[span.row_end])
