"""What certificates and score pages of online courses share: platform, real name or nickname, weekly hours. Pure."""

import re
from dataclasses import replace

from core.vocabulary import DocType, FieldName
from ocr.choice import choose
from ocr.extract.offered import with_course_offered
from ocr.extract.totals import with_row_total
from ocr.extract.wraps import with_whole_title
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.labels import beside_labels
from ocr.layout import DocumentText
from ocr.numerals import parse_number, plain
from ocr.officers import of_officer
from ocr.runs import PlacedLine
from ocr.values import UNSURE_NAME, person_name

Facts = dict[FieldName, Found]

PLATFORM = 0.97
SEVERAL_PLATFORMS = 0.6
MENTIONED = 0.6
COMPUTED = 0.7
MOST_HOURS = 1000
LONE_NAME = 0.95
NICKNAME = 0.93
SURE_NAME = 0.9
# How much larger than the sentence a name is that is shown.
LARGE = 1.15
# The name stands at most this part of the page above the sentence.
NAME_REACH = 0.3
SHORTEST_NAME = 2
LONGEST_NICKNAME = 20

_NUM = r"(\d{1,3}(?:\.\d{1,2})?|[一二三四五六七八九十两]{1,4})"
_WEEKLY = (
    re.compile(rf"每周{_NUM}个?(?:学时|课时|小时)[^0-9一二三四五六七八九十两\n]{{0,6}}{_NUM}周"),
    re.compile(rf"{_NUM}个?(?:学时|课时|小时)[/每]每?周[^0-9]{{0,12}}{_NUM}个?(?:教学)?周"),
    re.compile(rf"(?<!每){_NUM}周[^0-9\n]{{0,8}}每周{_NUM}个?(?:学时|课时|小时)"),
    re.compile(rf"(?<!每){_NUM}周[^0-9\n]{{0,8}}{_NUM}个?(?:学时|课时|小时)[/每]周"),
)
# A platform that is spoken of, not the one that certifies: a course's source, a link, a title about it.
_SPOKEN_BEFORE = re.compile(r"(?:来自|来源|选自|引自|转自|链接|[亦也]在|同步|同时在|《[^》\n]{0,30})[:于]?$")
_SPOKEN_AFTER = re.compile(r"^(?:平台|网站?)?(?:同步)?(?:上线|友情链接|链接|也有|使用)")
_DONE = re.compile(
    r"完成|学完|修完|修读|参加|学习了|通过了|successfu\w{2,3}|特此证明|特发此证|成绩|[您你](?:已|于|在)|^[于自在]\S{0,3}\d"
)
_NOT_SHOWN = re.compile(
    r"^·|第.*号$|^[\d.,/%]+分?$|^(?:祝贺|恭喜|授予|颁予|颁给|发给)$|[贵本我]校|性别|证件|(?:[中小]学|幼儿园|[局院校厅]):?$|学时|成绩|类型|期次|日期|时间|实名|认证|验证|专用|仅供|存档|证书|证明|CERTIFICATE|[Cc]ertificate|课程|大学|学院|学校|编号|[Nn]o[.:]|网|\.com|\.org|\.cn|:.|[《》。]|\d{4}[年.\-]|慕课|平台|教育部|特此|兹"
)
_SCHOOL = re.compile(r"[\u3400-\u9fff()（）]{2,16}(?:大学|学院)")
# A school that begins a line and ends it, or is told again in English.
_OWN_LINE = re.compile(r"[\u3400-\u9fff()（）]{2,16}?(?:大学|学院)(?=$|[A-Za-z])")
_ADDRESSED = re.compile(
    r"(?:兹?授[予与]|颁发给|颁予|祝贺|恭喜|学员|学习者)?:?(?P<name>.{2,}?)(?:同学|学员|老师|同志|先生|女士)?[:,]?$"
)


