"""From a piece of text to a field's normal form, with a factor (0..1) for what makes it doubtful. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.vocabulary import FieldName
from ocr.dates import DateReading, parse_date
from ocr.formbook import formbook
from ocr.glyphs import simplified
from ocr.numbers import id_number_valid
from ocr.numerals import parse_number, plain
from ocr.runs import folded

DATES = frozenset({FieldName.BIRTH_DATE, FieldName.ISSUE_DATE, FieldName.PERIOD_START, FieldName.PERIOD_END})
NUMBERS = frozenset({FieldName.HOURS, FieldName.SCORE, FieldName.SCORE_MAX})
HOURS_UNITS = {"学时": "学时", "课时": "学时", "学分": "学分", "小时": "小时"}
CJK = r"㐀-鿿豈-﫿\U00020000-\U0003ffff〇"

LONGEST_NAME = 4
SHORTEST_NUMBER = 5
LONGEST_NUMBER = 40
FEWEST_DIGITS = 4
LONGEST_PHRASE = 80

GUESSED = 0.45
UNSURE_NAME = 0.6
CLIPPED = 0.3
UNCLOSED = 0.86

_NAME = re.compile(rf"[{CJK}?□]{{1,10}}(?:·[{CJK}?□]{{1,10}})*")
# What follows a name in its sentence: 刁斌,男,身份证号
_NAME_TAIL = re.compile(
    r"[|丨(\[【〔].*$|(?<=..)[,·]?(?:已?(?:完成|通过)?实名(?:已?认证)?|已认证|认证用户)[√✓]?$|[,.、·]已?$|[,.、·](?:[男女](?![\u3400-\u9fff])|性别|身份证|证件|系|工作).*$"
    # where one is from: 张三系某某籍
    r"|(?<=..)系[\u3400-\u9fff]{1,14}(?:籍|人氏?)$"
)
# What marks a name as checked, behind it: 张三√已实名, 张三(实名认证).
_NAME_MARK = re.compile(
    r"(?<=.)(?:[√✓✔☑☆★].*|[(\[【](?:[已未]|通过|经)*(?:实名|认证|身份|核验)[^)]*[)\]】]?|[已未]?(?:通过)?实名(?:认证|核验|用户)?)$"
)
_NAME_ADDRESS = re.compile(r"(?<=.{2})(?:同志|老师|同学|先生|女士|学员)$")
_NUMBER_TAIL = re.compile(r"[^0-9A-Za-z一-鿿()\-/]+$")
_FIGURE_FIRST = re.compile(r"[01][A-Z]\d{8}")
_CERTIFICATE_NO = re.compile(r"[0-9A-Z一-鿿()\[\]\-/_第字号]*\d[0-9A-Z一-鿿()\[\]\-/_第字号]*")
_CLIPPED_DAY = re.compile(r"月[一二三四五六七八九十廿卅]{1,3}$")
_PLACE = re.compile(r"地点|会议室|报告厅|教室|时间|日期|\d[楼层室]")
# A decimal point read or written as a comma of one or the other kind: 89、8分.
_COMMA_POINT = re.compile(r"(?<=^\d\d)[、,·](?=\d(?:分|$))")
# 2学分/32学时: the hours are the second figure.
_CREDITS_TOO = re.compile(r"\d学分.*\d个?(?:学时|课时)")
_AMOUNT = re.compile(r"(?P<number>.+?)个?(?:分|学时|课时|学分|小时)?(?:[/(](?!每?[周天日次年期月]).{0,8})?")
# What a sentence says before it names the school: 于…至…完成了由 X大学.
# Whose course it is, run into the school's name: 你在某某大学, 开课大学 某某大学.
_GIVEN = re.compile(
    r"^(?:[你您]在|(?:开课|主讲|授课|建课|开设|颁证)(?:大学|学校|院校|高校|单位)[:：]?\s*)(?=[\u3400-\u9fff]{2,}(?:大学|学院))"
)
_ORG_LEAD = re.compile(
    r"^.*(?:了由|由|(?:完成|学完(?!成)|修完|学习|修读|参加|通过|选修)了?|\d[日月])(?=.{2,}(?:大学|学院|学校|公司|中心|[局厅]))"
    r"|^(?:[在于是]|来自|出自)(?=.{4,})"
    r"|^(?:校名|学校名称|(?:颁发|颁证|发证|主办|承办|举办|组织|开课|培养|授予|办学|主讲)(?:单位|机构|机关|学校|院校)|主考(?:学校|院校))[:：]?(?=.{4,})"
)
# What follows an organisation in its sentence, where no bracket of its own is open.
_ORG_REST = re.compile(
    r"[(（](?:盖章|公章|印章|签章|章|印)[)）]$|(?:(?<=[大中小]学)|(?<=学院|学校|中心)|(?<=[局厅部]))[)）,，。;；].*$"
)
# A character or two of a seal read on at the end of a university's name.
_CRUMBS = re.compile(r"(?<=大学)(?![附分本党城院学医出教继网远成研图体师校部])[\u3400-\u9fff]{1,2}$")
# A school's English name behind its Chinese one.
_TRANSLATED = re.compile(r"(?<=大学|学院)[\s(（]*[A-Z][A-Za-z ,.&'-]{4,}[)）]?$")
# Two schools that offer a course together.
_JOINT_ORGS = re.compile(r"(?<=大学|学院)(?:与|和|、|及|以及)(?=[\u3400-\u9fff]{2,16}(?:大学|学院))")
_ORG_TAIL = re.compile(
    r"(?<=.{4})(?:(?:校|院|\(院\)|（院）)长(?!培训|研修|进修|发展|学院)|学位评定).*$|(?<=大学|学院)在.+$"
    # who carries it out, on the organiser's own row
    r"|(?<=.{4})(?:承办|协办)(?:单位)?.*$"
)
_PERSONAL = re.compile(r"姓名|单位|性别|学时|合格|证书")
_GRADE = re.compile(
    r"(?:成绩|考核|等级|评定)*[:为]?(?P<grade>[不未](?:合格|及格|通过|达标)|合格|优秀|优良|良好|良|优|及格|中等|通过|达标|[A-D][+\-]?)(?![\u3400-\u9fff]{3})"
)
_HOURS_TAIL = re.compile(r"[,，]?(?:共|累|总|合)?计?\s*\d{1,3}\s*个?(?:学时|课时)\s*$")
# What is told in brackets behind a course is who gives it and how long it is: (主讲教师:张三,某大学), (32学时).
_ASIDE_TAIL = re.compile(
    r"(?<=[\u3400-\u9fffA-Za-z0-9)）|])\s*[(（][^()（）]*(?:(?:教师|老师|主讲|学校|单位|团队|高校|院校|负责人)[:：]|(?:大学|学院)$|学时|课时)[^()（）]*[)）]\s*$"
)
_NO_TITLE = re.compile(
    r"(?:课程|认证|合格|优秀|学习|结业|培训|成绩|修读|修业|通过|在线|电子|学分|慕课|情况|基本|详细|完成|查询|结课|总)*(?:证书?|证明|要求|信息|情况|详情|结果|查询|起止|期次|期数|周期|类型|类别|等级|来源|时长|简介|团队|安排|状态|进度|得分|负荷|编号|名称|成绩|学时|学分|负责人|教师|老师|学校|时间|日期|平台|的?学习|内容|项目)"
)
# The rest of another label with its value: 课程时间2016-03-27.
_OTHER_LABEL = re.compile(r"(?:时间|日期|编号|成绩|学时|总?得分|代码)[:：]?\s*\d")
# The end of a title whose bracket was not read where it closes: 课件制作（第二期
_UNCLOSED_TAIL = re.compile(r"[（(][^（）()]{2,8}$")
_QUOTES = "《》【】“”\"「」『』'‘’"


@dataclass(frozen=True, slots=True)
class Value:
    """A normal form, how much doubt its shape leaves (1 is none), and for dates what else it can be."""

    text: str
    factor: float = 1.0
    date: DateReading | None = None


def normal_value(name: FieldName, printed: str) -> Value | None:
    """Return the normal form of a field's text as printed, or None where it cannot be such a field."""
    text = simplified(folded(printed))
    if not text:
        return None
    if name in _PHRASES:
        return _PHRASES[name](simplified(printed))
    if name in DATES | NUMBERS:
        # 2017年_9月: the rule that it is written on
        text = text.replace("_", "")
    return _FORMS[name](text) if name in _FORMS else Value(text)


