"""Numbers of a sheet's rows: what is misread or unread follows from the numbers around it."""

import pytest

from ocr.extract.sheets import sign_in_rows
from ocr.types import Box, Cell, CellRow, PageText, Table


def numbered(*texts: str) -> list[int]:
    rows = []
    for index, text in enumerate(texts):
        box = Box(0.1, index / 50, 0.9, (index + 1) / 50)
        cells = {"ordinal": Cell(text, 1.0, box, 0.1), "name": Cell("张伟东", 1.0, box, 0.1)}
        rows.append(CellRow(box, cells, struck=False))
    table = Table(1, Box(0.1, 0, 0.9, 1), ("ordinal", "name"), tuple(rows), has_header=True)
    page = PageText(1, 1000, 1400, "ocr", (), table=table)
    return [row.ordinal for row in sign_in_rows([page])]


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        (("1", "2", "8", "1", "5", "6"), [1, 2, 3, 4, 5, 6]),
        (("", "", "3", "4"), [1, 2, 3, 4]),
        (("1", "3", "", "7", "2", "4", "6", "8"), [1, 3, 5, 7, 2, 4, 6, 8]),
        (("1", "2", "3", "11", "12", "13"), [1, 2, 3, 11, 12, 13]),
        (("9", "10", "1", "12", "13", "1"), [9, 10, 11, 12, 13, 14]),
        (("", "", ""), [1, 2, 3]),
    ],
)
def test_numbers_follow_from_their_neighbours(read: tuple[str, ...], wanted: list[int]) -> None:
    assert numbered(*read) == wanted
