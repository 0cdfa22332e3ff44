"""Which columns a sheet's page has that shows no header: those of the sheet's last header."""

from collections.abc import Sequence

from ocr.reader import carried_columns
from ocr.types import Box, Line, PageText, Table

HEADED = ("ordinal", "name", "signature:签字")
MISREAD = ("ordinal", "name", "signature:签名", "unit", "signature:签名2")


def page(columns: Sequence[str] | None, *, header: bool = False, says: str = "云县第二中学") -> PageText:
    table = (
        Table(page=1, box=Box(0.1, 0.2, 0.9, 0.8), columns=tuple(columns), rows=(), has_header=header)
        if columns
        else None
    )
    lines = (Line(says, 0.9, Box(0.1, 0.1, 0.5, 0.15)),) if says else ()
    return PageText(number=1, width=800, height=1000, source="ocr", lines=lines, table=table)


def test_the_last_header_counts_over_pages_without_one() -> None:
    columns = carried_columns(page(HEADED, header=True), None)
    assert columns == HEADED
    assert carried_columns(page(MISREAD), columns) == HEADED
    assert carried_columns(page(MISREAD, header=True), columns) == MISREAD
    assert carried_columns(page(MISREAD), None) == MISREAD


def test_a_blank_page_ends_no_sheet_and_another_paper_does() -> None:
    assert carried_columns(page(None, says=""), HEADED) == HEADED
    assert carried_columns(page(None), HEADED) is None