def person_name(text: str) -> Value | None:
    """Return a person's name without address and spaces; None for words that are no name."""
    book = formbook()
    name = _NAME_ADDRESS.sub("", _NAME_TAIL.sub("", _NAME_MARK.sub("", text)).strip(" ,。、:;.-_*")).strip("·")
    # A middle dot is often read as a point.
    name = re.sub(rf"(?<=[{CJK}])[.,](?=[{CJK}])", "·", name)
    if not _NAME.fullmatch(name) or name in book.not_names:
        return None
    known = name[0] in book.surnames or name[:2] in book.surnames
    if any(len(w) > 1 and w in name for w in book.not_names):
        # 李中国 is a name, 学员张三 is not: a surname must stand before the word, and doubt stays.
        return Value(name, GUESSED) if known and name[1:] in book.not_names else None
    if "·" in name:
        return Value(name, 0.98)
    if len(name) > LONGEST_NAME:
        return None
    if len(name) == 1:
        # a surname whose rest a seal hides; any other single character is a word of the sentence
        return Value(name, CLIPPED) if known else None
    return Value(name, 1.0 if known else UNSURE_NAME)


def _nickname(text: str) -> Value | None:
    """Return a shown name without the links that stand beside it in a page's bar."""
    shown = re.sub(r"[|丨/]?(?:退出(?:登录)?|注销|我的课程|个人中心|个人空间|消息)$", "", text)
    shown = shown.strip("|丨/,▾▼∨˅>").strip(_QUOTES)
    # an l that begins a Latin word is read as 1
    shown = re.sub(r"(?<=[a-z]_)1(?=[aeiouy][a-z]{2})", "l", shown)
    return Value(shown) if shown else None


