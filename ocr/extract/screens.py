"""Score pages: the course that the page is about, its total and hours, told from components and other courses. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.extract.courses import LONGEST_NICKNAME, with_computed_hours, with_platform, with_real_name
from ocr.extract.issuers import org_on
from ocr.fields import Found, candidate_at, choose, choose_fields
from ocr.formbook import Form, formbook
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run
from ocr.values import UNSURE_NAME, person_name

Facts = dict[FieldName, Found]

TITLE = 0.92
SCHOOL = 0.92
SCHOOL_NEAR = 1.4
SCHOOL_REACH = 4.0
UPPER_PART = 0.6
LOW_TITLE = 0.7
UNLABELLED = 0.75
ACCOUNT = 0.93
TOTAL = 0.95
BESIDE = 1.0
# How far a total's number may stand from its label, in heights of the label.
RIGHT_REACH = 40.0
NEAR_REACH = 2.5
# Another heading of nearly the size of the chosen one, with a school of its own: a list of courses, none of them open.
SAME_SIZE = 0.9
SEVERAL_OPEN = 0.6
VERIFIED_BELOW = 0.93
# A page's bar with the learner's name, in fractions of the page.
TOP_BAR = 0.1
TOP_PART = 0.25
RIGHT_PART = 0.7
SHORTEST_TITLE = 3
LONGEST_TITLE = 40
# A heading is hardly smaller than what stands under it.
HEADING_SIZE = 0.85
# Pieces of a row farther apart than this, in heights, are of different columns.
ROW_GAP = 8.0
OF_COURSE = frozenset(
    {
        FieldName.SCORE,
        FieldName.SCORE_MAX,
        FieldName.HOURS,
        FieldName.HOURS_UNIT,
        FieldName.PERIOD_START,
        FieldName.PERIOD_END,
        FieldName.GRADE,
    }
)

# Labels of a total, surest first; 我的, 课程 and the like may stand before them.
_TOTALS = (
    re.compile(r"(?:我的|您的|你的|本课程|课程|当前|最终|学习)*(?:总成绩|总分数?|总评成绩|总评|综合成绩|总得分)"),
    re.compile(r"(?:最终|综合)(?:成绩|得分)"),
    re.compile(r"(?:我的|您的|你的|本课程|课程|当前|学习)+(?:成绩|得分)"),
    re.compile(r"成绩|得分"),
)
_BAR_WORDS = (
    r"(?:我的(?:课程|学习|主页)|个人中心|学习中心|退出(?:登录)?|注销|登录|首页|消息|通知|设置|帮助|"
    r"欢迎您?|[您你]好|Hi|Hello)"
)
_IN_BAR = re.compile(rf"(?:{_BAR_WORDS}[,.:!|\d()]*)*(?P<name>.+?)(?:[,.:!|]*{_BAR_WORDS}|[▾▼∨˅vV>])*")
_VERIFIED = re.compile(r"已(?:完成|通过)?(?:实名认证|实名|认证)(?:用户)?|实名认证(?:用户|通过|成功)")
_ACCOUNT = re.compile(r"(?=.*[a-z])[A-Za-z][A-Za-z0-9]*[_.\-]?[A-Za-z0-9_]{2,}")
_UNPUBLISHED = re.compile(
    r"(?:总成绩|总分|最终成绩|课程得分|我的成绩|课程成绩|成绩|得分)[:]?\n?(?:将|尚?未|待|暂[无未]|还未|-{2,})(?:在|于)?.{0,6}?(?:公布|发布|出|\n|$)"
)
_SCORE = re.compile(r"(?P<score>\d{1,3}(?:\.\d{1,2})?)分?(?:/\d{2,3}分?)?(?:已通过|未通过|合格|及格)?")
_SCHOOL = re.compile(
    r"(?:开课学校|开课单位|学校|主讲单位)?:?(?P<org>[\u3400-\u9fff()]{2,16}?(?:大学|学院|学校|中学))(?=已|结|进|第|课|学时|开课|共|总|$|[^\u3400-\u9fff])"
)
_NOT_TITLE = re.compile(
    r"总分|成绩|得分|已结束|已通过|未通过|学时|首页|我的|课程详情|成绩单|学习记录|证书|公告|测验|考试|作业|讨论|评分|恭喜|昵称|姓名|实名|搜索|返回|满分|[:/]|\d{2}%|第\d+次|\d{4}[-./年]\d|"
    r"开课|结束|进行中|项目|占比|登录|消息|课件|视频|进度|完成|学校|登陆|^\W*\d|周$|在线课程|小时|其他课程|更多"
)


def refine_screenshot(document: DocumentText, found: Sequence[Found], form: Form) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts of a score page: the course it is about is the one whose title stands largest.

    Scores, hours and dates that stand under another course's heading are not its own.
    """
    opened = _open_course(document)
    headings = _headings(document)
    own = [f for f in found if opened is None or f.name not in OF_COURSE or _belongs(document, f, opened[0], headings)]
    facts = choose_fields(own, form)
    if opened:
        _, title, school = opened
        facts[FieldName.TITLE] = title
        if school:
            facts[FieldName.ISSUER] = school
    facts = with_platform(document, facts)
    if _UNPUBLISHED.search(document.by_line.text):
        facts.pop(FieldName.SCORE, None)
    else:
        facts = _with_total(document, facts, opened[0] if opened else None, headings)
    if opened and _is_list(document, opened[0], headings):
        facts = {name: _doubted(fact) if name in OF_COURSE else fact for name, fact in facts.items()}
    facts = with_real_name(_with_learner(document, facts))
    if FieldName.HOURS in facts:
        return facts, ()
    return with_computed_hours(document, facts)


