"""The headings of a score page: which course it is about, and what stands under its title. Pure."""

import re
from collections.abc import Sequence

from core.vocabulary import FieldName
from ocr.extract.screenwords import labels, screen_words, title_words
from ocr.extract.titles import SCHOOL, TOP_BAR, as_title, label_of
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

OWN_SCHOOL = 0.92
SCHOOL_NEAR = 1.4
SCHOOL_REACH = 4.0
UPPER_PART = 0.6
LOW_TITLE = 0.7
# Another heading of nearly the size of the chosen one, with a school of its own: a list of courses, none of them open.
SAME_SIZE = 0.9
# A heading is hardly smaller than what stands under it.
HEADING_SIZE = 0.85
# Pieces of a row farther apart than this, in heights, are of different columns.
ROW_GAP = 8.0
OVER_TOTAL = 1.25
# A course that a label names is the page's own.
TOLD_TITLE = 1.6
# What is left of belief in a fact under a line of which it is open whether it is another course.
OPEN = 0.6
_TOTAL = re.compile(
    r"(?:我的|课程|本课程)?(?:总成绩|总分|最终成绩|综合成绩|总评|最终得分|总得分|得分|成绩)(?!构成|单|标准)"
)
# Words before a figure that name no course, and how many characters left over name one.
_PLAIN_WORDS = re.compile(
    r"(?:教学|课程|学习|认定|建议|本|总|共|合|累|我的|您的|你的|获得?|完成)*(?:课程|学时|课时|学分|时长|周期|安排|时间|总计|合计|累计|共计|成绩|得分|总分|总评|分数|状态|进度|类型|计)数?为?"
    r"|第?[\d一二三四五六七八九十]+[次期周章]|开课|每周|建议|小时|已?(?:结束|结课|完成|通过)|进行中|合格|优秀|良好|实名|认证|春季?|秋季?|学期|结课|开设|由|来自|主讲|授课|老师|教授"
)
_SCHOOLS = re.compile(r"[\u3400-\u9fff]{2,16}?(?:大学|学院|学校|中学)(?!生)")
NAMED = 4
_QUOTES = re.compile(r"[《》\s]|^课程:?")


def open_course(document: DocumentText) -> tuple[PlacedLine, Found, Found | None] | None:
    """Return the line and title of the course that the page is about and the school under it, by size and place."""
    best: tuple[float, PlacedLine, Found, Found | None] | None = None
    over_total = _over_total(document)
    for order, line in enumerate(document.lines):
        title = as_title(document, line, order)
        if title is None or of_others(document, line):
            continue
        school = _school_below(document, line)
        weight = line.em * (SCHOOL_NEAR if school else 1.0) * (1.0 if line.box.top < UPPER_PART else LOW_TITLE)
        if line is over_total:
            weight *= OVER_TOTAL
        if label_of(document, line) in title_words():
            weight *= TOLD_TITLE
        if best is None or weight > best[0]:
            best = weight, line, title, school
    return None if best is None else best[1:]


def of_others(document: DocumentText, line: PlacedLine) -> bool:
    """Return whether a line stands in a column under words over other courses, and so is none of the page's own."""
    return any(
        other.page == line.page
        and TOP_BAR < other.box.bottom < line.box.center_y
        and other.box.left <= line.box.left + line.em
        and other.box.right > line.box.left
        and screen_words().others.search(other.run.text)
        for other in document.lines
    )


def _over_total(document: DocumentText) -> PlacedLine | None:
    """Return the heading next above the first label of a total: what the total is of."""
    label = next((line for line in document.lines if _TOTAL.match(line.run.text)), None)
    if label is None:
        return None
    above = [h for h in headings(document) if h.page == label.page and h.box.center_y < label.box.center_y]
    return max(above, key=lambda h: h.box.center_y, default=None)


def headings(document: DocumentText) -> list[PlacedLine]:
    """Return the lines that can be course titles."""
    return [line for order, line in enumerate(document.lines) if as_title(document, line, order)]


def is_list(document: DocumentText, title: PlacedLine, headings: Sequence[PlacedLine]) -> bool:
    """Return whether another course stands as large as the chosen one: whose course the page is about is then open.

    A course that a label names is the page's own, as in a window over a list, unless a label names another one too.
    """
    labelled = label_of(document, title) in title_words()
    return any(
        line is not title
        and (not labelled or label_of(document, line) in title_words())
        and not _same_title(line, title)
        and line.em >= SAME_SIZE * title.em
        and not _recommended(document, title, line)
        and _school_below(document, line) is not None
        for line in headings
    )