def _gender(text: str) -> Value | None:
    return Value(text) if text in {"男", "女"} else None


def _grade(text: str) -> Value | None:
    match = _GRADE.match(text)
    return Value(match["grade"]) if match else None


def _unit(text: str) -> Value | None:
    return Value(HOURS_UNITS[text]) if text in HOURS_UNITS else None


def _amount(text: str) -> Value | None:
    """Return the number of `36`, `36学时`, `85.5分`, `85.5/100分`; None where more than an amount is said."""
    match = None if _CREDITS_TOO.search(text) else _AMOUNT.fullmatch(text)
    number = parse_number(match["number"]) if match else None
    return None if number is None else Value(plain(number))


def _score(text: str) -> Value | None:
    """Return a score, of which a comma can be the decimal point: `89、8分`."""
    return _amount(_COMMA_POINT.sub(".", text))


def _date(text: str) -> Value | None:
    reading = parse_date(text)
    if reading is None:
        return None
    if not reading.certain:
        return Value(reading.value, GUESSED, reading)
    # 七月十 without 日 can be the beginning of 七月十五日
    clipped = _CLIPPED_DAY.search(text) is not None
    return Value(reading.value, UNCLOSED if clipped else 1.0, reading)


def _id_number(text: str) -> Value | None:
    digits = text.upper().replace("O", "0").replace("×", "X")
    if not re.fullmatch(r"\d{17}[\dX]|\d{15}", digits):
        # A masked number (4107**********1234) identifies no one.
        return None
    return Value(digits, 1.0 if id_number_valid(digits) else GUESSED)


def _certificate_no(text: str) -> Value | None:
    number = _NUMBER_TAIL.sub("", text.upper().lstrip(":.№ "))
    while number.endswith((")", "]")) and number.count(")") + number.count("]") > number.count("(") + number.count("["):
        number = number[:-1]
    if number.startswith(("NO.", "NO:")):
        number = number[3:]
    if (
        not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER
        or sum(c.isdigit() for c in number) < FEWEST_DIGITS
        or not _CERTIFICATE_NO.fullmatch(number)
    ):
        return None
    if re.fullmatch(r"[\dO]+", number):
        number = number.replace("O", "0")
    # an I or O that begins a short run of letters is read as a figure: 1C20190112345678
    return Value(number, GUESSED if _FIGURE_FIRST.match(number) else 1.0)


