"""Score pages that list a learner's courses in a table: the one that has a total. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

Facts = dict[FieldName, Found]

CELL = 0.94
SEVERAL = 0.6
HEADED = 3
ROW_SHARE = 0.5
UNIT = "学时"

_COLUMNS: tuple[tuple[FieldName, re.Pattern[str]], ...] = (
    (FieldName.TITLE, re.compile(r"(?:所学|学习|修读|选修)?课程(?:名称?|标题)?")),
    (FieldName.ISSUER, re.compile(r"(?:开课)?(?:学校|高校|院校|单位)")),
    (FieldName.HOURS, re.compile(r"(?:课程|总)?(?:学时|课时)(?:数)?")),
    (FieldName.PERIOD_END, re.compile(r"(?:课程)?(?:结束|结课|截止|完成)(?:时间|日期)?")),
    (FieldName.SCORE, re.compile(r"(?:总|最终|综合|课程|总评|我的)?(?:成绩|得分|分数)|总成.|总分|总评")),
)
_OPEN = re.compile(r"进行中|未开始|学习中|未结束|未完成")
_FAILED = "未通过"


def table_course(document: DocumentText) -> Facts | None:
    """Return the facts of the one course in a table that has a total; None where there is no such table.

    Of several courses with a total the first is given, with little belief: whose credit is asked for is open.
    """
    header = _header(document)
    if header is None or FieldName.SCORE not in header:
        return None
    titles = header[FieldName.TITLE]
    below = [line for line in document.lines if line.page == titles.page and line.box.top > titles.box.bottom]
    rows = [_row(document, header, below, line) for line in below if _under(line, titles)]
    scored = [row for row in rows if FieldName.SCORE in row]
    if not scored:
        return None
    doubt = 1.0 if len(scored) == 1 else SEVERAL
    return {name: replace(found, belief=found.belief * doubt) for name, found in scored[0].items()}


def _header(document: DocumentText) -> dict[FieldName, PlacedLine] | None:
    """Return the columns' headings: a row of at least three, the course among them."""
    for line in document.lines:
        if not _COLUMNS[0][1].fullmatch(line.run.text):
            continue
        beside = [other for other in document.lines if other.page == line.page and _level(line, other)]
        found = {
            name: other for name, words in _COLUMNS for other in beside if words.fullmatch(other.run.text.rstrip(":"))
        }
        if len(found) >= HEADED:
            return found
    return None


def lists_courses(document: DocumentText) -> bool:
    """Return whether a page is a table of several courses, whatever is told of each."""
    header = _header(document)
    if header is None:
        return False
    titles = header[FieldName.TITLE]
    rows = [
        line
        for line in document.lines
        if line.page == titles.page and line.box.top > titles.box.bottom and _under(line, titles)
    ]
    return len(rows) > 1


def _row(
    document: DocumentText, header: dict[FieldName, PlacedLine], below: Sequence[PlacedLine], title: PlacedLine
) -> Facts:
    """Return the cells of a course's row as facts; none for a course that is still open."""
    cells = [line for line in below if _level(title, line)]
    if any(_OPEN.search(line.run.text) for line in cells):
        return {}
    facts: Facts = {}
    for name, head in header.items():
        line = title if name is FieldName.TITLE else next((c for c in cells if _under(c, head)), None)
        found = candidate_at(document, name, line.run, CELL, 0) if line else None
        if found:
            facts[name] = found
    if FieldName.SCORE not in facts and any(_FAILED in line.run.text for line in cells):
        return {}
    hours = facts.get(FieldName.HOURS)
    if hours:
        facts[FieldName.HOURS_UNIT] = replace(hours, name=FieldName.HOURS_UNIT, value=UNIT)
    return facts


def _level(one: PlacedLine, other: PlacedLine) -> bool:
    shared = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    return shared > ROW_SHARE * min(one.height, other.height)


def _under(cell: PlacedLine, head: PlacedLine) -> bool:
    return min(cell.box.right, head.box.right) > max(cell.box.left, head.box.left)
