"""What a training is called: from the sentence that tells who took part, or from the line over the certificate. Pure.

A clause begins behind a word for taking part or for holding. What leads it is cut off (who held it, when and where),
then what follows the name (学习, 中, 期间, 并). A name ends as trainings do: 培训, 研修班, 项目, 研讨会.
"""

import re
from collections.abc import Iterator, Mapping

from core.vocabulary import DocType, FieldName
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.layout import BLOCK_END, DocumentText
from ocr.runs import Run
from ocr.values import person_name

TAKING_PART = 0.97
HELD = 0.93
LOOSE = 0.86
OVER_CERTIFICATE = 0.9
OWN_LINES = 0.98
OVER_NUMBER = 0.93
# How far a name stands over an identity number, in heights of the number.
OVER = 1.5
LONGEST_CLAUSE = 110
# Titles stand above this share of the page.
HEAD_SHARE = 0.45

_IDENTITY = re.compile(r"(?:居民|公民)?身份(?:证件?号?码?|号码):?|(?:身份证号?码?:?)?\d{17}[\dXx]")
_PARTICULAR = frozenset({FieldName.HOLDER_NAME, FieldName.ISSUE_DATE, FieldName.CERTIFICATE_NO, FieldName.ID_NUMBER})
_CERTIFIED = _PARTICULAR | {FieldName.TITLE, FieldName.ISSUER, FieldName.PERIOD_END}
_VERB = re.compile(
    r"(?P<part>参加|参与|参训|出席|修完|(?<!同)学完|完成)(?:并(?:完成|通过|修完))?[过了]?的?"
    r"|(?P<held>(?:举办|举行|组织|开展|承办|主办|开设|实施)[了的]|(?<=[日号])(?:举办|举行|开办|召开))"
    r"|(?P<inside>在)(?=[^,。\n]{4,70}(?:中|学习|期间|修业))|(?P<passed>通过)了?(?=[^,。\n]{6,60}考核)"
)
_OPEN, _CLOSE = "《“\"「『‘'〔[(", "》”\"」』’'〕])"
_QUOTES = dict(zip("《“\"「『‘'", "》”\"」』’'", strict=True))
# A comma set in an upright column is read as a quote.
_STOPS = ",。;’"
_DN = "[0-9〇○零OoQ一二三四五六七八九十廿]"
_DAY = (
    rf"(?:{_DN}{{2,6}}年{_DN}{{1,3}}月(?:{_DN}{{1,4}}[日号])?|"
    rf"\d{{4}}[./\-]\d{{1,2}}[./\-]\d{{1,2}}|{_DN}{{1,3}}月{_DN}{{1,4}}[日号])"
)
_LONE_DAY = re.compile(rf"{_DN}{{1,3}}月{_DN}{{1,3}}日")
_ORGANISED = r"(?:主办|承办|协办|举办|组织|开展|实施|举行|召开|开设|安排|委托|主持|牵头|推荐|选派|负责|承担)"
_LEAD = re.compile(
    rf"[了过的由在于自从,]|教育部、?财政部|为期[^,]{{1,4}}[天周月]的?|[本此]次|(?:[我本](?:[校院市县区局会室馆园省厅司]|中心|公司|单位|学校|平台)+(?:所)?的?)(?=[^,。]{{4,}})"
    rf"|{_DAY}(?:(?:起|开始)?(?:至|到|-+|~|一){_DAY}|(?:至|到|-+|~){_DN}{{1,4}}[日号])?(?:止|期间)?"
    rf"|[^《“\"「『。]{{0,60}}?{_ORGANISED}+[的了]|由[^《“\"「『。]{{2,60}}?{_ORGANISED}+(?![者班])|[^《“\"「『。]{{2,40}}{_ORGANISED}(?=[《“\"「『])"
)
_KIND = (
    r"(?:培训班?|研修班?|进修班?|轮训班?|集训班?|讲习班|提高班|高级班|骨干班|研讨班|班|研讨会?|讲座|论坛|讲坛|(?:大|云)?讲堂|[训练研修习成长夏冬]{2}营|工作坊|项目|工程|活动|计划|课程|送[教培]下乡|"
    r"观摩会?|交流会|年会|峰会|会议|报告会|推进会|现场会|培训会|座谈会|展示会|大会|教研|学习|公需科目?|公需课|考察|跟岗|研学|培养|继续教育|教育)"
)
_SUFFIX = r"(?:\d\.\d)?(?:\([^()]{1,16}\)|[(（][一二三四五六七八九十\d]+[)）])?"
_AFTER = re.compile(
    r"(?:的|之)?(?:(?:培训|研修)?学习)?(?:$|[,。;、]|并|且|期间|中(?:学习|(?![小学考级高职期国东西部央华原医外文层青班]))|后|时间|修[完满业]|[已均]|按|经|成绩|累计|共[计\d一-十]?|[总合]计|[计\d一二三四五六七八九十百]+个?(?:学时|课时|学分|小时|天)|"
    r"期满|结束|合格|考[核试]|获|达|表现|全[程部]|规定|任务|各(?:项|阶段|门|环节|个?模块|类|科)|(?:下列|以下|如下|上述)|所有|完成|因|遵守|顺利|圆满|特|予|准)"
)
_KIND_END = re.compile(rf"{_KIND}{_SUFFIX}(?={_AFTER.pattern})")
_PLAIN_KIND = re.compile(
    r"(?:的|主题|专题|网络|线上|远程|集中|在线|系列)*(?:培训|研修|学习|活动|课程|项目|班|会议|研讨)*"
)
_ASIDE = re.compile(
    r"\((?=[^()]*(?:时间|日期|学时|课时|地点|\d月|月\d|\d{4}[.\-/]|[一二三四五六七八九十]月|以下简称|[男女]))[^()]*\)?"
)
# What is spoken of a training without naming it.
_UNNAMED = re.compile(
    r"(?:全部|规定|所有|本次|此次|该项?|此项?|这[项次]|本期|培训|学习|课程|研修|项目|活动|的|了|任务|全程|各项|相关|以上|上述|以下|下列|内容|线上|线下|集中|网络|在线|远程|要求|实践|理论|必修|选修|教学|计划|继续教育|教育|作业|研讨|和|与|及|、|班|"
    r"[\d一二三四五六七八九十百.]+个?(?:学时|课时|学分|小时|天|[门项期])|[我本各][校院市县区局省]|为期|期间|教师)*"
)
_HARDLY = re.compile(r"的?(?:培训|研修|学习|活动|课程|项目)(?:活动|学习|课程|班)?(?![\u3400-\u9fff]{2}(?:班|营))")
_TELLS = re.compile(r"参[加与]|举办|组织|完成|任教|工作(?:期间|以来|中)|我[校院市县区]")
_NOT_OF_TITLE = re.compile(r"证书|证明|[发颁]证|单位|编号|查询|平台$|签[到章]|成绩|考核|经|准予|特发")
_TAKING_PART_IN = (
    r"(?:参加|参与|完成|修完|(?<!同)学完|通过|举办的|组织的|开展的|承办的)了?"
    r"(?:以下|下列)?(?:培训|研修|项目|课程|学习)*:?\n"
)
# On lines of its own: up to three where the sentence goes on below, else one.
_OWN_LINES = (
    re.compile(
        rf"{_TAKING_PART_IN}(?P<title>(?:[^\n。:]{{3,40}}\n){{0,2}}[^\n。:]{{3,40}}?)\n(?=(?:的?学习|培训[,。\n]|研修[,。\n]|[(（,]?(?:共计?|总计|累计|合计)?\d+个?(?:学时|课时|学分)|[,并特准经成]))",
        re.MULTILINE,
    ),
    re.compile(rf"{_TAKING_PART_IN}(?P<title>[^\n,。:]{{4,60}})$", re.MULTILINE),
)
_FIRST_LINE = re.compile(
    rf"[《“\"]?(?P<title>(?=.*(?:\d{{4}}|[省市县区国校全届暨]|[计划工程]{{2}}|教师|[“《])).{{4,48}}(?:培训班?|研修班?|轮训|研讨会|工作坊|项目|工程|论坛|高级班|[训练]{{2}}营){_SUFFIX})[》”\"]?"
)


