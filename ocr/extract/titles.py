"""Which lines of a score page can be a course's title, told from its bars, labels, people and buttons. Pure."""

import re

from core.vocabulary import FieldName
from ocr.extract.issuers import org_on
from ocr.extract.screenwords import labels, screen_words, title_words
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.labels import is_label
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run
from ocr.values import UNSURE_NAME, person_name

TITLE = 0.92
SHORTEST_TITLE = 3
LONGEST_TITLE = 40
# A page's bar with the learner's name, in fractions of the page.
TOP_BAR = 0.1
RIGHT_PART = 0.7
# How far down a browser's address can stand.
CHROME_REACH = 0.15
# The first half of a title with a colon is longer than a label.
SHORTEST_HALF = 5
# Words of a page's parts make up this share of a line that is no title.
MOSTLY = 0.6
# Links of a page's bar: so many words on one line, none longer than this.
LINKS = 3
LONGEST_LINK = 4
# A line that is a person's name by its surname, unless it ends as courses do.
LONGEST_PERSON = 3
# Figures between words, as of posts and replies: so many groups of digits are no title's.
COUNTS = 3
# Labels of a course that can begin a line with their value; shorter words begin titles too.
LABEL_LENGTH = 4
SURE_LABEL = "所属课程"
# A caption right over a value of hardly larger letters.
CAPTION_REACH = 2.0
CAPTION_SIZE = 1.5
# How far a label may stand from its value in a row of the two, in heights.
PAIR_REACH = 40.0
_CAPTION = re.compile(
    r"^[\u3400-\u9fff]{0,4}(?:教师|老师|讲师|负责人|姓名|学员|昵称|时间|日期|状态|学时|成绩|得分|结果)$"
)
_ACCOUNT = re.compile(r"[A-Za-z0-9_.\-]+")
_ADDRESS = re.compile(r"(?i)https?:|(?:www\.)?[a-z0-9-]+\.(?:org|com|cn|net|edu)(?:[/.?]|$)")
SCHOOL = re.compile(
    r"(?:(?:开课|主讲|授课|主办|所属|提供|办学|建课)?(?:学校|单位|高校|院校|机构)|来自(?=..)|由(?=..)|(?:主办|开课|主讲|授课|提供)(?=:))?:?"
    r"(?P<org>[\u3400-\u9fff()]{2,16}?(?:大学|学院|学校|中学))"
    r"(?=已|结|进|第|课|学时|开课|开设|提供|主讲|授课|任课|教师|讲师|评|共|总|$|[^\u3400-\u9fff])"
)
# A school with room behind it, or with those who teach.
_SCHOOL_AND_MORE = re.compile(
    r"[\u3400-\u9fff()（）]{2,16}?(?:大学|学院|专科学校)(?=[\s|·@/｜]|[\u3400-\u9fff]{0,8}(?:教授|老师|讲师|教师|团队|博士))"
)
# The label of a total with what can be reached: 总评(百分制).
_TOTAL_LABEL = re.compile(
    r"(?:我的|你的|您的|课程|本课程)*(?:总|成绩|得分|综合|最终)[^\s]{0,4}\((?:满分|百分|100)[^)]*\)"
)
_OF_STAFF = re.compile(r"(?:副?教授|讲师|老师|教师|博士|院士|研究员|主讲|团队|负责人|等)+$")
_SUBJECT_END = re.compile(r"[学论史法课记曲术艺诗词文化语]$")


