"""Certificates and score pages of online courses: platform, real name or nickname, hours, the page's course. Pure."""

import re
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.extract.issuers import org_on
from ocr.fields import Found, candidate_at, choose
from ocr.formbook import formbook
from ocr.layout import DocumentText, PlacedLine
from ocr.numerals import parse_number, plain
from ocr.values import UNSURE_NAME, person_name

Facts = dict[FieldName, Found]

PLATFORM = 0.97
COMPUTED = 0.7
TITLE = 0.92
SCHOOL = 0.92
SCHOOL_NEAR = 1.4
SCHOOL_REACH = 4.0
SAME_COLUMN = 0.6
UNLABELLED = 0.75
LONE_NAME = 0.95
SURE_NAME = 0.9
# The name stands at most this part of the page above the sentence.
NAME_REACH = 0.3
# A page's bar with the learner's name, in fractions of the page.
TOP_BAR = 0.1
RIGHT_PART = 0.7
LONGEST_NICKNAME = 20
SHORTEST_TITLE = 3
LONGEST_TITLE = 40

_NUM = r"(\d+(?:\.\d+)?|[一二三四五六七八九十两]+)"
_WEEKLY = (
    re.compile(rf"每周{_NUM}个?(?:学时|课时|小时)[^0-9一-十\n]{{0,6}}{_NUM}周"),
    re.compile(rf"{_NUM}个?(?:学时|课时|小时)[/每]每?周[^0-9]{{0,12}}{_NUM}周"),
    re.compile(rf"(?<!每){_NUM}周[^0-9\n]{{0,8}}每周{_NUM}个?(?:学时|课时|小时)"),
    re.compile(rf"(?<!每){_NUM}周[^0-9\n]{{0,8}}{_NUM}个?(?:学时|课时|小时)[/每]周"),
)
_TOTAL_WORDS = (
    "总成绩",
    "总分",
    "最终成绩",
    "综合成绩",
    "总评成绩",
    "课程总评",
    "总评",
    "最终得分",
    "总得分",
    "课程得分",
    "课程成绩",
    "我的成绩",
    "当前成绩",
    "学习成绩",
    "成绩",
    "得分",
)
_SCORE = re.compile(r"(?P<score>\d{1,3}(?:\.\d{1,2})?)分?(?:/\d{2,3}分?)?")
TOTAL = 0.95
RIGHT_REACH = 40.0
NEAR_REACH = 2.5
MOST_HOURS = 1000
_SCHOOL = re.compile(
    r"(?:开课学校|开课单位|学校|主讲单位)?:?(?P<org>[\u3400-\u9fff()]{2,16}?(?:大学|学院|学校|中学))(?![\u3400-\u9fff])"
)
_DONE = re.compile(r"完成|学完|修完|修读|参加|学习了|通过了|successfully|[您你](?:已|于|在)|^[于自在]\S{0,3}\d")
_NOT_SHOWN = re.compile(
    r"证书|证明|CERTIFICATE|[Cc]ertificate|课程|大学|学院|学校|编号|[Nn]o[.:]|网|\.com|\.org|\.cn|:.|[《》。]|\d{4}[年.\-]|慕课|平台|教育部|特此|兹"
)
_ADDRESSED = re.compile(r"(?P<name>.{2,}?)(?:同学|学员|老师|同志|先生|女士)?[:,]?$")
_NOT_TITLE = re.compile(
    r"总分|成绩|得分|已结束|已通过|未通过|学时|首页|我的|课程详情|成绩单|学习记录|证书|公告|测验|考试|作业|讨论|评分|恭喜|昵称|姓名|实名|搜索|返回|满分|[:/]|\d{2}%|第\d+次|"
    r"开课|结束|进行中|项目|占比|登录|消息|课件|视频|进度|完成|学校|登陆|^\W*\d|周$|在线课程|小时|其他课程|更多"
)


