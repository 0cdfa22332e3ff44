"""Grids of ruling lines: which rules cross one another, where, and which borders between cells are really drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr.tables.columns import drawn_throughout
from ocr.tables.glyph import Glyph
from ocr.tables.rules import Floats, Image, Rule, unite_doubles
from ocr.tables.strokes import drop_strokes, without_folds
from ocr.tables.trace import trace

# Pixels of the working image (see rules.WORKING_SIDE).
_REACH = 14.0
_EDGE_DRAWN = 0.35
_OPEN_SIDE = 25.0
_FULL_LENGTH = 0.6
_BORDER_SEEN = 0.35
_SHORT_RULE = 200.0
_COLUMN_DRAWN = 0.4


@dataclass(frozen=True, slots=True)
class Span2:
    """A block of grid cells: rows row..row_end and columns column..column_end, ends excluded."""

    row: int
    row_end: int
    column: int
    column_end: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Rules that cross into a table. `points` is (horizontal, vertical, 2): the crossings in pixels.

    `row_borders[i, j]` says how much (0..1) of horizontal rule i is drawn along column j, `column_borders[i, j]` how
    much of vertical rule j along row i. `ruled` is False for a grid laid through white space. `folds` are the level and
    the plumb folds of the paper across the table.
    """

    horizontal: tuple[Rule, ...]
    vertical: tuple[Rule, ...]
    points: Floats
    row_borders: Floats
    column_borders: Floats
    ruled: bool = True
    folds: tuple[tuple[Rule, ...], tuple[Rule, ...]] = ((), ())

    @property
    def rows(self) -> int:
        """Number of rows between the rules."""
        return len(self.horizontal) - 1

    @property
    def columns(self) -> int:
        """Number of columns between the rules."""
        return len(self.vertical) - 1

    def locate(self, x: float, y: float) -> tuple[int, int] | None:
        """Return (row, column) of the cell that holds a point, or None outside the table."""
        row = sum(rule.at(x) <= y for rule in self.horizontal) - 1
        column = sum(rule.at(y) <= x for rule in self.vertical) - 1
        if 0 <= row < self.rows and 0 <= column < self.columns:
            return row, column
        return None

    def merged(self) -> NDArray[np.int64]:
        """Return for each grid cell the number of the drawn cell it belongs to: undrawn borders do not part cells."""
        numbers = np.arange(self.rows * self.columns).reshape(self.rows, self.columns)
        for _ in range(self.rows + self.columns):
            before = numbers.copy()
            for row in range(self.rows):
                for column in range(self.columns):
                    if row and self.row_borders[row, column] < _BORDER_SEEN:
                        numbers[row - 1 : row + 1, column] = numbers[row - 1 : row + 1, column].min()
                    if column and self.column_borders[row, column] < _BORDER_SEEN:
                        numbers[row, column - 1 : column + 1] = numbers[row, column - 1 : column + 1].min()
            if (before == numbers).all():
                break
        return numbers

    def block_corners(self, span: Span2) -> Floats:
        """Return the corner points of a block of cells, clockwise from top left, in pixels."""
        p = self.points
        return np.array(
            [
                p[span.row, span.column],
                p[span.row, span.column_end],
                p[span.row_end, span.column_end],
                p[span.row_end, span.column],
            ]
        )