def certifies(facts: Mapping[FieldName, Found]) -> bool:
    """Return whether a paper tells as much as a certificate does: talk about trainings names no holder and no day."""
    return len(_CERTIFIED & facts.keys()) > 1 and bool(_PARTICULAR & facts.keys())


def training_titles(document: DocumentText) -> list[Found]:
    """Return what can be the training's name; lines over the certificate only where no sentence tells it."""
    found = [title for title in (*_told(document), *_below(document)) if title]
    return found or list(_first_lines(document))


def names_over_numbers(document: DocumentText) -> list[Found]:
    """Return names that stand without a label right over the identity number or its label, as under a photograph."""
    found: list[Found] = []
    for number in document.lines:
        if not _IDENTITY.fullmatch(number.run.text):
            continue
        above = [
            line
            for line in document.lines
            if line.page == number.page
            and -number.height / 2 < number.box.top - line.box.bottom < OVER * number.height
            and line.box.left < number.box.center_x < line.box.right + number.em
        ]
        name = max(above, key=lambda line: line.box.bottom, default=None)
        told = person_name(name.run.text) if name else None
        if name and told and told.factor == 1.0:
            candidate = candidate_at(document, FieldName.HOLDER_NAME, name.run, OVER_NUMBER, 0)
            found.extend([candidate] if candidate else [])
    return found


def _told(document: DocumentText) -> Iterator[Found | None]:
    text = document.flow.text
    for verb in _VERB.finditer(text):
        start, end = _clause(text, verb.end())
        start = _after_lead(text, start, end)
        named = _named(text, start, end, inside=verb["inside"] is not None)
        if named is None:
            continue
        first, last, weight = named
        if _UNNAMED.fullmatch(text, first, last) or _NOT_OF_TITLE.search(text, first, last):
            continue
        weight *= HELD if verb["held"] else 1.0
        yield candidate_at(document, FieldName.TITLE, document.flow.part(first, last), weight, first)


