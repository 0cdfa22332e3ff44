"""From a grid and the page's text to a sheet's blocks of columns and its bands of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocr.tables.cells import is_name
from ocr.tables.celltext import CellText
from ocr.tables.content import infer_columns
from ocr.tables.glyph import Glyph
from ocr.tables.grid import Grid, Span2
from ocr.tables.header import (
    SIGNATURE,
    Block,
    is_header,
    join_slots,
    misread_role,
    names_two,
    role_of,
    signature_slot,
    split_blocks,
    time_slot,
)
from ocr.tables.signed import with_signatures
from ocr.tables.text import join_glyphs

_HEADER_DEPTH = 12
_SEPARATED = 0.3
_GAP = 70.0
_HEADING = 0.6
_PERSON_ROLES = ("name", "ordinal", "phone", "id_number", "employee_no")


@dataclass(frozen=True, slots=True)
class Band:
    """One person's row in one block: grid rows row..row_end (end excluded)."""

    block: Block
    row: int
    row_end: int

    def span(self, role: str) -> Span2:
        """Return the cells of a role in this row."""
        column = self.block.column(role)
        if column is None:
            raise KeyError(role)
        return Span2(self.row, self.row_end, *column)

    @property
    def whole(self) -> Span2:
        """The row through all columns of its block."""
        return Span2(self.row, self.row_end, self.block.columns[0][1], self.block.columns[-1][2])


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid understood: its blocks, their rows in block order, and the text of each grid cell.

    `unclear` counts header cells that hold the words of several columns.
    """

    grid: Grid
    blocks: tuple[Block, ...]
    bands: tuple[Band, ...]
    has_header: bool
    cells: CellText
    unclear: int = 0

    @property
    def signature_columns(self) -> int:
        """How many signature slots it has."""
        return sum(role.startswith(SIGNATURE) for role in self.blocks[0].roles)


def understand(grid: Grid, glyphs: Sequence[Glyph], expected: Sequence[str] | None) -> Layout | None:
    """Return what the grid's columns and rows are; None if it has no names to sign for."""
    cells = CellText(grid, glyphs)
    header = _find_header(grid, cells)
    if header is not None:
        columns, first = header
        columns = [column for column in columns if not _is_gap(grid, cells, column)]
        columns = with_signatures(grid, cells, columns, first)
        blocks = tuple(block for block in split_blocks(columns) if block.column("name"))
    else:
        first = 0
        blocks = _blocks_without_header(grid, cells, expected)
    if not blocks:
        return None
    bands = tuple(band for block in blocks for band in _bands(grid, cells, block, first))
    unclear = sum(names_two(cells.title(span)) for span in cells.header_cells(first - 1)) if first else 0
    return Layout(grid, blocks, bands, header is not None, cells, unclear) if bands else None


def _is_gap(grid: Grid, cells: CellText, column: tuple[str | None, int, int]) -> bool:
    """Return whether a column is only the space between two blocks."""
    role, first, end = column
    width = float(np.median(grid.points[:, end, 0] - grid.points[:, first, 0]))
    return role is None and width < _GAP and not cells.inside(Span2(0, grid.rows, first, end))


def _find_header(grid: Grid, cells: CellText) -> tuple[list[tuple[str | None, int, int]], int] | None:
    """Return the header's columns (role, first, end) and the first grid row below it."""
    best, best_known = None, 0
    for row in range(min(grid.rows, _HEADER_DEPTH)):
        roles = [role_of(cells.title(span)) for span in cells.header_cells(row)]
        known = sum(role is not None for role in roles)
        if is_header(roles) and known > best_known:
            best, best_known = row, known
    if best is None:
        return None
    spans = cells.header_cells(best)
    names = [span for span in spans if role_of(cells.title(span)) == "name"]
    top = min((span.row for span in names), default=best)
    bottom = max((span.row_end for span in names), default=best + 1)
    if bottom == top + 1 and _is_second_storey(grid, cells, bottom, names):
        bottom += 1
    bottom = min(bottom, grid.rows)
    return _leaves(cells, top, bottom), bottom


def _is_second_storey(grid: Grid, cells: CellText, row: int, names: Sequence[Span2]) -> bool:
    """Return whether the row below the header only names slots (its name cells being empty)."""
    if row >= grid.rows or any(cells.inside(Span2(row, row + 1, s.column, s.column_end)) for s in names):
        return False
    texts = [cells.text(span) for span in cells.row_cells(row)]
    said = [text for text in texts if text]
    return bool(said) and all(signature_slot(text) is not None or role_of(text) is not None for text in said)