def find_grids(
    gray: Image, horizontal: Sequence[Rule], vertical: Sequence[Rule], glyphs: Sequence[Glyph]
) -> list[Grid]:
    """Return the grids on a page, largest first. Rules that cross fewer than two others are no part of a grid."""
    turned = np.ascontiguousarray(gray.T)
    horizontal = [_follow(rule, gray) for rule in horizontal]
    vertical = [_follow(rule, turned) for rule in vertical]
    crossing = np.array([[_crosses(h, v) for v in vertical] for h in horizontal], dtype=bool)
    if crossing.size == 0:
        return []
    h_alive, v_alive = np.ones(len(horizontal), bool), np.ones(len(vertical), bool)
    while True:
        live = crossing & h_alive[:, None] & v_alive[None, :]
        h_next, v_next = live.sum(1) >= 2, live.sum(0) >= 2  # noqa: PLR2004 - a rule of a grid crosses two others
        if (h_next == h_alive).all() and (v_next == v_alive).all():
            break
        h_alive, v_alive = h_next, v_next
    grids = []
    for h_set, v_set in _connected(live):
        grid = build_grid([horizontal[i] for i in h_set], [vertical[j] for j in v_set], glyphs)
        if grid is not None:
            grids.append(grid)
    return sorted(grids, key=lambda grid: -grid.rows * grid.columns)


def _follow(rule: Rule, gray: Image) -> Rule:
    """Trace a long enough rule on to the page's edges; a short one's direction is too uncertain."""
    if rule.high - rule.low < _SHORT_RULE:
        return rule
    return trace(rule, gray, 0.0, float(gray.shape[1]))


def _crosses(h: Rule, v: Rule) -> bool:
    y = h.at((h.low + h.high) / 2)
    x = v.at(y)
    y = h.at(x)
    return h.touches(x, _REACH) and v.touches(y, _REACH)


def _connected(live: NDArray[np.bool_]) -> list[tuple[list[int], list[int]]]:
    """Return the groups of rules that hang together by their crossings."""
    groups = []
    rest = set(np.nonzero(live.any(1))[0].tolist())
    while rest:
        h_set, v_set = {rest.pop()}, set()
        while True:
            v_set = set(np.nonzero(live[sorted(h_set)].any(0))[0].tolist())
            wider = set(np.nonzero(live[:, sorted(v_set)].any(1))[0].tolist())
            if wider == h_set:
                break
            h_set = wider
        rest -= h_set
        groups.append((sorted(h_set), sorted(v_set)))
    return groups


def build_grid(horizontal: Sequence[Rule], vertical: Sequence[Rule], glyphs: Sequence[Glyph]) -> Grid | None:
    """Order the rules of one table, drop strokes that are no rules, close open sides, and compute the crossings."""
    plumb, level = without_folds(vertical, horizontal), without_folds(horizontal, vertical)
    folds = (tuple(r for r in horizontal if r not in level), tuple(r for r in vertical if r not in plumb))
    horizontal, vertical = level, plumb
    left, right = min(h.low for h in horizontal), max(h.high for h in horizontal)
    top, bottom = min(v.low for v in vertical), max(v.high for v in vertical)
    columns = unite_doubles(_lend_shape(vertical), (top + bottom) / 2)
    rows = unite_doubles(_lend_shape(horizontal), (left + right) / 2)
    columns = [rule for rule in columns if rule.covered >= _COLUMN_DRAWN * (bottom - top)]
    if not columns:
        return None
    columns = _close_sides(columns, rows)
    rows = _close_sides(rows, columns)
    rows = drop_strokes(rows, columns, glyphs)
    if len(rows) < 2 or len(columns) < 2:  # noqa: PLR2004 - two rules enclose a cell
        return None
    laid = lay_grid(rows, columns)
    columns = drawn_throughout(laid.vertical, laid.points, laid.column_borders)
    grid = _trim_edges(lay_grid(rows, columns)) if len(columns) > 1 else None
    return replace(grid, folds=folds) if grid else None


def _trim_edges(grid: Grid) -> Grid | None:
    """Return the grid without outer rows and columns that no crossing rules enclose: text beside the table."""
    rows, columns = list(grid.horizontal), list(grid.vertical)
    across, down = grid.column_borders.mean(axis=1), grid.row_borders.mean(axis=0)
    top, bottom, left, right = 0, len(across), 0, len(down)
    while top < bottom and across[top] < _EDGE_DRAWN:
        top += 1
    while bottom > top and across[bottom - 1] < _EDGE_DRAWN:
        bottom -= 1
    while left < right and down[left] < _EDGE_DRAWN:
        left += 1
    while right > left and down[right - 1] < _EDGE_DRAWN:
        right -= 1
    if top == bottom or left == right:
        return None
    return lay_grid(rows[top : bottom + 1], columns[left : right + 1])