def as_title(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    """Return a line as a course's title, None where it is anything else."""
    text = line.run.text
    words = screen_words()
    if not SHORTEST_TITLE <= len(text) <= LONGEST_TITLE or words.not_titles.search(text):
        return None
    if (
        org_on(document, line, order)
        or words.others.search(text)
        or any(pattern.search(line.line.text) for _, pattern in formbook().platforms)
        or _of_label(document, line)
        or in_bars(document, line)
        or _of_people(line)
        or SCHOOL.match(text)
        or _SCHOOL_AND_MORE.match(line.line.text.lstrip())
    ):
        return None
    if _ACCOUNT.fullmatch(text) or len(re.findall(r"\d+", text)) >= COUNTS:
        return None
    if sum(len(word) for word in words.part_words.findall(text)) >= MOSTLY * len(re.sub(r"[\d.:%-]", "", text)):
        return None
    if any(
        other is not line and len(other.run.text) > len(text) and other.run.text.startswith(text)
        for other in document.lines
    ) and not _in_tab(document, line):
        # A picture repeats the beginning of the title.
        return None
    return candidate_at(document, FieldName.TITLE, _without_label(line), TITLE, order)


def in_bars(document: DocumentText, line: PlacedLine) -> bool:
    """Return whether a line stands in a browser's bar, at the right of the page's own, or is a row of links."""
    top = page_top(document, line.page)
    if line.box.center_y < top:
        return True
    if line.box.bottom < top + TOP_BAR and line.box.left > RIGHT_PART:
        return True
    links = line.line.text.split()
    return len(links) >= LINKS and all(len(link) <= LONGEST_LINK for link in links)


def page_top(document: DocumentText, page: int) -> float:
    """Return where the page shown by a browser begins: under its address; 0 where there is none."""
    addresses = [
        line.box.bottom
        for line in document.lines
        if line.page == page and line.box.bottom < CHROME_REACH and _ADDRESS.match(line.run.text)
    ]
    return max(addresses, default=0.0)


def label_of(document: DocumentText, line: PlacedLine) -> str:
    """Return the text of the line right before a line on its row, without its colon; empty where none is."""
    before = [
        other
        for other in document.lines
        if other.page == line.page
        and other is not line
        and abs(other.box.center_y - line.box.center_y) < min(other.height, line.height) / 2
        and -line.em < line.box.left - other.box.right < PAIR_REACH * line.em
    ]
    nearest = max(before, key=lambda other: other.box.right, default=None)
    return nearest.run.text.rstrip(":") if nearest else ""


def _in_tab(document: DocumentText, line: PlacedLine) -> bool:
    """Return whether the longer lines that begin as this one stand in a browser's bar: the page's name."""
    top = page_top(document, line.page)
    return all(
        other.box.center_y < top
        for other in document.lines
        if other is not line and len(other.run.text) > len(line.run.text) and other.run.text.startswith(line.run.text)
    )


def _of_people(line: PlacedLine) -> bool:
    """Return whether a line names people: several, or one with what they are (柯文远教授), or a bare short name."""
    parts = [part for part in re.split(r"[\s、,，/|｜]+", line.line.text.strip()) if part]
    names = [_OF_STAFF.sub("", part) for part in parts]
    real = [person_name(name) for name in names if name]
    sure = [value for value in real if value and value.factor > UNSURE_NAME]
    if not sure or len(sure) < len(real):
        return False
    if names[0] != parts[0]:
        return True
    short = len(names) > 1 or len(names[0]) <= LONGEST_PERSON or "·" in sure[0].text
    return short and not any(_SUBJECT_END.search(name) for name in names)


def _of_label(document: DocumentText, line: PlacedLine) -> bool:
    """Return whether a line is a label, or the value of one that names no course: a learner's name, a date."""
    text = line.run.text
    if is_label(text, labels()) or _TOTAL_LABEL.fullmatch(text) or _labelled(text):
        return True
    if label_of(document, line) in set(labels()) - title_words():
        return True
    return any(
        other.page == line.page
        and abs(other.box.left - line.box.left) < line.em
        and 0 < line.box.center_y - other.box.center_y < CAPTION_REACH * other.height
        and line.em < CAPTION_SIZE * other.em
        and _CAPTION.search(other.run.text.rstrip(":"))
        for other in document.lines
    )


def _labelled(text: str) -> bool:
    """Return whether a colon parts a label from its value rather than a title from its second half."""
    before, colon, after = text.partition(":")
    return bool(colon) and (len(before) < SHORTEST_HALF or not re.search(r"[\u3400-\u9fff]{2}", after))


def _without_label(line: PlacedLine) -> Run:
    """Return what stands behind a course's label on its line: 所属课程 教育评价概论."""
    text = line.run.text
    for word in sorted(title_words(), key=len, reverse=True):
        spaced = line.line.text.startswith(f"{word} ") and len(word) >= LABEL_LENGTH
        if text.startswith(word) and (spaced or word == SURE_LABEL) and len(text) - len(word) >= SHORTEST_TITLE:
            return line.run.part(len(word), len(text))
    return line.run