def _issuer(printed: str) -> Value | None:
    printed = _ORG_REST.sub("", printed)
    printed = re.sub(r"[\\|/'`~^]|[\u2190-\u2bff\ufe0f]+$", "", printed)
    # 某省某省教育厅: the beginning of a seal's text runs into the printed name.
    printed = _CRUMBS.sub("", printed)
    printed = re.split(r"[●■◆▪」』]", printed)[-1]
    # an l in a Latin word is read as 1; an English label before a Chinese name is no part of it
    printed = re.sub(r"(?<=[a-z]{2})1(?=[a-z]|\b)", "l", printed)
    printed = re.sub(rf"^(?:[A-Za-z]+\s*)+[:：]?\s*(?=[{CJK}])", "", printed)
    printed = _GIVEN.sub("", printed)
    printed = re.sub(rf"^[{CJK}]{{0,6}}\s?[A-Za-z]+\s?by[:\s]*(?=[{CJK}])", "", _TRANSLATED.sub("", printed))
    printed = _JOINT_ORGS.sub("、", printed)
    printed = re.sub(r"(?<=.)(.{3,})\1$", r"\1", printed)
    value = _phrase(re.sub(r"^(.{0,3}?)(.{2,6})\2", r"\1\2", _ORG_TAIL.sub("", _ORG_LEAD.sub("", printed))))
    if (
        value is None
        or value.text in formbook().not_issuers
        or value.text.endswith("中国大学")
        or _PLACE.search(value.text)
        or _PERSONAL.search(value.text)
    ):
        return None
    return value


def _phrase(printed: str) -> Value | None:
    """Keep words apart in Latin text, close them up in Chinese; drop quotes and hanging punctuation."""
    text = re.sub(rf"(?<=[{CJK}，。（）、：])\s+(?=[{CJK}，。（）、：\d])|(?<=\d)\s+(?=[{CJK}])", "", printed.strip())
    # a quote opened as Chinese text does is closed so, whatever the recogniser gives
    text = re.sub(r"(“[^”\"]*)\"", r"\1”", text)
    text = re.sub(r"\s+", " ", text).strip(" ,，。、:：;；.-_·|—–―•●■◆~")
    # recognisers give the colon of Chinese text as the narrow one
    text = re.sub(rf"(?<=[{CJK}）]):(?=[{CJK}（“])", "：", text)
    if text[:1] in _QUOTES and (len(text) == 1 or text[-1:] in _QUOTES or not any(q in text[1:] for q in _QUOTES)):
        text = text[1:]
    if text[-1:] in _QUOTES and not any(q in text[:-1] for q in "《【“「『"):
        text = text[:-1]
    text = text.strip(" ,，。、:：;；")
    if not 1 < len(text) <= LONGEST_PHRASE:
        return None
    # An English title with its Chinese one: recognisers drop the space between them.
    text = re.sub(rf"^([A-Za-z][A-Za-z0-9'&,:-]*(?: [A-Za-z0-9'&,:-]+)+)(?=[{CJK}])", r"\1 ", text)
    return Value(_chinese_brackets(text))


def _title(printed: str) -> Value | None:
    """Return a title; None for the words that certificates themselves are called by. A long dash is two of them."""
    printed = re.sub(
        rf"(?<=[{CJK})）”])\s*(?:—+|-{{2,}})\s*(?=[{CJK}“(（])|(?<=[)）])\s*-\s*(?=[{CJK}“])", "——", printed
    )
    value = _phrase(_ASIDE_TAIL.sub("", _HOURS_TAIL.sub("", printed)))
    if value is None or _NO_TITLE.fullmatch(folded(value.text)) or _OTHER_LABEL.match(value.text):
        return None
    if _UNCLOSED_TAIL.search(value.text):
        return Value(_chinese_brackets(f"{value.text})"), value.factor)
    return value


def _chinese_brackets(text: str) -> str:
    """Set brackets and colons as Chinese text has them: recognisers give either width for the same print."""
    if not re.search(rf"[{CJK}]", text):
        return text
    return text.translate(str.maketrans("(),", "（），"))


# Words keep their spaces in Latin text, so titles and organisations are taken as printed; the rest without spaces.
_PHRASES: dict[FieldName, Callable[[str], Value | None]] = {FieldName.TITLE: _title, FieldName.ISSUER: _issuer}
_FORMS: dict[FieldName, Callable[[str], Value | None]] = {
    FieldName.HOLDER_NAME: person_name,
    FieldName.NICKNAME: _nickname,
    FieldName.GENDER: _gender,
    FieldName.GRADE: _grade,
    FieldName.ID_NUMBER: _id_number,
    FieldName.CERTIFICATE_NO: _certificate_no,
    FieldName.HOURS_UNIT: _unit,
    **dict.fromkeys(DATES, _date),
    **dict.fromkeys(NUMBERS, _amount),
    FieldName.SCORE: _score,
}