def refine_mooc(document: DocumentText, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Complete a course certificate."""
    out = with_platform(document, facts)
    out = with_labelled_nickname(document, out, DocType.MOOC_CERTIFICATE)
    out = with_real_name(_with_lone_name(document, _without_title(document, out)))
    out = with_whole_title(document, with_course_offered(document, out))
    out = with_row_total(document, out)
    if FieldName.HOURS in out:
        return out, ()
    return with_computed_hours(document, out)


def _on_its_line(document: DocumentText, facts: Facts) -> Facts:
    """Take a school that fills a line by itself without what ran into it from the line above."""
    issuer = facts.get(FieldName.ISSUER)
    if issuer is None or not re.fullmatch(r"[\u3400-\u9fff]+", issuer.value):
        return facts
    alone = [
        school[0]
        for line in document.lines
        if (school := _OWN_LINE.match(line.run.text)) and issuer.value.endswith(school[0])
    ]
    longest = max(alone, key=len, default=issuer.value)
    return {**facts, FieldName.ISSUER: replace(issuer, value=longest)}


def _without_title(document: DocumentText, facts: Facts) -> Facts:
    """Cut the course's name off a school's that runs on from it: both stand on one line with room between."""
    facts = _on_its_line(document, facts)
    issuer, title = facts.get(FieldName.ISSUER), facts.get(FieldName.TITLE)
    if issuer is None or title is None or title.value not in issuer.value:
        return facts
    rest = issuer.value.split(title.value)[-1].strip('》”" ')
    if not _SCHOOL.fullmatch(rest):
        return facts
    return {**facts, FieldName.ISSUER: replace(issuer, value=rest)}


def with_platform(document: DocumentText, facts: Facts) -> Facts:
    """Name the platform by what stands first on the page: its brand, else its address."""
    found: list[Found] = []
    for name, pattern in formbook().platforms:
        matches = list(pattern.finditer(document.flow.text))
        match = next((m for m in matches if not _spoken_of(m)), matches[0] if matches else None)
        span = document.span(document.flow.part(*match.span())) if match else None
        if match and span:
            belief = PLATFORM * span.confidence * (MENTIONED if _spoken_of(match) else 1.0)
            found.append(Found(FieldName.PLATFORM, name, belief, span, match.start()))
    best = choose(found, FieldName.PLATFORM, last=False)
    if best is None:
        return facts
    distinct = {f.value for f in found}
    belief = best.belief if len(distinct) == 1 else best.belief * SEVERAL_PLATFORMS
    return {**facts, FieldName.PLATFORM: Found(best.name, best.value, belief, best.span, best.place)}


def _spoken_of(match: re.Match[str]) -> bool:
    """Return whether a platform's name stands in words that only mention it."""
    text = match.string
    return bool(_SPOKEN_BEFORE.search(text[: match.start()]) or _SPOKEN_AFTER.match(text[match.end() :]))


def with_real_name(facts: Facts) -> Facts:
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
        told = out.get(FieldName.REAL_NAMED)
        if told and "昵称" in told.span.text:
            # a nickname beside the real name says nothing of who checked it
            del out[FieldName.REAL_NAMED]
    elif not holder:
        out.pop(FieldName.REAL_NAMED, None)
    return out


def with_computed_hours(document: DocumentText, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Multiply a weekly load, for use where no hours are printed; the note marks that they are nobody's word."""
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
        and line.box.bottom < sentence.box.center_y
        and sentence.box.center_y - line.box.center_y < NAME_REACH
        and _may_be_shown(line)
    ]
    if not above:
        return facts
    # of what is set large a person's name right over the sentence is surer the learner than a heading
    large = [(line, order) for line, order in above if line.height > LARGE * sentence.height and _named(line)]
    line, order = max(large or above, key=lambda pair: pair[0].box.top if large else pair[0].height)
    match = _ADDRESSED.match(line.run.text)
    shown = line.run.part(*match.span("name")) if match else line.run
    real = person_name(shown.text)
    checked = FieldName.REAL_NAMED in facts and facts[FieldName.REAL_NAMED].value == "true"
    holder = real and (real.factor > UNSURE_NAME or checked)
    found = candidate_at(document, FieldName.HOLDER_NAME if holder else FieldName.NICKNAME, shown, LONE_NAME, order)
    if found is None or of_officer(document, found) or (told and (not holder or told.belief > found.belief)):
        return facts
    return {**{k: v for k, v in facts.items() if k is not FieldName.HOLDER_NAME}, found.name: found}


def _named(line: PlacedLine) -> bool:
    match = _ADDRESSED.match(line.run.text)
    real = person_name(match["name"] if match else line.run.text)
    return real is not None and real.factor > UNSURE_NAME


def with_labelled_nickname(document: DocumentText, facts: Facts, kind: DocType) -> Facts:
    """Take what stands beside a learner's label for a nickname where it cannot be a person's name."""
    if FieldName.HOLDER_NAME in facts or FieldName.NICKNAME in facts:
        return facts
    form = formbook().forms[kind]
    words = next(label.words for label in form.labels if label.name is FieldName.HOLDER_NAME)
    for run, _, closeness in beside_labels(document, words, form.stops):
        found = candidate_at(document, FieldName.NICKNAME, run, NICKNAME * closeness, 0)
        shown = SHORTEST_NAME <= len(run.text) <= LONGEST_NICKNAME and not _NOT_SHOWN.search(run.text)
        if found and shown and person_name(run.text) is None and re.search(r"[A-Za-z\u3400-\u9fff]", run.text):
            return {**facts, FieldName.NICKNAME: found}
    return facts


def _may_be_shown(line: PlacedLine) -> bool:
    """Return whether a line can be a learner's shown name: short, no title of the paper, no brand, no label."""
    text = line.run.text
    if (
        not SHORTEST_NAME <= len(text) <= LONGEST_NICKNAME
        or _NOT_SHOWN.search(text)
        or not re.search(r"[A-Za-z\u3400-\u9fff]", text)
    ):
        return False
    return not any(pattern.search(line.line.text) for _, pattern in formbook().platforms)