def _below(document: DocumentText) -> Iterator[Found | None]:
    """Yield the lines of their own under words that end with taking part: 完成了 over the course's name."""
    run = document.by_line
    for pattern in _OWN_LINES:
        for match in pattern.finditer(run.text):
            first, last = match.span("title")
            if not _UNNAMED.fullmatch(run.text, first, last) and not _NOT_OF_TITLE.search(run.text, first, last):
                weight = OWN_LINES if pattern is _OWN_LINES[0] else OVER_CERTIFICATE
                yield candidate_at(document, FieldName.TITLE, run.part(first, last), weight, first)


def _clause(text: str, start: int) -> tuple[int, int]:
    """Return where the clause from `start` begins and ends: at a stop or a block's end outside quotes and brackets."""
    if text[start : start + 1] in {BLOCK_END, ":"}:
        start += 1
    depth = 0
    for at in range(start, min(len(text), start + LONGEST_CLAUSE)):
        character = text[at]
        if character in "\"'":
            depth = 0 if depth else 1
        elif character in _OPEN:
            depth += 1
        elif character in _CLOSE and depth:
            depth = max(depth - 1, 0)
        elif (character in _STOPS and not depth) or (
            character == BLOCK_END and (not depth or text[at - 1] == BLOCK_END)
        ):
            return start, at
    return start, min(len(text), start + LONGEST_CLAUSE)


def _after_lead(text: str, start: int, end: int) -> int:
    """Return where the name begins: behind who held it, when and where."""
    while (lead := _LEAD.match(text, start, end)) and lead.end() > start:
        start = lead.end()
    return start


def _named(text: str, start: int, end: int, *, inside: bool) -> tuple[int, int, float] | None:
    """Return (first, past the last, weight) of the name in a clause, None where it names nothing."""
    if start >= end:
        return None
    if text[start] in _QUOTES:
        return _quoted(text, start, end)
    aside = _ASIDE.search(text, start, end)
    end = aside.start() if aside else end
    if inside and (text[start] in _OPEN or _TELLS.search(text, start, end)):
        return None
    last = _kind_end(text[start:end])
    behind = start + last
    if held := _ASIDE.match(text, behind):
        behind = held.end()
    if last and (not inside or text.startswith(("中", "学习", "期间", "修业"), behind)):
        return start, start + last, TAKING_PART
    return (
        None
        if inside
        or any(c in text[start:end] for c in ":;’‘")
        or _LONE_DAY.search(text, start, end)
        or end - start > LONGEST_CLAUSE / 2
        or end - start < len("高效课堂")
        else (start, end, LOOSE)
    )


def _quoted(text: str, start: int, end: int) -> tuple[int, int, float] | None:
    """Return a name that begins with a quote: what stands within, or all of “X”骨干教师研修班."""
    close = text.find(_QUOTES[text[start]], start + 1, end)
    if close < 0:
        close = next((at for at in range(start + 1, end) if text[at] in "》”」』"), -1)
    if close < 0:
        return None
    rest = _ASIDE.split(text[close + 1 : end])[0]
    last = _kind_end(rest, least=0)
    if not last or _AFTER.match(rest) or (_PLAIN_KIND.fullmatch(rest[:last]) and _names(text[start + 1 : close], rest)):
        return start + 1, close, TAKING_PART
    return start, close + 1 + last, TAKING_PART


def _names(quoted: str, rest: str) -> bool:
    """Return whether what is quoted names a training by itself, or the words behind it are hardly part of a name."""
    return bool(_HARDLY.match(rest)) or any(word in quoted for word in ("培训", "研修", "项目", "班", "工作坊", "工程"))


def _kind_end(text: str, *, least: int = len("培训班")) -> int:
    """Return where a name longer than `least` at the beginning of `text` ends as trainings do, else 0."""
    for kind in _KIND_END.finditer(text):
        name = text[: kind.end()]
        whole = all(name.count(a) == name.count(b) for a, b in ("()", "“”", "《》", "「」"))
        if kind.end() > least and whole:
            return kind.end()
    return 0


def _first_lines(document: DocumentText) -> Iterator[Found]:
    """Yield the lines over a certificate that name a training, a second one with 暨 (and also) joined to its first."""
    labels = formbook().forms[DocType.TRAINING_CERTIFICATE].stops
    for order, line in enumerate(document.lines):
        run = line.run
        if order and run.text.startswith("暨"):
            before = document.lines[order - 1].run
            run = Run(before.text + run.text, before.marks + run.marks)
        text = run.text
        match = _FIRST_LINE.fullmatch(text)
        if match is None or line.page or line.box.top > HEAD_SHARE or _NOT_OF_TITLE.search(text):
            continue
        if _UNNAMED.fullmatch(match["title"]) or text.startswith(labels):
            continue
        found = candidate_at(document, FieldName.TITLE, run.part(*match.span("title")), OVER_CERTIFICATE, order)
        if found:
            yield found
