"""Sign-in sheets: the people's rows from the tables of all pages. Pure."""

from collections.abc import Sequence

from ocr.layout import folded
from ocr.tables import signed_slots
from ocr.types import CellRow, PageText, SignInRow, Table
from ocr.values import CLIPPED, person_name

NAMELESS = 0.2
ORDINAL_DIGITS = 3


def sign_in_rows(pages: Sequence[PageText]) -> tuple[SignInRow, ...]:
    """Return the people's rows of a sheet in order over its pages; rows with neither name nor ink are left out."""
    rows: list[SignInRow] = []
    for page in pages:
        for row in page.table.rows if page.table else ():
            read = _row(page.table, row, len(rows) + 1) if page.table else None
            if read:
                rows.append(read)
    return tuple(rows)


def _row(table: Table, row: CellRow, position: int) -> SignInRow | None:
    cell = row.cells.get("name")
    printed = folded(cell.text) if cell else ""
    signed, sure = signed_slots(row)
    if not printed and not signed and not _text(row, "unit") and not _text(row, "phone"):
        return None
    value = person_name(printed)
    named = min(cell.confidence * (value.factor if value else CLIPPED), sure) if cell and printed else NAMELESS
    ordinal = _text(row, "ordinal")
    return SignInRow(
        ordinal=int(ordinal)
        if ordinal.isascii() and ordinal.isdigit() and len(ordinal) <= ORDINAL_DIGITS
        else position,
        name=value.text if value else printed,
        unit=_text(row, "unit"),
        phone=_text(row, "phone"),
        signed=signed,
        struck=row.struck,
        confidence=round(named, 4),
        page=table.page,
        box=row.box,
    )


def _text(row: CellRow, role: str) -> str:
    cell = row.cells.get(role)
    return folded(cell.text) if cell else ""
