"""The headings of a score page: which course it is about, and what stands under its title. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.vocabulary import FieldName
from ocr.extract.screenwords import labels, screen_words, title_words
from ocr.extract.titles import SCHOOL, TITLE, TOP_BAR, as_title, label_of
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.labels import is_label
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run, pieces

OWN_SCHOOL = 0.92
SCHOOL_NEAR = 1.4
SCHOOL_REACH = 4.0
UPPER_PART = 0.6
LOW_TITLE = 0.7
# Another heading of nearly the size of the chosen one, with a school of its own: a list of courses, none of them open.
SAME_SIZE = 0.9
# A heading is not much smaller than what stands under it.
HEADING_SIZE = 0.7
# Pieces of a row farther apart than this, in heights, are of different columns.
ROW_GAP = 8.0
OVER_TOTAL = 1.25
# A course that a label names is the page's own.
TOLD_TITLE = 1.6
# Lines of one title: how alike their letters are, how far apart they stand, and how far out of line, in heights; how
# long the first is, and what part of it the last takes at most where they are not centred.
SAME_LETTERS = 0.75
BROKEN_GAP = 0.9
FLUSH = 0.6
LONG_LINE = 3.5
FULL_LINE = 1.15
# How far over a fact words can stand that it belongs to, in their heights.
WORDS_REACH = 3.0
_WORDS = re.compile(r"[\u3400-\u9fffA-Za-z()]{4,30}")
# What is left of belief in a fact under a line of which it is open whether it is another course.
OPEN = 0.6
_TOTAL = re.compile(
    r"(?:我的|课程|本课程)?(?:总成绩|总分|最终成绩|综合成绩|总评|最终得分|总得分|得分|成绩)(?!构成|单|标准)"
)
# Words before a figure that name no course, and how many characters left over name one.
_PLAIN_WORDS = re.compile(
    r"(?:教学|课程|学习|认定|建议|本|总|共|合|累|我的|您的|你的|获得?|完成)*(?:课程|学时|课时|学分|时长|周期|安排|时间|总计|合计|累计|共计|成绩|得分|总分|总评|分数|状态|进度|类型|计)数?为?"
    r"|\d+[年月日]|第?[\d一二三四五六七八九十]+[次期周章]|开课|每周|建议|小时|已?(?:结束|结课|完成|通过)|进行中|合格|优秀|良好|实名|认证|春季?|秋季?|学期|结课|开设|由|来自|主讲|授课|老师|教授"
)
_SCHOOLS = re.compile(r"[\u3400-\u9fff]{2,16}?(?:大学|学院|学校|中学)(?!生)")
NAMED = 4
_QUOTES = re.compile(r"[《》\s]|^课程:?")


@dataclass(frozen=True, slots=True)
class Opened:
    """The course that a page is about: the first line of its title, all of it, and the school under it."""

    line: PlacedLine
    title: Found
    school: Found | None

    def repeated_on(self, line: PlacedLine) -> bool:
        """Return whether a line holds the title, its beginning or its end, with or without quotes and label."""
        one = _QUOTES.sub("", line.run.text)
        return any(one in text or text in one for text in (_QUOTES.sub("", self.line.run.text), self.title.value))


def open_course(document: DocumentText) -> Opened | None:
    """Return the course that the page is about, by the size and place of its title."""
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
    if best is None:
        return None
    return _whole(document, Opened(*best[1:]))


def _whole(document: DocumentText, opened: Opened) -> Opened:
    """Return the course with the lines of a title that is broken over several: of one size, close, flush or centred."""
    lines = [opened.line]
    for way in (-1, 1):
        while (near := _next_of_title(document, lines[0 if way < 0 else -1], way)) is not None:
            lines.insert(0 if way < 0 else len(lines), near)
    if len(lines) == 1:
        return opened
    run = Run("".join(line.run.text for line in lines), tuple(mark for line in lines for mark in line.run.marks))
    title = candidate_at(document, FieldName.TITLE, run, TITLE, opened.title.place)
    return Opened(lines[0], title, opened.school or _school_below(document, lines[-1])) if title else opened


def _next_of_title(document: DocumentText, line: PlacedLine, way: int) -> PlacedLine | None:
    """Return the line right below (`way` 1) or above (-1) that goes on with a broken title."""
    for order, other in enumerate(document.lines):
        gap = other.box.top - line.box.bottom if way > 0 else line.box.top - other.box.bottom
        flush = min(abs(other.box.left - line.box.left), abs(other.box.right - line.box.right)) < FLUSH * line.em
        centred = abs(other.box.center_x - line.box.center_x) < FLUSH * line.em
        first, last = (line, other) if way > 0 else (other, line)
        full = last.box.width < FULL_LINE * first.box.width or centred
        if (
            other.page == line.page
            and other is not line
            and -BROKEN_GAP * line.height < gap < BROKEN_GAP * line.height
            and way * (other.box.center_y - line.box.center_y) > line.height / 2
            and SAME_LETTERS < other.em / line.em < 1 / SAME_LETTERS
            and (flush or centred)
            and full
            and first.box.width > LONG_LINE * line.em
            and as_title(document, other, order) is not None
            and _school_below(document, first, near=True) is None
        ):
            return other
    return None


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


def is_list(document: DocumentText, opened: Opened, headings: Sequence[PlacedLine]) -> bool:
    """Return whether another course stands as large as the chosen one: whose course the page is about is then open.

    A course that a label names is the page's own, as in a window over a list, unless a label names another one too.
    """
    title = opened.line
    labelled = label_of(document, title) in title_words()
    return any(
        line is not title
        and (not labelled or label_of(document, line) in title_words())
        and not opened.repeated_on(line)
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


def standing(document: DocumentText, found: Found, opened: Opened, headings: Sequence[PlacedLine]) -> float:
    """Return how surely a fact stands under the open course's title (1) rather than under another course's (0).

    A heading over the fact in its own column says whose it is; only where none stands there, the page's title does. A
    heading that nothing shows to be a course leaves it open (OPEN).
    """
    box, title = found.span.box, opened.line
    if under_others(document, found, title):
        return 0.0
    left = _row_start(document, found)
    over = [
        line
        for line in headings
        if document.pages[line.page].number == found.span.page
        and line.box.center_y < box.center_y + line.height / 2
        and line.box.left <= box.right
        and (line is title or line.height >= HEADING_SIZE * box.height)
        and line.box.right > left
    ]
    # What stands on the fact's own line before it (学过的课程:…(50分)) is not told apart here: labels must do that.
    nearest = max(over, key=lambda line: line.box.center_y, default=None)
    if nearest is None or opened.repeated_on(nearest):
        return OPEN if _under_words(document, found, opened) else 1.0
    below = nearest.box.center_y > title.box.center_y
    aside = nearest.box.left > title.box.right and len(nearest.run.text) >= NAMED
    return 0.0 if aside or (below and _school_below(document, nearest) is not None) else OPEN


def _under_words(document: DocumentText, found: Found, opened: Opened) -> bool:
    """Return whether a fact beside the title stands right under words that are no label: another course's, perhaps."""
    box = found.span.box
    if box.left <= opened.line.box.right:
        return False
    above = [
        line
        for line in document.lines
        if document.pages[line.page].number == found.span.page
        and 0 < box.center_y - line.box.center_y < WORDS_REACH * line.height
        and line.box.bottom < box.center_y
        and min(line.box.right, box.right) > max(line.box.left, box.left)
    ]
    nearest = max(above, key=lambda line: line.box.center_y, default=None)
    if nearest is None or opened.repeated_on(nearest):
        return False
    text = nearest.run.text
    known = is_label(text, labels()) or label_of(document, nearest) in labels() or SCHOOL.match(text)
    return bool(_WORDS.fullmatch(text)) and not known and not screen_words().not_titles.search(text)


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


def names_another(document: DocumentText, found: Found, opened: Opened | None) -> bool:
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
            before = _PLAIN_WORDS.sub("", line.line.text[:start].replace(opened.line.line.text if opened else "", ""))
            rest = re.sub(r"[^\u3400-\u9fff]", "", _SCHOOLS.sub("", before))
            return len(rest) >= NAMED
    return False


def _school_below(document: DocumentText, title: PlacedLine, *, near: bool = False) -> Found | None:
    reach = BROKEN_GAP + 1 if near else SCHOOL_REACH
    for order, line in enumerate(document.lines):
        gap = line.box.top - title.box.top
        beside = min(line.box.right, title.box.right) > max(line.box.left, title.box.left)
        if line.page == title.page and 0 < gap < reach * title.height and beside:
            for at, piece in enumerate(pieces(line.run)):
                # a teacher may stand before or behind the school on its line
                match = SCHOOL.match(piece.text) if at == 0 else SCHOOL.fullmatch(piece.text)
                if match and line.run.text.rstrip(":") not in labels():
                    return candidate_at(document, FieldName.ISSUER, piece.part(*match.span("org")), OWN_SCHOOL, order)
    return None