def _headings(document: DocumentText) -> list[PlacedLine]:
    """Return the lines that can be course titles."""
    return [line for order, line in enumerate(document.lines) if _as_title(document, line, order)]


def _is_list(document: DocumentText, title: PlacedLine, headings: Sequence[PlacedLine]) -> bool:
    """Return whether another course stands as large as the chosen one: whose course the page is about is then open."""
    return any(
        line is not title
        and line.run.text not in title.run.text
        and line.em >= SAME_SIZE * title.em
        and _school_below(document, line) is not None
        for line in headings
    )


def _doubted(fact: Found) -> Found:
    return replace(fact, belief=fact.belief * SEVERAL_OPEN)


def _belongs(document: DocumentText, found: Found, title: PlacedLine, headings: Sequence[PlacedLine]) -> bool:
    """Return whether a fact stands under the open course's title rather than under another course's."""
    box = found.span.box
    left = _row_start(document, found)
    over = [
        line
        for line in headings
        if document.pages[line.page].number == found.span.page
        and line.box.center_y < box.center_y + line.height / 2
        and line.box.left <= box.right
        and line.height >= HEADING_SIZE * box.height
        and (line.box.right > left or line is title)
    ]
    # What stands on the fact's own line before it (学过的课程:…(50分)) is not told apart here: labels must do that.
    nearest = max(over, key=lambda line: line.box.center_y, default=None)
    return nearest is None or nearest is title or nearest.run.text in title.run.text


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


def _open_course(document: DocumentText) -> tuple[PlacedLine, Found, Found | None] | None:
    """Return the line and title of the course that the page is about and the school under it, by size and place."""
    best: tuple[float, PlacedLine, Found, Found | None] | None = None
    for order, line in enumerate(document.lines):
        title = _as_title(document, line, order)
        if title is None:
            continue
        school = _school_below(document, line)
        weight = line.em * (SCHOOL_NEAR if school else 1.0) * (1.0 if line.box.top < UPPER_PART else LOW_TITLE)
        if best is None or weight > best[0]:
            best = weight, line, title, school
    return None if best is None else best[1:]


