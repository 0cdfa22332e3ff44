"""A course's school and title where no sentence or label tells them: by where and how they stand on the page. Pure."""

import re
from collections.abc import Iterator

from core.vocabulary import FieldName
from ocr.extract.issuers import joined
from ocr.fields import candidate_at
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run
from ocr.values import person_name

Facts = dict[FieldName, Found]

ONLY_SCHOOL = 0.88
LONE_TITLE = 0.86
QUOTED_TITLE = 0.86
HEADING_TITLE = 0.7
# How much larger than the usual line a heading is.
HEADING = 1.5
SHORTEST_SCHOOL = 4
LONGEST_SCHOOL = 16
SHORTEST_TITLE = 4
# A heading's line can be part of it.
SHORTEST_PART = 2
LONGEST_TITLE = 40
# A title stands at most this many heights of the line below the words that name what was done.
TITLE_REACH = 4.0
LINES_BELOW = 3
# A card's school stands right below its course, and not where papers are signed.
SCHOOL_REACH = 2.5
LOWEST_SCHOOL = 0.7

_SCHOOL = re.compile(
    rf"[\u3400-\u9fff]{{2,{LONGEST_SCHOOL}}}?(?:大学|学院)(?=[^\u3400-\u9fff]|$|[在的与由于]|开设|提供|主讲|讲授|推出|出品|课程|慕课|教务|第|联合|上线)"
)
# What stands before a school in its sentence.
_LEAD = re.compile(
    r"^.*(?:[由在的了于从]|学校|单位|院校|高校|机构|大学(?=.{2,}(?:大学|学院))|修读|选修|学习|学完|修完|完成|通过|参加|获得|课程|平台|开课)(?=.{2,})"
)
_OF_PERSON = re.compile(r"(?:所在|工作|任职|任教|就读|毕业|学员|学生)(?:的?(?:单位|学校|院校|高校))?:?$")
_ENCLOSED = re.compile(r"《[^》\n]*》|“[^”\n]*”|「[^」\n]*」")
_QUOTED = re.compile(rf"[“「『](?P<title>[^”」』\n]{{{SHORTEST_TITLE},{LONGEST_TITLE}}})[”」』]")
_YEAR = re.compile(r"^(?:19|20)\d\d年?度?")
_DONE = re.compile(
    r"(?:完成|学完|修完|通过|修读|学习|选修)了?[^。,]{0,16}$|(?:课程|慕课|MOOC|考核)%?[:]?$|"
    r"(?i:completed|passed|completion|passinggrade|thecourse|courseof)[^。]{0,30}$"
)
_NO_COURSE = re.compile(
    r"证书|证明|编号|认证|实名|平台|M[O0]{2}C|慕课|网|www|\.com|查询|扫|验证|(?:大学|学院)[^\u3400-\u9fff]*$|负责人|教师$|老师|教授|[校院]长|主任|总裁|总监|日期|时间|成绩|得分|"
    r"满分|特此|特发|颁发|完成|兹|[您你]|恭喜|祝贺|昵称|[。:;,@]|等级|\d{4}[年.\-/]|^\D?\d+(?![\dD]|[\u3400-\u9fff]{3})|学时|同学|同志|先生$|女士$|查看|下载|分享|第\d+[次轮期]|团队|(?i:certif|statement|complet|offered|university|college|course$)"
)


def with_course_offered(document: DocumentText, facts: Facts) -> Facts:
    """Complete a course's title and school."""
    out = dict(facts)
    if FieldName.TITLE not in out:
        title = _quoted_title(document, out) or _lone_title(document, out)
        if title:
            out[FieldName.TITLE] = title
    if FieldName.ISSUER not in out:
        school = _only_school(document, out.get(FieldName.TITLE))
        if school:
            out[FieldName.ISSUER] = school
    if FieldName.TITLE not in out and FieldName.ISSUER in out:
        title = _title_over(document, out[FieldName.ISSUER], out)
        if title:
            out[FieldName.TITLE] = title
    if FieldName.TITLE not in out:
        title = _largest_title(document, out)
        if title:
            out[FieldName.TITLE] = title
    return out


def _only_school(document: DocumentText, title: Found | None) -> Found | None:
    """Return the one school of higher education that the page names; None where it names several or none."""
    found: dict[str, Found] = {}
    for run in (document.flow, document.by_line):
        for school in _schools(document, run):
            if title is None or school.value not in title.value:
                found.setdefault(school.value, school)
    # a name broken at a line's end leaves its rest
    whole = [f for f in found.values() if not any(f.value != g and f.value in g for g in found)]
    return joined(whole) if len(whole) == 1 else None


