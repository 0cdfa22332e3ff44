"""The headings of a score page: which course it is about, and what stands under its title. Pure."""

import re
from collections.abc import Sequence
from functools import cache

from core.vocabulary import DocType, FieldName
from ocr.extract.issuers import org_on
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run

TITLE = 0.92
SCHOOL = 0.92
SCHOOL_NEAR = 1.4
SCHOOL_REACH = 4.0
UPPER_PART = 0.6
LOW_TITLE = 0.7
# Another heading of nearly the size of the chosen one, with a school of its own: a list of courses, none of them open.
SAME_SIZE = 0.9
SHORTEST_TITLE = 3
LONGEST_TITLE = 40
# A page's bar with the learner's name, in fractions of the page.
TOP_BAR = 0.1
RIGHT_PART = 0.7
# The first half of a title with a colon is longer than a label.
SHORTEST_HALF = 5
# A heading is hardly smaller than what stands under it.
HEADING_SIZE = 0.85
# Pieces of a row farther apart than this, in heights, are of different columns.
ROW_GAP = 8.0
_ACCOUNT = re.compile(r"[A-Za-z0-9_.\-]+")
_SCHOOL = re.compile(
    r"(?:(?:开课|主讲|授课|主办|所属|提供|办学|建课)?(?:学校|单位|高校|院校|机构)|来自(?=..)|由(?=..)|主办(?=:))?:?"
    r"(?P<org>[\u3400-\u9fff()]{2,16}?(?:大学|学院|学校|中学))"
    r"(?=已|结|进|第|课|学时|开课|开设|提供|主讲|评|共|总|$|[^\u3400-\u9fff])"
)
NOT_TITLE = re.compile(
    r"总分|成绩|得分|已结束|已通过|未通过|学时|首页|我的|课程详情|成绩单|学习记录|恭喜|昵称|姓名|实名|搜索|返回|满分|/|\d{2}%|第\d+次|\d{4}[-./年]\d|"
    r"开课|结束|结课|进行中|占比|考核项|^我(?:学过|选修?|修|参加|完成|加入|报名|已学)?过?的?课程|学习(?:报告|档案|大厅|记录)|课程档案|(?:已|未|可|去|立即)(?:认证|申请|领取)|个人空间|^[<‹]|>|是否|评分\d|总评|平均|最[高低]分|考核|等级|排名|^由.{2,}(?:开设|提供|主讲)|^(?:状态|平台|学习者|学员|学生|用户)|登[录陆]|^\W*\d(?!\d?[-~]\d+岁)|周$|^课程(?:介绍|简介|资料|大纲|目标|团队)$|^.{0,4}申请$|^.{0,6}详情$|^感谢[您你]|。|^.{0,6}提醒$|人(?:学过|在学|参加)|知道了|在线课程|小时|其他课程|更多|未开始|标签页|大家[都还]|推荐|猜你|你可能|想学|喜欢|同类|热门|还在学|退出|(?:状态|时间|日期|名称|单位|院校|方式|编号)$"
)
# Words of a page's parts that stand in titles too: no title where they make up this share of the line.
_PART_WORDS = re.compile(
    r"单元|章节|课堂|课程|查看|证书|公告|测[验试]|考试|平时|期末|期中|作业|讨论|评分|项目|消息|课件|视频|观看|进度|完成|学校|打印|学习|内容|线上|标准"
)
_TOTAL = re.compile(
    r"(?:我的|课程|本课程)?(?:总成绩|总分|最终成绩|综合成绩|总评|最终得分|总得分|得分|成绩)(?!构成|单|标准)"
)
OVER_TOTAL = 1.25
# Words over courses that are not the page's own.
_OTHERS = re.compile(
    r"推荐|猜你|你可能|大家[都还]|还在学|[还也](?:喜欢|在学|学过)|想学|看过|"
    r"(?:其[他它]|更多|相关|热门|往期|同类|相似|类似|相近|精品|最新|后续|待学|未学)的?(?:在线)?(?:好|公开)?课"
)
MOSTLY = 0.6
# The label of a total with what can be reached: 总评(百分制).
_TOTAL_LABEL = re.compile(
    r"(?:我的|你的|您的|课程|本课程)*(?:总|成绩|得分|综合|最终)[^\s]{0,4}\((?:满分|百分|100)[^)]*\)"
)
# Words before a figure that name no course, and how many characters left over name one.
_PLAIN_WORDS = re.compile(
    r"(?:教学|课程|学习|认定|建议|本|总|共|合|累|我的|您的|你的|获得?|完成)*(?:课程|学时|课时|学分|时长|周期|安排|时间|总计|合计|累计|共计|成绩|得分|总分|总评|分数|状态|进度|类型|计)数?为?"
    r"|第?[\d一二三四五六七八九十]+[次期周章]|开课|每周|建议|小时|已?(?:结束|结课|完成|通过)|进行中|合格|优秀|良好|实名|认证|春季?|秋季?|学期|结课|开设|由|来自|主讲|授课|老师|教授"
)
_SCHOOLS = re.compile(r"[\u3400-\u9fff]{2,16}?(?:大学|学院|学校|中学)(?!生)")
NAMED = 4
# Labels of a course that can begin a line with their value; shorter words begin titles too.
LABEL_LENGTH = 4
SURE_LABEL = "所属课程"
# A course that a label names is the page's own.
TOLD_TITLE = 1.6
# A caption right over a value of hardly larger letters.
CAPTION_REACH = 2.0
CAPTION_SIZE = 1.5
_CAPTION = re.compile(
    r"^[\u3400-\u9fff]{0,4}(?:教师|老师|讲师|负责人|姓名|学员|昵称|时间|日期|状态|学时|成绩|得分|结果)$"
)
# How far a label may stand from its value in a row of the two, in heights.
PAIR_REACH = 40.0


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
        if _label_of(document, line) in _title_words():
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
        and _OTHERS.search(other.run.text)
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
    labelled = _label_of(document, title) in _title_words()
    return any(
        line is not title
        and (not labelled or _label_of(document, line) in _title_words())
        and line.run.text not in title.run.text
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
        and _OTHERS.search(other.run.text)
        for other in document.lines
    )


