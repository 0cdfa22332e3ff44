"""Headings of sign-in sheets: an organiser over a title, a title over two or more lines. Pure."""

import re
from collections.abc import Sequence

from core.vocabulary import FieldName
from ocr.extract.issuers import is_persons_unit, org_on
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run, folded
from ocr.tables.header import plain, spellings

Facts = dict[FieldName, Found]

TITLE = 0.94
# Of a first line that is an activity by its last word.
ON_TOP = 0.92
ISSUER = 0.94
# Lines of one heading: of like size, one below the other, on one axis.
LIKE_SIZE = 0.72
SHEET_WORD_SIZE = 0.55
NEAR = 3.2
AXIS = 0.09
LONGEST_TITLE = 60
SHORTEST_TITLE = 4
LONGER_THAN_COLUMN = 7
_SHEET = re.compile(
    r"(?:(?:参训|参会|与会|到会|参加)(?:教师|学员|人员|代表)|学员|人员|教师|代表|现场|会议|考勤|出勤|扫码|电子|线上|网上|刷脸)*"
    r"(?:签到|签名|签字|报到|考勤)(?:[、/和及与]?签[退到])?(?:登记|记录|情况|名)?(?:表|册|簿|单)?(?:\([^)]{1,12}\))?"
    r"(?:[A-Za-z][A-Za-z -]{2,30})?$"
)
# Whoever is called so is part of the title: 骨干教师培训 is cut nowhere, 骨干教师签到表 keeps its 教师.
_CALLED = re.compile(r"(?:骨干|优秀|新任|新入职|新|乡村|特岗|全体|青年|学科|名|[小中]学|幼儿园)$")
_WHO = re.compile(r"^(?:教师|学员|人员|代表)")
_NAMED = re.compile(r"(?:表|册|簿|单)(?:\([^)]{1,12}\))?(?:[A-Za-z][A-Za-z -]{2,30})?$")
# Who signs in, told before the word, without a word for the sheet: no column is called so.
_WHO_SIGN = re.compile(r"(?:参训|参会|与会|到会|现场)(?:教师|学员|人员|代表)?(?:签到|报到)")
# Any activity's words: a heading of nothing else names none.
_GENERIC = re.compile(
    r"(?:教职员?工|教师|学员|人员|代表|培训|活动|会议|教研|研修|学习|讲座|参会|参训|参加|与会|到会|集中|全体|全员|日常|现场|业务|专题"
    r"|继续教育|教育|教学|考勤|出勤|签到|签名|报到|登记|情况|班|会|类|各|及|与|和|[()/、·\s-])*"
)
_ACTIVITY = re.compile(
    r"[^:,。|丨]*(?:培训|研修|研讨|教研|讲座|活动|论坛|课堂|[^委员]会|[^员]班|观摩|展示|交流|学习|比赛|大赛|评比|工程|项目)(?:\([^()]{1,16}\))?"
)
_ORGANISERS = re.compile(
    r".{2,18}?(?:局|厅|研究?室|电教馆|中心|学校|[中小]学|幼儿园)(?:教师|学员|人员)?(?:培训|活动|会议)?"
)


def naming(document: DocumentText, found: Sequence[Found]) -> list[Found]:
    """Return candidates that name something: 会议(培训)签到簿 names no activity, a column's 所在学校 no school.

    Nor is an organisation the organiser that a label calls another thing: who helps, where it was held.
    """
    return [f for f in found if not _says_nothing(f) and not _called_otherwise(document, f)]


def _is_generic(text: str) -> bool:
    """Return whether a heading names no activity: any activity's words, or an organiser with them."""
    return bool(_GENERIC.fullmatch(text) or _ORGANISERS.fullmatch(text))


def _called_otherwise(document: DocumentText, found: Found) -> bool:
    if found.name is not FieldName.ISSUER:
        return False
    box = found.span.box
    own = (line for line in document.lines if document.pages[line.page].number == found.span.page)
    line = next((line for line in own if line.box == box), None)
    return line is not None and is_persons_unit(document, line)


def _says_nothing(found: Found) -> bool:
    if found.name is FieldName.TITLE:
        return _is_generic(folded(found.value))
    return found.name is FieldName.ISSUER and plain(found.value) in spellings().roles