def _schools(document: DocumentText, run: Run) -> Iterator[Found]:
    enclosed = [m.span() for m in _ENCLOSED.finditer(run.text)]
    for match in _SCHOOL.finditer(run.text):
        lead = _LEAD.match(match[0])
        start = match.start() + (lead.end() if lead else 0)
        if match.end() - start < SHORTEST_SCHOOL or any(a <= start < b for a, b in enclosed):
            continue
        if _OF_PERSON.search(run.text[max(0, start - 8) : start]):
            continue
        school = candidate_at(document, FieldName.ISSUER, run.part(start, match.end()), ONLY_SCHOOL, start)
        if school and len(school.value) >= SHORTEST_SCHOOL:
            yield school


def _quoted_title(document: DocumentText, facts: Facts) -> Found | None:
    """Return the only thing in quotes that can be a course; a nickname and a platform can stand in quotes too."""
    shown = {f.value for name, f in facts.items() if name in {FieldName.HOLDER_NAME, FieldName.NICKNAME}}
    found = [
        m
        for m in _QUOTED.finditer(document.flow.text)
        if m["title"] not in shown and not _NO_COURSE.search(_YEAR.sub("", m["title"])) and m["title"][-1] != "证"
    ]
    if len({m["title"] for m in found}) != 1:
        return None
    match = found[0]
    return candidate_at(
        document, FieldName.TITLE, document.flow.part(*match.span("title")), QUOTED_TITLE, match.start()
    )


def _lone_title(document: DocumentText, facts: Facts) -> Found | None:
    """Return the largest line of its own right below the words for what was done."""
    for index, done in enumerate(document.lines):
        if not _DONE.search(done.run.text):
            continue
        below = [
            (line, order)
            for order, line in enumerate(document.lines)
            if order != index
            and line.page == done.page
            and 0 < line.box.top - done.box.top < TITLE_REACH * max(done.height, line.height)
            and min(line.box.right, done.box.right) > max(line.box.left, done.box.left)
        ]
        nearest = sorted(below, key=lambda pair: pair[0].box.top)[:LINES_BELOW]
        fitting = [(line, order) for line, order in nearest if _may_be_course(line, facts)]
        if fitting:
            line, order = max(fitting, key=lambda pair: pair[0].height)
            return candidate_at(document, FieldName.TITLE, line.run, LONE_TITLE, order)
    return None


def _title_over(document: DocumentText, school: Found, facts: Facts) -> Found | None:
    """Return the line right over a school on a line of its own, as cards show a course; none among the signatures."""
    own = next((line for line in document.lines if line.run.text == school.value), None)
    if own is None or own.box.bottom > LOWEST_SCHOOL:
        return None
    over = [
        (line, order)
        for order, line in enumerate(document.lines)
        if line.page == own.page
        and 0 < own.box.top - line.box.top < SCHOOL_REACH * max(own.height, line.height)
        and min(line.box.right, own.box.right) > max(line.box.left, own.box.left)
        and line.height > own.height
    ]
    if not over:
        return None
    line, order = max(over, key=lambda pair: pair[0].box.top)
    return candidate_at(document, FieldName.TITLE, line.run, LONE_TITLE, order) if _may_be_course(line, facts) else None


def _largest_title(document: DocumentText, facts: Facts) -> Found | None:
    """Return the largest line that can be a course, where the paper is headed with it and says nowhere what it is."""
    usual = sorted(line.height for line in document.lines)[len(document.lines) // 2]
    fitting = [
        (line, order)
        for order, line in enumerate(document.lines)
        if line.height > HEADING * usual
        and line.box.bottom < LOWEST_SCHOOL
        and _may_be_course(line, facts, SHORTEST_PART)
    ]
    if not fitting:
        return None
    line, order = max(fitting, key=lambda pair: (round(pair[0].height / usual, 1), -pair[0].box.top))
    return candidate_at(document, FieldName.TITLE, line.run, HEADING_TITLE, order)


def _may_be_course(line: PlacedLine, facts: Facts, shortest: int = SHORTEST_TITLE) -> bool:
    text = line.run.text
    if not shortest <= len(text) <= LONGEST_TITLE or _NO_COURSE.search(text):
        return False
    if not re.search(r"[\u3400-\u9fff]{2}", text):
        return False
    shown = {f.value for name, f in facts.items() if name in {FieldName.HOLDER_NAME, FieldName.NICKNAME}}
    real = person_name(text)
    return text not in shown and not (real and "·" in text)