def belongs(document: DocumentText, found: Found, title: PlacedLine, headings: Sequence[PlacedLine]) -> bool:
    """Return whether a fact stands under the open course's title rather than under another course's.

    A heading over the fact in its own column says whose it is; only where none stands there, the page's title does.
    """
    box = found.span.box
    if under_others(document, found, title):
        return False
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
    return nearest is None or nearest is title or nearest.run.text in title.run.text


def under_others(document: DocumentText, found: Found, title: PlacedLine) -> bool:
    """Return whether words that part other courses from the page's own stand over a fact, below or beside the title."""
    box = found.span.box
    return any(
        document.pages[line.page].number == found.span.page
        and line.box.center_y < box.center_y - line.height / 2
        and line.box.left <= box.right
        and (line.box.center_y > title.box.center_y or line.box.left > title.box.right)
        and not (line.box.left > box.left + line.em and line.box.center_y > title.box.center_y)
        and _OTHERS.search(line.run.text)
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


def as_title(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    """Return a line as a course's title, None where it is anything else."""
    text = line.run.text
    if not SHORTEST_TITLE <= len(text) <= LONGEST_TITLE or NOT_TITLE.search(text) or org_on(document, line, order):
        return None
    branded = any(pattern.search(line.line.text) for _, pattern in formbook().platforms)
    if (
        branded
        or text.rstrip(":") in _labels()
        or _OTHERS.search(text)
        or _SCHOOL.match(text)
        or _TOTAL_LABEL.fullmatch(text)
        or _of_other_label(document, line)
    ):
        return None
    in_bar = line.box.bottom < TOP_BAR and line.box.left > RIGHT_PART
    if in_bar or _ACCOUNT.fullmatch(text) or _labelled(text):
        return None
    if sum(len(word) for word in _PART_WORDS.findall(text)) >= MOSTLY * len(re.sub(r"[\d.:%-]", "", text)):
        return None
    if any(
        other is not line and len(other.run.text) > len(text) and other.run.text.startswith(text)
        for other in document.lines
    ):
        # A picture repeats the beginning of the title.
        return None
    return candidate_at(document, FieldName.TITLE, _without_label(line), TITLE, order)


def _without_label(line: PlacedLine) -> Run:
    """Return what stands behind a course's label on its line: 所属课程 教育评价概论."""
    text = line.run.text
    for word in sorted(_title_words(), key=len, reverse=True):
        spaced = line.line.text.startswith(f"{word} ") and len(word) >= LABEL_LENGTH
        if text.startswith(word) and (spaced or word == SURE_LABEL) and len(text) - len(word) >= SHORTEST_TITLE:
            return line.run.part(len(word), len(text))
    return line.run


def _of_other_label(document: DocumentText, line: PlacedLine) -> bool:
    """Return whether a line is the value of a label that names no course: a learner's name, a date."""
    if _label_of(document, line) in _labels() - _title_words():
        return True
    return any(
        other.page == line.page
        and abs(other.box.left - line.box.left) < line.em
        and 0 < line.box.center_y - other.box.center_y < CAPTION_REACH * other.height
        and line.em < CAPTION_SIZE * other.em
        and _CAPTION.search(other.run.text.rstrip(":"))
        for other in document.lines
    )


def _label_of(document: DocumentText, line: PlacedLine) -> str:
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


@cache
def _labels() -> frozenset[str]:
    return frozenset(formbook().forms[DocType.SCORE_SCREENSHOT].stops)


@cache
def _title_words() -> frozenset[str]:
    labels = formbook().forms[DocType.SCORE_SCREENSHOT].labels
    return frozenset(word for label in labels if label.name is FieldName.TITLE for word in label.words)


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


def _labelled(text: str) -> bool:
    """Return whether a colon parts a label from its value rather than a title from its second half."""
    before, colon, after = text.partition(":")
    return bool(colon) and (len(before) < SHORTEST_HALF or not re.search(r"[\u3400-\u9fff]{2}", after))


def _school_below(document: DocumentText, title: PlacedLine) -> Found | None:
    for order, line in enumerate(document.lines):
        gap = line.box.top - title.box.top
        beside = min(line.box.right, title.box.right) > max(line.box.left, title.box.left)
        if line.page == title.page and 0 < gap < SCHOOL_REACH * title.height and beside:
            match = None if line.run.text.rstrip(":") in _labels() else _SCHOOL.match(line.run.text)
            if match:
                return candidate_at(document, FieldName.ISSUER, line.run.part(*match.span("org")), SCHOOL, order)
    return None
