"""Sign-in sheets: the people's rows from the tables of all pages. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from ocr.glyphs import simplified
from ocr.runs import folded, union
from ocr.tables import is_ticked, is_typed, signed_slots
from ocr.tables.header import SIGNATURE, spellings
from ocr.tables.ink import DOUBT, SIGNED_INK
from ocr.types import Cell, CellRow, PageText, SignInRow, Table
from ocr.values import CLIPPED, person_name

NAMELESS = 0.2
# Pieces of a parted row are lower than this share of the usual row.
PIECE = 0.8
HALVES = {"上": "上午", "下": "下午"}
ORDINAL_DIGITS = 3
MOST_BLOCKS = 3
MOST_LOST = 6
# Columns in which it is told why somebody was away.
REMARKS = ("remark", "other", "title")
# What stands below a table: who filled it in, who checked it, the page's number.
FOOT = re.compile(
    r"(?:填表|制表|审核|复核|审批|记录|统计|经办|负责|联系|组织|主持|班主任?|签到管理|考勤)[人员者]?(?:签[字名])?(?:[(][^)]*[)])?[:：]"
    r"|^第\d+页|共\d+页|^-?\d+/\d+-?$|(?:应到|实到|缺席|合计|总计)(?:人数)?[:：]?\d*人?|[（(](?:盖?章|公章)[)）]|^说明[:：]|^注[:：]"
)


def without_table(page: PageText) -> PageText:
    """Return a page without the lines of its table: what is said of the activity stands around it."""
    if page.table is None or not page.table.rows:
        return page
    # The head can stand in the same ruled frame: only the people's rows are left out.
    box = union([row.box for row in page.table.rows])
    around = tuple(
        line
        for line in page.lines
        if not (box.top < line.box.center_y < box.bottom and box.left < line.box.center_x < box.right)
    )
    return replace(page, lines=around)


def sign_in_rows(pages: Sequence[PageText]) -> tuple[SignInRow, ...]:
    """Return the people's rows of a sheet in order over its pages; rows in which nothing is printed are left out."""
    rows: list[SignInRow] = []
    tables = [page.table for page in pages if page.table]
    every = [row for table in tables for row in table.rows]
    ticked, typed = is_ticked(every), is_typed(every)
    for table in tables:
        for row in _whole(table.rows):
            read = _row(table, row, ticked=ticked, typed=typed)
            if read:
                rows.append(read)
    return tuple(_numbered(rows))


def _whole(rows: Sequence[CellRow]) -> list[CellRow]:
    """Put rows together that a stroke parted: a lower than usual piece without number and name goes to a neighbour."""
    usual = median(row.box.height for row in rows) if rows else 0.0
    whole: list[CellRow] = []
    waiting: CellRow | None = None
    for row in rows:
        if waiting is not None:
            row, waiting = _merged(waiting, row), None  # noqa: PLW2901 - the piece belongs to this row
        if _text(row, "name") or _text(row, "ordinal") or row.box.height > PIECE * usual:
            whole.append(row)
        elif whole and whole[-1].box.height < PIECE * usual:
            whole[-1] = _merged(whole[-1], row)
        else:
            waiting = row
    return [*whole, *([waiting] if waiting is not None else [])]


def _merged(upper: CellRow, lower: CellRow) -> CellRow:
    """Return two pieces of one person's row as one; what is in doubt in either stays in doubt."""
    cells: dict[str, Cell] = {}
    for role in {**upper.cells, **lower.cells}:
        pieces = [row.cells[role] for row in (upper, lower) if role in row.cells]
        texts = list(dict.fromkeys(cell.text for cell in pieces if cell.text))
        cells[role] = Cell(
            text="".join(texts),
            confidence=min(cell.confidence for cell in pieces if cell.text or not texts or role.startswith(SIGNATURE)),
            box=union([cell.box for cell in pieces]),
            ink=max(cell.ink for cell in pieces),
            evidence=next((cell.evidence for cell in pieces if cell.evidence), None) if len(texts) == 1 else None,
        )
    return CellRow(union([upper.box, lower.box]), cells, upper.struck or lower.struck)