def refine_mooc(document: DocumentText, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Complete a course certificate."""
    out = _with_platform(document, facts)
    out = _with_lone_name(document, out)
    out = _with_real_name(out)
    return _with_computed_hours(document, out)


def refine_screenshot(document: DocumentText, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Complete a score page: the course it is about is the one whose title stands largest."""
    out = _with_platform(document, facts)
    titled = _open_course(document)
    if titled:
        title, school = titled
        out[FieldName.TITLE] = title
        if school:
            out[FieldName.ISSUER] = school
    out = _with_total(document, out)
    out = _with_learner(document, out)
    out = _with_real_name(out)
    return _with_computed_hours(document, out)


def _with_platform(document: DocumentText, facts: Facts) -> Facts:
    """Name the platform by what stands first on the page: its brand, else its address."""
    found: list[Found] = []
    for name, pattern in formbook().platforms:
        match = pattern.search(document.flow.text)
        span = document.span(document.flow.part(*match.span())) if match else None
        if match and span:
            found.append(Found(FieldName.PLATFORM, name, PLATFORM * span.confidence, span, match.start()))
    best = choose(found, FieldName.PLATFORM, last=False)
    if best is None:
        return facts
    distinct = {f.value for f in found}
    belief = best.belief if len(distinct) == 1 else best.belief * 0.6
    return {**facts, FieldName.PLATFORM: Found(best.name, best.value, belief, best.span, best.place)}


def _with_real_name(facts: Facts) -> Facts:
    """Let a shown nickname exclude a holder; a paper that says real-named shows a real name."""
    out = dict(facts)
    holder, nickname = out.get(FieldName.HOLDER_NAME), out.get(FieldName.NICKNAME)
    if nickname and holder and (holder.value in nickname.value or holder.belief < nickname.belief):
        del out[FieldName.HOLDER_NAME]
        holder = None
    if nickname and not holder:
        out[FieldName.REAL_NAMED] = Found(FieldName.REAL_NAMED, "false", nickname.belief, nickname.span, nickname.place)
    elif nickname and holder:
        del out[FieldName.NICKNAME]
    elif not holder:
        out.pop(FieldName.REAL_NAMED, None)
    return out


def _with_computed_hours(document: DocumentText, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Multiply a weekly load where no hours are printed; such hours are marked, for they are nobody's word."""
    if FieldName.HOURS in facts:
        return facts, ()
    for pattern in _WEEKLY:
        for run in (document.flow, document.by_line):
            match = pattern.search(run.text)
            span = document.span(run.part(*match.span())) if match else None
            if match is None or span is None:
                continue
            each, weeks = parse_number(match[1]), parse_number(match[2])
            if each and weeks and each * weeks < MOST_HOURS:
                told = replace(span, source="computed")
                hours = Found(FieldName.HOURS, plain(each * weeks), COMPUTED * span.confidence, told, match.start())
                unit = replace(hours, name=FieldName.HOURS_UNIT, value="学时")
                return {**facts, FieldName.HOURS: hours, FieldName.HOURS_UNIT: unit}, ("hours_computed",)
    return facts, ()


def _open_course(document: DocumentText) -> tuple[Found, Found | None] | None:
    """Return the title of the course that the page is about and the school under it, by size and place."""
    best: tuple[float, Found, Found | None] | None = None
    for order, line in enumerate(document.lines):
        title = _as_title(document, line, order)
        if title is None:
            continue
        school = _school_below(document, line)
        weight = line.em * (SCHOOL_NEAR if school else 1.0) * (1.0 if line.box.top < SAME_COLUMN else 0.7)
        if best is None or weight > best[0]:
            best = weight, title, school
    return None if best is None else (best[1], best[2])


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


def _with_lone_name(document: DocumentText, facts: Facts) -> Facts:
    """Find the learner's name set large on a line of its own above the sentence that says what was done."""
    told = facts.get(FieldName.HOLDER_NAME)
    if FieldName.NICKNAME in facts or (told and told.belief >= SURE_NAME):
        return facts
    sentence = next((p for p in document.lines if _DONE.search(p.run.text)), None)
    if sentence is None:
        return facts
    above = [
        (line, order)
        for order, line in enumerate(document.lines)
        if line.page == sentence.page
        and 0 < sentence.box.center_y - line.box.center_y < NAME_REACH
        and _may_be_shown(line)
    ]
    if not above:
        return facts
    line, order = max(above, key=lambda pair: pair[0].height)
    match = _ADDRESSED.match(line.run.text)
    shown = line.run.part(*match.span("name")) if match else line.run
    real = person_name(shown.text)
    checked = FieldName.REAL_NAMED in facts and facts[FieldName.REAL_NAMED].value == "true"
    holder = real and (real.factor > UNSURE_NAME or checked)
    found = candidate_at(document, FieldName.HOLDER_NAME if holder else FieldName.NICKNAME, shown, LONE_NAME, order)
    if found is None or (told and told.belief > found.belief):
        return facts
    return {**{k: v for k, v in facts.items() if k is not FieldName.HOLDER_NAME}, found.name: found}


def _may_be_shown(line: PlacedLine) -> bool:
    """Return whether a line can be a learner's shown name: short, no title of the paper, no brand, no label."""
    text = line.run.text
    if not 2 <= len(text) <= LONGEST_NICKNAME or _NOT_SHOWN.search(text) or not re.search(r"[A-Za-z\u3400-\u9fff]", text):
        return False
    return not any(pattern.search(line.line.text) for _, pattern in formbook().platforms)


def _with_total(document: DocumentText, facts: Facts) -> Facts:
    """Take the total from beside, above or below its label: in a ring or a table the number stands on its own."""
    found: list[Found] = []
    for label in document.lines:
        rank = next((i for i, word in enumerate(_TOTAL_WORDS) if label.run.text.rstrip(":") == word), None)
        if rank is None:
            continue
        near = [(line, way) for line in document.lines if (way := _way_to(label, line))]
        if near:
            line, way = max(near, key=lambda pair: (round(pair[0].em / label.em, 1), pair[1]))
            weight = TOTAL * (1 - 0.03 * rank) * (1.0 if len(near) == 1 or line.em > label.em else 0.9)
            match = _SCORE.match(line.run.text)
            score = (
                candidate_at(document, FieldName.SCORE, line.run.part(*match.span("score")), weight, 0)
                if match
                else None
            )
            if score:
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
        return 1.0 if 0 <= gap < RIGHT_REACH * label.em else 0.0
    overlap = min(line.box.right, label.box.right) - max(line.box.left, label.box.left)
    clear = max(line.box.top - label.box.bottom, label.box.top - line.box.bottom)
    if overlap <= 0 or clear > NEAR_REACH * label.height:
        return 0.0
    return 0.9 if down < 0 else 0.8


def _with_learner(document: DocumentText, facts: Facts) -> Facts:
    """Find the learner's shown name without a label: at the page's upper right, or after the platform's brand."""
    if FieldName.HOLDER_NAME in facts or FieldName.NICKNAME in facts:
        return facts
    for order, line in enumerate(document.lines):
        if line.box.bottom < TOP_BAR and line.box.left > RIGHT_PART and len(line.run.text) <= LONGEST_NICKNAME:
            found = _shown_name(document, line, order)
            if found:
                return {**facts, found.name: found}
    return facts


def _shown_name(document: DocumentText, line: PlacedLine, order: int) -> Found | None:
    text = line.run.text
    if _NOT_TITLE.search(text) or not re.search(r"[A-Za-z\u3400-\u9fff]", text):
        return None
    real = person_name(text)
    name = FieldName.HOLDER_NAME if real and real.factor > UNSURE_NAME else FieldName.NICKNAME
    return candidate_at(document, name, line.run, UNLABELLED, order)
