"""The text of a grid's cells, drawn ones and such as a header's broken rule makes."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr.tables.glyph import Glyph
from ocr.tables.grid import Grid, Span2
from ocr.tables.header import role_of
from ocr.tables.text import join_glyphs, words


class CellText:
    """The page's characters by grid cell and by drawn (merged) cell."""

    def __init__(self, grid: Grid, glyphs: Sequence[Glyph]) -> None:
        """Put each character into the grid cell that holds its middle; a lone one stays with its word."""
        self.numbers: NDArray[np.int64] = grid.merged()
        self._grid: dict[tuple[int, int], list[Glyph]] = {}
        for word in words(glyphs):
            places = [grid.locate(glyph.center_x, glyph.center_y) for glyph in word]
            main = max(set(places), key=places.count)
            for glyph, place in zip(word, places, strict=True):
                own = main if places.count(place) == 1 and places.count(main) > 1 else place
                if own is not None:
                    self._grid.setdefault(own, []).append(glyph)

    def inside(self, span: Span2) -> list[Glyph]:
        """Return the characters inside a block of grid cells."""
        return [
            glyph
            for row in range(span.row, span.row_end)
            for column in range(span.column, span.column_end)
            for glyph in self._grid.get((row, column), ())
        ]

    def drawn(self, span: Span2) -> list[Glyph]:
        """Return the characters inside the drawn cells that a block of grid cells belongs to."""
        wanted = np.unique(self.numbers[span.row : span.row_end, span.column : span.column_end])
        rows, columns = np.nonzero(np.isin(self.numbers, wanted))
        places = zip(rows.tolist(), columns.tolist(), strict=True)
        return [glyph for place in places for glyph in self._grid.get(place, ())]

    def drawn_span(self, row: int, column: int) -> Span2:
        """Return the extent of the drawn cell at a grid cell."""
        rows, columns = np.nonzero(self.numbers == self.numbers[row, column])
        return Span2(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)

    def row_cells(self, row: int) -> list[Span2]:
        """Return the drawn cells of a grid row from the left."""
        spans = []
        column = 0
        while column < self.numbers.shape[1]:
            span = self.drawn_span(row, column)
            spans.append(Span2(span.row, span.row_end, column, max(span.column_end, column + 1)))
            column = max(span.column_end, column + 1)
        return spans

    def header_cells(self, row: int) -> list[Span2]:
        """Return the drawn cells of a header's row, parted where two titles stand and the rule between them broke."""
        spans = []
        for span in self.row_cells(row):
            parts = [Span2(span.row, span.row_end, c, c + 1) for c in range(span.column, span.column_end)]
            said = [part for part in parts if self.inside(part)]
            titles = [role_of(join_glyphs(self.inside(part))) for part in said]
            if len(said) < 2 or None in titles or len(set(titles)) < len(titles):  # noqa: PLR2004 - one title or none
                spans.append(span)
                continue
            stops = [span.column, *(part.column for part in said[1:]), span.column_end]
            spans += [Span2(span.row, span.row_end, start, end) for start, end in pairwise(stops)]
        return spans

    def title(self, span: Span2) -> str:
        """Return a header cell's text: the drawn cell's, or its own where the drawn cell holds several titles."""
        drawn = self.drawn_span(span.row, span.column)
        whole = (drawn.column, drawn.column_end) == (span.column, span.column_end)
        return self.text(span) if whole else join_glyphs(self.inside(span))

    def text(self, span: Span2) -> str:
        """Return the text of the drawn cells at a block of grid cells."""
        return join_glyphs(self.drawn(span))