def refine_sheet(document: DocumentText, facts: Facts) -> Facts:
    """Put together the heading of a sign-in sheet: its organiser and its activity, where labels do not name them."""
    lines = _heading(document)
    if not lines:
        return _with_top_line(document, facts)
    out = dict(facts)
    organisers: list[Found] = []
    while len(lines) > 1:
        order, line = lines[0]
        org = org_on(document, line, order)
        if org is None or len(org.span.text) < len(line.run.text):
            break
        organisers.append(org)
        lines = lines[1:]
    title = _title(document, lines)
    known = facts.get(FieldName.TITLE)
    own = {line.index for _, line in lines}
    if title is not None and (known is None or known.belief < title.belief or _stands_in(document, known, own)):
        out[FieldName.TITLE] = title
    issuer = facts.get(FieldName.ISSUER)
    if organisers and (issuer is None or issuer.belief < ISSUER * organisers[0].span.confidence):
        first = organisers[0]
        out[FieldName.ISSUER] = Found(
            FieldName.ISSUER, first.value, ISSUER * first.span.confidence, first.span, first.place
        )
    return out


def _with_top_line(document: DocumentText, facts: Facts) -> Facts:
    """Take the first line of a sheet for its activity, where it says one and no heading with the sheet's word does."""
    first = min(((line.box.top, order) for order, line in enumerate(document.lines) if line.page == 0), default=None)
    if first is None or FieldName.TITLE in facts:
        return facts
    run = document.lines[first[1]].run
    if not SHORTEST_TITLE <= len(run.text) <= LONGEST_TITLE or not _ACTIVITY.fullmatch(run.text):
        return facts
    title = None if _is_generic(run.text) else candidate_at(document, FieldName.TITLE, run, ON_TOP, first[1])
    return {**facts, FieldName.TITLE: title} if title else facts


def _heading(document: DocumentText) -> list[tuple[int, PlacedLine]]:
    """Return the lines of the heading with their places, from the top; it ends with the word for the sheet."""
    first = [(order, line) for order, line in enumerate(document.lines) if line.page == 0]
    ends = [(order, line) for order, line in first if _SHEET.search(line.run.text) and ":" not in line.run.text]
    # 签名 alone is a column's title
    ends = [item for item in ends if _names_sheet(item[1].run.text)]
    if not ends:
        return []
    end = min(ends, key=lambda item: item[1].box.top)
    heading = [end]
    above = sorted((item for item in first if item[1].box.bottom <= end[1].box.center_y), key=lambda i: -i[1].box.top)
    for order, line in above:
        below = heading[0][1]
        if not _belongs(line, below, end[1]):
            break
        heading.insert(0, (order, line))
    return heading


def _names_sheet(text: str) -> bool:
    return bool(_NAMED.search(text)) or len(text) >= LONGER_THAN_COLUMN or bool(_WHO_SIGN.fullmatch(text))


def _belongs(line: PlacedLine, below: PlacedLine, end: PlacedLine) -> bool:
    # the sheet's own word can be larger or smaller than the activity above it, whose lines are alike
    least = SHEET_WORD_SIZE if below is end else LIKE_SIZE
    like = least <= line.em / max(below.em, 1e-6) <= 1 / least
    near = below.box.center_y - line.box.center_y <= NEAR * below.height
    return like and near and abs(line.box.center_x - end.box.center_x) <= AXIS and ":" not in line.run.text


def _title(document: DocumentText, lines: Sequence[tuple[int, PlacedLine]]) -> Found | None:
    """Return the activity's title: the heading's lines in one, without the word for the sheet."""
    if len(lines) > 1 and (named := _above_sheet_word(document, lines)):
        return named
    text = "".join(line.run.text for _, line in lines)
    marks = tuple(mark for _, line in lines for mark in line.run.marks)
    found = _SHEET.search(text)
    if found is None:
        return None
    end = found.start()
    who = _WHO.match(found.group())
    if who and _CALLED.search(text[:end]):
        end += len(who.group())
    if not SHORTEST_TITLE <= end <= LONGEST_TITLE or _is_generic(text[:end]):
        return None
    return candidate_at(document, FieldName.TITLE, Run(text[:end], marks[:end]), TITLE, lines[0][0])


def _above_sheet_word(document: DocumentText, lines: Sequence[tuple[int, PlacedLine]]) -> Found | None:
    """Return the lines above one that holds but the sheet's own words, as 培训人员签到表; None if it holds more."""
    last = lines[-1][1].run.text
    word = _SHEET.search(last)
    text = "".join(line.run.text for _, line in lines[:-1])
    if word is None or not _GENERIC.fullmatch(last[: word.start()]) or _GENERIC.fullmatch(text):
        return None
    if not SHORTEST_TITLE <= len(text) <= LONGEST_TITLE:
        return None
    marks = tuple(mark for _, line in lines[:-1] for mark in line.run.marks)
    return candidate_at(document, FieldName.TITLE, Run(text, marks), TITLE, lines[0][0])


def _stands_in(document: DocumentText, known: Found, own: set[int]) -> bool:
    """Return whether a title found before is a piece of the heading: one of its lines alone."""
    boxes = [line.box for line in document.lines if line.page == 0 and line.index in own]
    box = known.span.box
    return any(b.top <= box.center_y <= b.bottom for b in boxes)
