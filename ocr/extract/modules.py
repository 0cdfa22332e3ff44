"""The hours of a training told in a column or row of its parts: the total counts, never one part's. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import takewhile

from core.vocabulary import FieldName
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

Facts = dict[FieldName, Found]

FEWEST = 2
TOTAL = 0.96
DOUBTED = 0.6
# Room between the rows of a column, in heights of a row.
ROW_ROOM = 2.5
_HEADER = re.compile(
    r"(?:培训|研修|学习|认定|实修|完成|获得|在线|计划|核定)*(?:学时|课时|学分)(?:总?数|\([^)]{1,4}\))?:?"
)
_FIGURE = re.compile(r"(?P<hours>\d{1,4}(?:\.\d)?)个?(?:学时|课时|学分)?")
_WITH_UNIT = re.compile(r"\d{1,4}(?:\.\d)?个?(?:学时|课时|学分)")
_TOTAL = re.compile(
    r"(?:(?:学时|课时)?(?:总计|合计|共计|累计|总和)|总(?:学时|课时)数?|(?:合计|总计|累计)(?:学时|课时)?数?)(?:\([^)]{1,6}\))?:?"
)


def with_total_hours(document: DocumentText, facts: Facts) -> Facts:
    """Take the hours from the total where a column or a row holds several; without a total they are doubtful."""
    column = next((c for head in document.lines if len(c := _column(document, head)) >= FEWEST), [])
    parts = column or next((r for head in document.lines if len(r := _row(document, head)) >= FEWEST), [])
    if not parts:
        return facts
    told = facts.get(FieldName.HOURS)
    total = _total(document, column) if column else _row_total(document, parts)
    figures = [Decimal(_value(line)) for line in parts]
    if total is None or (told and Decimal(told.value) not in figures):
        borne = told is None or Decimal(told.value) == (sum(figures) if total is None else Decimal(total.value))
        return facts if borne or told is None else _doubted(facts, told)
    if sum(figures) != 2 * Decimal(total.value):
        return _doubted(facts, total)
    return {**facts, FieldName.HOURS: replace(total, unit=told.unit if told else None)}


def _doubted(facts: Facts, hours: Found) -> Facts:
    return {**facts, FieldName.HOURS: replace(hours, belief=hours.belief * DOUBTED)}


def _value(line: PlacedLine) -> str:
    match = _FIGURE.fullmatch(line.run.text)
    return f"{Decimal(match['hours']).normalize():f}" if match else "0"


def _column(document: DocumentText, head: PlacedLine) -> Sequence[PlacedLine]:
    """Return the bare figures that stand row by row, under a header of hours or with the unit themselves."""
    column: list[PlacedLine] = []
    if _WITH_UNIT.fullmatch(head.run.text):
        column.append(head)
    elif not _HEADER.fullmatch(head.run.text):
        return []
    last = head
    while lower := below(document, last, head):
        if not _FIGURE.fullmatch(lower.run.text) or (column and column[0] is head and _of_label(document, lower)):
            break
        column.append(lower)
        last = lower
    return column


def _row(document: DocumentText, head: PlacedLine) -> Sequence[PlacedLine]:
    """Return the bare figures that stand side by side right of words of hours, up to the row's next words."""
    if not _HEADER.fullmatch(head.run.text):
        return []
    beside = sorted(
        (line for line in document.lines if _on_row(line, head) and line.box.left >= head.box.right),
        key=lambda line: line.box.left,
    )
    return list(takewhile(lambda line: _FIGURE.fullmatch(line.run.text), beside))


def _on_row(line: PlacedLine, other: PlacedLine) -> bool:
    level = abs(line.box.center_y - other.box.center_y) < other.height / 2
    return line is not other and line.page == other.page and level


def _row_total(document: DocumentText, row: Sequence[PlacedLine]) -> Found | None:
    """Return the figure of a row over which words of a total stand."""
    for figure in row:
        match = _FIGURE.fullmatch(figure.run.text)
        caption = max(
            (
                line
                for line in document.lines
                if line.page == figure.page
                and line.box.center_y < figure.box.center_y - figure.height / 2
                and figure.box.top - line.box.bottom < ROW_ROOM * figure.height
                and min(line.box.right, figure.box.right) > max(line.box.left, figure.box.left)
            ),
            key=lambda line: line.box.center_y,
            default=None,
        )
        if match and caption and _TOTAL.fullmatch(caption.run.text):
            return candidate_at(document, FieldName.HOURS, figure.run.part(*match.span("hours")), TOTAL, 0)
    return None


def _of_label(document: DocumentText, figure: PlacedLine) -> bool:
    """Return whether words of hours stand left of a figure: it has a label of its own and is no part."""
    return any(
        _on_row(other, figure) and other.box.right <= figure.box.left and _HEADER.fullmatch(other.run.text)
        for other in document.lines
    )


def below(document: DocumentText, line: PlacedLine, head: PlacedLine) -> PlacedLine | None:
    """Return what stands in the column of `head` on the next row under `line`."""
    near = [
        other
        for other in document.lines
        if other.page == line.page
        and other.box.center_y > line.box.center_y
        and other.box.top - line.box.bottom < ROW_ROOM * head.height
        and min(other.box.right, head.box.right) > max(other.box.left, head.box.left)
    ]
    return min(near, key=lambda other: other.box.center_y, default=None)


def _total(document: DocumentText, column: Sequence[PlacedLine]) -> Found | None:
    """Return the last figure of a column where the row's words left of it say that it is the total."""
    last = column[-1]
    named = any(
        _on_row(other, last) and other.box.right <= last.box.left and _TOTAL.fullmatch(other.run.text)
        for other in document.lines
    )
    match = _FIGURE.fullmatch(last.run.text)
    if not named or match is None:
        return None
    return candidate_at(document, FieldName.HOURS, last.run.part(*match.span("hours")), TOTAL, 0)
