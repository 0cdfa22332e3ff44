"""Columns that people signed in though their title was not read: what stands in them reads as the names beside."""

from ocr.tables.celltext import CellText
from ocr.tables.content import DEFAULT_SLOT
from ocr.tables.grid import Grid, Span2
from ocr.tables.header import SIGNATURE
from ocr.tables.text import join_glyphs

Column = tuple[str | None, int, int]

_FEWEST = 3
_MOSTLY = 0.5


def with_signatures(grid: Grid, cells: CellText, columns: list[Column], first: int) -> list[Column]:
    """Return a header's columns with those of no known title made signatures' where they repeat the rows' names.

    `first` is the first grid row below the header. Nobody but the signer writes a row's name once more.
    """
    result: list[Column] = []
    name: Column | None = None
    for column in columns:
        role, start, end = column
        if role == "name":
            name = column
        elif role is None and name is not None and _repeats_names(grid, cells, (start, end), name[1:], first):
            column = (SIGNATURE + DEFAULT_SLOT, start, end)  # noqa: PLW2901 - the same column, now known
        result.append(column)
    return result


def _repeats_names(grid: Grid, cells: CellText, column: tuple[int, int], name: tuple[int, int], first: int) -> bool:
    """Return whether most of what was read in a column shares a character with the name in its row."""
    said = alike = 0
    for row in range(first, grid.rows):
        text = join_glyphs(cells.inside(Span2(row, row + 1, *column)))
        if text:
            said += 1
            alike += bool(set(text) & set(join_glyphs(cells.inside(Span2(row, row + 1, *name)))))
    return alike >= _FEWEST and alike >= _MOSTLY * said