def _as_title(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    text = line.run.text
    if not SHORTEST_TITLE <= len(text) <= LONGEST_TITLE or _NOT_TITLE.search(text) or org_on(document, line, order):
        return None
    if any(pattern.search(line.line.text) for _, pattern in formbook().platforms):
        return None
    if any(
        other is not line and len(other.run.text) > len(text) and other.run.text.startswith(text)
        for other in document.lines
    ):
        # A picture repeats the beginning of the title.
        return None
    return candidate_at(document, FieldName.TITLE, line.run, TITLE, order)


def _school_below(document: DocumentText, title: PlacedLine) -> Found | None:
    for order, line in enumerate(document.lines):
        gap = line.box.top - title.box.top
        beside = min(line.box.right, title.box.right) > max(line.box.left, title.box.left)
        if line.page == title.page and 0 < gap < SCHOOL_REACH * title.height and beside:
            match = _SCHOOL.match(line.run.text)
            if match:
                return candidate_at(document, FieldName.ISSUER, line.run.part(*match.span("org")), SCHOOL, order)
    return None


def _with_total(
    document: DocumentText, facts: Facts, title: PlacedLine | None, headings: Sequence[PlacedLine]
) -> Facts:
    """Take the total from beside, above or below its label: in a ring or a table the number stands on its own."""
    found: list[Found] = []
    for label in document.lines:
        rank = next((i for i, words in enumerate(_TOTALS) if words.fullmatch(label.run.text.rstrip(":"))), None)
        if rank is None:
            continue
        bare = rank == len(_TOTALS) - 1
        near = [(line, way) for line in document.lines if (way := _way_to(label, line)) and not (bare and way < BESIDE)]
        if near:
            line, way = max(near, key=lambda pair: (round(pair[0].em / label.em, 1), pair[1]))
            weight = TOTAL * (1 - 0.03 * rank) * (1.0 if len(near) == 1 or line.em > label.em else 0.9)
            match = _SCORE.match(line.run.text)
            score = (
                candidate_at(document, FieldName.SCORE, line.run.part(*match.span("score")), weight, 0)
                if match
                else None
            )
            if score and (title is None or _belongs(document, score, title, headings)):
                found.append(score)
    printed = facts.get(FieldName.SCORE)
    best = choose([*found, *([printed] if printed else [])], FieldName.SCORE, last=False)
    return {**facts, FieldName.SCORE: best} if best else facts


def _way_to(label: PlacedLine, line: PlacedLine) -> float:
    """Return how well a line of a bare score stands to a total's label (0: not beside it at all)."""
    if line.page != label.page or line is label or not _SCORE.fullmatch(line.run.text):
        return 0.0
    down = line.box.center_y - label.box.center_y
    if min(line.box.bottom, label.box.bottom) - max(line.box.top, label.box.top) > 0.4 * min(line.height, label.height):
        gap = line.box.left - label.box.right
        return BESIDE if 0 <= gap < RIGHT_REACH * label.em else 0.0
    overlap = min(line.box.right, label.box.right) - max(line.box.left, label.box.left)
    clear = max(line.box.top - label.box.bottom, label.box.top - line.box.bottom)
    if overlap <= 0 or clear > NEAR_REACH * max(label.height, line.height):
        return 0.0
    return 0.9 if down < 0 else 0.8


def _with_learner(document: DocumentText, facts: Facts) -> Facts:
    """Find the learner's shown name without a label: at the page's upper right, or an account's name near the top."""
    if FieldName.HOLDER_NAME in facts or FieldName.NICKNAME in facts:
        return facts
    verified = _verified_name(document)
    if verified:
        return {**facts, FieldName.HOLDER_NAME: verified}
    for order, line in enumerate(document.lines):
        in_bar = line.box.bottom < TOP_BAR and line.box.left > RIGHT_PART
        account = line.box.bottom < TOP_PART and _ACCOUNT.fullmatch(line.run.text)
        if (in_bar or account) and len(line.run.text) <= LONGEST_NICKNAME:
            found = _shown_name(document, line, order) or (_name_in_bar(document, line, order) if in_bar else None)
            if found:
                return {**facts, found.name: found}
    return facts


def _verified_name(document: DocumentText) -> Found | None:
    """Return the name that stands right over the words that it is verified, as on a page's card of the learner."""
    for mark in document.lines:
        if not _VERIFIED.fullmatch(mark.run.text):
            continue
        for order, line in enumerate(document.lines):
            gap = mark.box.top - line.box.bottom
            beside = min(line.box.right, mark.box.right) > max(line.box.left, mark.box.left)
            if line.page == mark.page and beside and -mark.height / 2 < gap < SCHOOL_NEAR * mark.height:
                found = _real_name(document, line.run, VERIFIED_BELOW, order)
                if found:
                    return found
    return None


def _name_in_bar(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    """Return the name among the links of a page's bar: 我的课程 张三, 你好,张三, 退出 张三."""
    match = _IN_BAR.fullmatch(line.run.text)
    return _real_name(document, line.run.part(*match.span("name")), UNLABELLED, order) if match else None


def _real_name(document: DocumentText, run: Run, weight: float, order: int) -> Found | None:
    real = person_name(run.text)
    if real is None or real.factor <= UNSURE_NAME or _NOT_TITLE.search(run.text):
        return None
    return candidate_at(document, FieldName.HOLDER_NAME, run, weight, order)


def _shown_name(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    text = line.run.text
    if _NOT_TITLE.search(text) or not re.search(r"[A-Za-z\u3400-\u9fff]", text):
        return None
    real = person_name(text)
    name = FieldName.HOLDER_NAME if real and real.factor > UNSURE_NAME else FieldName.NICKNAME
    weight = ACCOUNT if _ACCOUNT.fullmatch(text) else UNLABELLED
    return candidate_at(document, name, line.run, weight, order)