def _leaves(cells: CellText, top: int, bottom: int) -> list[tuple[str | None, int, int]]:
    columns: list[tuple[str | None, int, int]] = []
    parents = cells.header_cells(top)
    for leaf in cells.header_cells(bottom - 1):
        parent = next(span for span in parents if span.column <= leaf.column < span.column_end)
        parent_text, leaf_text = cells.title(parent), cells.title(leaf)
        same = cells.numbers[top, leaf.column] == cells.numbers[bottom - 1, leaf.column] or not leaf_text
        role = role_of(parent_text if same else leaf_text)
        if not same and (signature_slot(parent_text) is not None or signature_slot(leaf_text) is not None):
            role = SIGNATURE + join_slots(parent_text, leaf_text)
        role = role or misread_role(parent_text if same else leaf_text)
        columns.append((role, leaf.column, leaf.column_end))
    if any(role is not None and role.startswith(SIGNATURE) for role, _, _ in columns):
        return columns
    times = [time_slot(cells.title(leaf)) for leaf in cells.header_cells(bottom - 1)]
    return [
        (role if slot is None else SIGNATURE + slot, first, end)
        for (role, first, end), slot in zip(columns, times, strict=True)
    ]


def _blocks_without_header(grid: Grid, cells: CellText, expected: Sequence[str] | None) -> tuple[Block, ...]:
    """Return the blocks of a continuation page: the expected columns where they fit, else by content."""
    if expected and grid.columns % len(expected) == 0 and "name" in expected:
        width = len(expected)
        return tuple(
            Block(tuple((role, start + i, start + i + 1) for i, role in enumerate(expected)))
            for start in range(0, grid.columns, width)
        )
    texts = [
        [join_glyphs(cells.inside(Span2(row, row + 1, column, column + 1))) for row in range(grid.rows)]
        for column in range(grid.columns)
    ]
    roles = infer_columns(texts)
    if roles is None:
        return ()
    columns = [(role, index, index + 1) for index, role in enumerate(roles)]
    return tuple(block for block in split_blocks(columns) if block.column("name"))


def _bands(grid: Grid, cells: CellText, block: Block, first: int) -> list[Band]:
    """Return the block's rows below the header: parted where a rule is drawn along the columns of a person."""
    columns = [
        column
        for role, start, end in block.columns
        if role in _PERSON_ROLES or role.startswith(SIGNATURE)
        for column in range(start, end)
    ]
    name = block.column("name")
    if name is None:
        return []
    bands: list[Band] = []
    start = first
    for row in range(first + 1, grid.rows + 1):
        at_end = row == grid.rows
        drawn = at_end or float(grid.row_borders[row, columns].mean()) >= _SEPARATED
        if not drawn and not _names_both(cells, block, (start, row, row + 1)):
            continue
        band = Band(block, start, row)
        start = row
        if _is_person(cells, band, name):
            bands.append(band)
    return bands


def _names_both(cells: CellText, block: Block, rows: tuple[int, int, int]) -> bool:
    """Return whether a rule too faint to be seen here has a person above and one below: names, and numbers if any."""
    name, ordinal = block.column("name"), block.column("ordinal")
    for start, end in pairwise(rows):
        if name is None or not is_name(join_glyphs(cells.inside(Span2(start, end, *name)))):
            return False
        if ordinal and not join_glyphs(cells.inside(Span2(start, end, *ordinal))).strip(".-、").isdigit():
            return False
    return True


def _says_beside(cells: CellText, band: Band, drawn: Span2) -> bool:
    """Return whether a row says anything beside its name's drawn cell, in its own columns."""
    return any(
        cells.inside(Span2(band.row, band.row_end, start, end))
        for _, start, end in band.block.columns
        if end <= drawn.column or start >= drawn.column_end
    )


def _is_person(cells: CellText, band: Band, name: tuple[int, int]) -> bool:
    """Return whether a band is a person's row: not a heading across the columns, nor the header once more."""
    drawn = cells.drawn_span(band.row, name[0])
    first, last = band.block.columns[0][1], band.block.columns[-1][2]
    wide = min(drawn.column_end, last) - max(drawn.column, first)
    beyond = drawn.column_end > name[1] or first <= drawn.column < name[0]
    # a rule broken in one place does not make a heading: that leaves the rest of its row empty
    if beyond and (wide > _HEADING * (last - first) or not _says_beside(cells, band, drawn)):
        return False
    return role_of(join_glyphs(cells.inside(band.span("name")))) is None