def _recommended(document: DocumentText, title: PlacedLine, line: PlacedLine) -> bool:
    """Return whether a course stands under words that part others from the page's own: 为你推荐."""
    return any(
        other.page == line.page
        and title.box.center_y < other.box.center_y < line.box.center_y
        and other.box.left <= line.box.left + line.em
        and screen_words().others.search(other.run.text)
        for other in document.lines
    )


def _same_title(line: PlacedLine, title: PlacedLine) -> bool:
    """Return whether a line repeats the title or its beginning, with or without quotes and label."""
    one, other = _QUOTES.sub("", line.run.text), _QUOTES.sub("", title.run.text)
    return one in other or other in one


def standing(document: DocumentText, found: Found, title: PlacedLine, headings: Sequence[PlacedLine]) -> float:
    """Return how surely a fact stands under the open course's title (1) rather than under another course's (0).

    A heading over the fact in its own column says whose it is; only where none stands there, the page's title does. A
    heading that nothing shows to be a course leaves it open (OPEN).
    """
    box = found.span.box
    if under_others(document, found, title):
        return 0.0
    left = _row_start(document, found)
    over = [
        line
        for line in headings
        if document.pages[line.page].number == found.span.page
        and line.box.center_y < box.center_y + line.height / 2
        and line.box.left <= box.right
        and line.height >= HEADING_SIZE * box.height
        and line.box.right > left
    ]
    # What stands on the fact's own line before it (学过的课程:…(50分)) is not told apart here: labels must do that.
    nearest = max(over, key=lambda line: line.box.center_y, default=None)
    if nearest is None or nearest is title or _same_title(nearest, title):
        return 1.0
    another = nearest.box.center_y > title.box.center_y and _school_below(document, nearest) is not None
    return 0.0 if another else OPEN


def under_others(document: DocumentText, found: Found, title: PlacedLine) -> bool:
    """Return whether words that part other courses from the page's own stand over a fact, below or beside the title."""
    box = found.span.box
    return any(
        document.pages[line.page].number == found.span.page
        and line.box.center_y < box.center_y - line.height / 2
        and line.box.left <= box.right
        and (line.box.center_y > title.box.center_y or line.box.left > title.box.right)
        and not (line.box.left > box.left + line.em and line.box.center_y > title.box.center_y)
        and screen_words().others.search(line.run.text)
        for line in document.lines
    )


def _row_start(document: DocumentText, found: Found) -> float:
    """Return where the piece of a row begins that a fact stands in: `得分:95分 24学时` is said in one breath."""
    box = found.span.box
    start = box.left
    beside = [
        line
        for line in document.lines
        if document.pages[line.page].number == found.span.page
        and abs(line.box.center_y - box.center_y) < line.height / 2
        and line.box.left < box.left
    ]
    for line in sorted(beside, key=lambda line: -line.box.right):
        if line.box.right > start - ROW_GAP * line.em:
            start = min(start, line.box.left)
    return start


def names_another(document: DocumentText, found: Found, title: PlacedLine | None) -> bool:
    """Return whether words before a figure on its own line can name another course: 小组教学策略 24学时.

    Labels, schools, dates, figures and the page's own title are none; what is left of the words then is.
    """
    box = found.span.box
    for line in document.lines:
        own = document.pages[line.page].number == found.span.page and (
            line.box.top <= box.center_y <= line.box.bottom and line.box.left <= box.center_x <= line.box.right
        )
        start = line.line.text.find(found.span.text) if own else -1
        if start > 0:
            before = _PLAIN_WORDS.sub("", line.line.text[:start].replace(title.line.text if title else "", ""))
            rest = re.sub(r"[^\u3400-\u9fff]", "", _SCHOOLS.sub("", before))
            return len(rest) >= NAMED
    return False


def _school_below(document: DocumentText, title: PlacedLine) -> Found | None:
    for order, line in enumerate(document.lines):
        gap = line.box.top - title.box.top
        beside = min(line.box.right, title.box.right) > max(line.box.left, title.box.left)
        if line.page == title.page and 0 < gap < SCHOOL_REACH * title.height and beside:
            match = None if line.run.text.rstrip(":") in labels() else SCHOOL.match(line.run.text)
            if match:
                return candidate_at(document, FieldName.ISSUER, line.run.part(*match.span("org")), OWN_SCHOOL, order)
    return None