def _numbered(rows: list[SignInRow]) -> list[SignInRow]:
    """Set misread or unread numbers right that their neighbours prove: 9, 1, 11 is 9, 10, 11; 9, 1, 13 is 9, 11, 13.

    Numbers rise by one, or by the number of blocks side by side; 0 stands for none read.
    """
    count = len(rows)
    read = [row.ordinal for row in rows]
    steps = Counter(after - before for before, after in pairwise(read) if before and after)
    step = next((s for s, _ in steps.most_common() if 0 < s <= MOST_BLOCKS), 1)
    rises = [bool(before) and after - before == step for before, after in pairwise(read)]
    borne = [i for i in range(count) if (i and rises[i - 1]) or (i + 1 < count and rises[i])]
    fixed = []
    for index, row in enumerate(rows):
        before = max((i for i in borne if i <= index), default=None)
        after = min((i for i in borne if i >= index), default=None)
        forward = read[before] + step * (index - before) if before is not None else None
        backward = read[after] - step * (after - index) if after is not None else None
        agreed = forward is None or backward is None or forward == backward
        proven = next((n for n in (forward, backward) if n is not None and n > 0), None)
        if proven is not None and (agreed or not row.ordinal):
            fixed.append(replace(row, ordinal=proven))
        else:
            fixed.append(row if row.ordinal else replace(row, ordinal=index + 1))
    return _gaps_doubted(fixed, set(borne), step)


def _gaps_doubted(rows: list[SignInRow], borne: set[int], step: int) -> list[SignInRow]:
    """Doubt the row after a number that is missing between numbers borne out: a person's row may not have been seen."""
    lost = {
        index
        for index in range(1, len(rows))
        if {index - 1, index} <= borne and step < rows[index].ordinal - rows[index - 1].ordinal <= MOST_LOST * step
    }
    return [replace(row, ink=min(row.ink, DOUBT)) if index in lost else row for index, row in enumerate(rows)]


def _row(table: Table, row: CellRow, *, ticked: bool, typed: bool) -> SignInRow | None:
    cell = row.cells.get("name")
    printed = simplified(folded(cell.text)) if cell else ""
    signed, sure = signed_slots(row, ticked=ticked, typed=typed)
    if signed and _speaks_against(row):
        sure = min(sure, DOUBT)
    if row.struck:
        # Whoever is struck out gets nothing, signed or not.
        sure = 1.0
    said = [_text(row, role) for role in row.cells if not role.startswith(SIGNATURE) and role != "ordinal"]
    if not any(said) and not (signed and cell and cell.ink >= SIGNED_INK):
        # A band between rows, or an empty row, numbered or not: nobody is meant.
        return None
    if FOOT.search("".join(_text(row, role) for role in row.cells)):
        return None
    value = person_name(printed)
    # The column says that it is a name: a rare surname is no doubt there, a single character is.
    shape = CLIPPED if value is None or len(value.text) == 1 else 1.0
    named = min(cell.confidence * shape, sure) if cell and printed else NAMELESS
    ordinal = _text(row, "ordinal")
    return SignInRow(
        ordinal=int(ordinal) if ordinal.isascii() and ordinal.isdigit() and len(ordinal) <= ORDINAL_DIGITS else 0,
        name=value.text if value else printed,
        unit=_text(row, "unit"),
        phone=_text(row, "phone"),
        signed=tuple(HALVES.get(slot, slot) for slot in signed),
        struck=row.struck,
        confidence=round(named, 4),
        page=table.page,
        box=row.box,
        evidence=cell.evidence if cell else None,
        ink=round(sure, 4),
    )


def _speaks_against(row: CellRow) -> bool:
    """Return whether a remark says that somebody was away or did not sign in person."""
    remarks = (_text(row, role) for role in row.cells if role.startswith(REMARKS))
    return any(spellings().against.search(text) for text in remarks)


def _text(row: CellRow, role: str) -> str:
    cell = row.cells.get(role)
    return folded(cell.text) if cell else ""