def lay_grid(rows: Sequence[Rule], columns: Sequence[Rule], *, ruled: bool = True) -> Grid:
    """Compute crossings and borders of ordered rules."""
    points = np.zeros((len(rows), len(columns), 2))
    for i, h in enumerate(rows):
        for j, v in enumerate(columns):
            y = h.at((h.low + h.high) / 2)
            for _ in range(3):
                x = v.at(y)
                y = h.at(x)
            points[i, j] = x, y
    row_borders = np.ones((len(rows), len(columns) - 1))
    column_borders = np.ones((len(rows) - 1, len(columns)))
    for i, h in enumerate(rows):
        for j in range(len(columns) - 1):
            row_borders[i, j] = h.coverage(points[i, j, 0] + 4, points[i, j + 1, 0] - 4)
    for j, v in enumerate(columns):
        for i in range(len(rows) - 1):
            column_borders[i, j] = v.coverage(points[i, j, 1] + 4, points[i + 1, j, 1] - 4)
    return Grid(tuple(rows), tuple(columns), points, row_borders, column_borders, ruled)


def _lend_shape(rules: Sequence[Rule]) -> list[Rule]:
    """Give short rules the direction of the long ones beside them: their own is too uncertain to be drawn out."""
    longest = max(rule.high - rule.low for rule in rules)
    full = [rule for rule in rules if rule.high - rule.low >= _FULL_LENGTH * longest]
    return [rule if rule in full else _like_neighbours(rule, full) for rule in rules]


def _like_neighbours(rule: Rule, full: Sequence[Rule]) -> Rule:
    middle = (rule.low + rule.high) / 2
    here = rule.at(middle)
    before = max((f for f in full if f.at(middle) <= here), key=lambda f: f.at(middle), default=None)
    after = min((f for f in full if f.at(middle) > here), key=lambda f: f.at(middle), default=None)
    known = [f for f in (before, after) if f is not None]
    weight = 0.0
    if before is not None and after is not None:
        weight = (here - before.at(middle)) / max(after.at(middle) - before.at(middle), 1.0)
    size = max(len(f.coefficients) for f in known)
    padded = [np.pad(np.array(f.coefficients), (size - len(f.coefficients), 0)) for f in known]
    shape = padded[0] if len(padded) == 1 else padded[0] * (1 - weight) + padded[1] * weight
    shape[-1] += here - np.polyval(shape, middle)
    domain = (max(f.domain[0] for f in known), min(f.domain[1] for f in known))
    return replace(rule, coefficients=tuple(float(c) for c in shape), domain=domain)


def _close_sides(rules: list[Rule], across: Sequence[Rule]) -> list[Rule]:
    """Add the outer rules of a table whose sides are open, at the ends of the rules that run across."""
    low = float(np.median([rule.low for rule in across]))
    high = float(np.median([rule.high for rule in across]))
    middle = across[len(across) // 2]
    place = middle.at((middle.low + middle.high) / 2)
    result = list(rules)
    if rules[0].at(place) - low > _OPEN_SIDE:
        result.insert(0, _shifted(rules[0], low - rules[0].at(place)))
    if high - rules[-1].at(place) > _OPEN_SIDE:
        result.append(_shifted(rules[-1], high - rules[-1].at(place)))
    return result


def _shifted(rule: Rule, offset: float) -> Rule:
    coefficients = (*rule.coefficients[:-1], rule.coefficients[-1] + offset)
    return replace(rule, coefficients=coefficients, spans=((rule.low, rule.high),))
