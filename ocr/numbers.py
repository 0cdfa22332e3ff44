"""What ID and certificate numbers say of themselves. Pure.

身份证号: GB 11643-1999, ISO 7064 MOD 11-2 check character. 毕业证书编号: 18 digits = school(5) kind(1) year(4)
level(2) serial(6) (rules of electronic registration, 教育部 2001); 自考 numbers of 17 digits begin with 6;
学位证书编号: 16 characters = school(5) level(1) year(4) serial(6).
"""

import re
from dataclasses import dataclass
from datetime import date

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
DIPLOMA_LEVELS = {"01": "博士研究生", "02": "硕士研究生", "04": "本科", "05": "本科", "06": "专科"}
DIPLOMA_KINDS = {"1": "普通全日制", "5": "成人", "6": "自学考试", "7": "网络教育"}
DEGREE_LEVELS = {"2": "博士", "3": "硕士", "4": "学士"}
SELF_STUDY_LEVELS = {"5": "本科", "6": "专科"}

_ID = re.compile(r"[1-9]\d{16}[\dX]")
_DIPLOMA = re.compile(r"(?P<school>\d{5})(?P<kind>[1-9])(?P<year>(?:19|20)\d\d)(?P<level>0[12456])(?P<serial>\d{6})")
_SELF_STUDY = re.compile(r"6(?P<level>[56])\d{6}(?P<year>\d\d)\d{7}")
_DEGREE = re.compile(r"[CZT]?(?P<school>\d{5})(?P<level>[234])(?P<year>(?:19|20)\d\d)[SE\d]\d{5}")


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What a certificate number states: its `scheme`, and year, level, form of study where it holds them.

    `hint_year` comes of a scheme that sources disagree on: it can settle a damaged date, never contradict one.
    """

    scheme: str
    year: int | None = None
    hint_year: int | None = None
    level: str | None = None
    study_form: str | None = None


def id_number_valid(text: str) -> bool:
    """Return whether an 18-character ID number has a real birth date and the right check character."""
    if not _ID.fullmatch(text) or id_birth_date(text) is None:
        return False
    total = sum(int(d) * w for d, w in zip(text, ID_WEIGHTS, strict=False))
    return ID_CHECKS[total % 11] == text[17]


def id_birth_date(text: str) -> date | None:
    """Return the birth date inside an ID number, None if there is no such day."""
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def id_gender(text: str) -> str:
    """Return 男 or 女: the seventeenth digit is odd for men."""
    return "男" if int(text[16]) % 2 else "女"


def diploma_number(text: str) -> NumberFacts | None:
    """Return what a diploma's number states, None if it has no known shape.

    The self-study shape is soft (sources disagree on it), so it gives a year and level only as hints.
    """
    match = _DIPLOMA.fullmatch(text)
    if match:
        return NumberFacts(
            "diploma",
            int(match["year"]),
            level=DIPLOMA_LEVELS[match["level"]],
            study_form=DIPLOMA_KINDS.get(match["kind"]),
        )
    match = _SELF_STUDY.fullmatch(text)
    if match:
        return NumberFacts("self_study", None, 2000 + int(match["year"]), SELF_STUDY_LEVELS[match["level"]], "自学考试")
    return None


def degree_number(text: str) -> NumberFacts | None:
    """Return what a degree certificate's number states, None if it has no known shape."""
    match = _DEGREE.fullmatch(text)
    return NumberFacts("degree", int(match["year"]), level=DEGREE_LEVELS[match["level"]]) if match else None


def years_in(text: str) -> frozenset[int]:
    """Return the plausible years written anywhere in a certificate number of unknown scheme (`豫国培2019-0123`)."""
    apart = re.findall(r"(?<!\d)(?:19[89]\d|20[0-4]\d)(?=\D|\d{2,8}(?!\d)|$)", text)
    # year and month before a long serial number
    leading = re.findall(r"^\D{0,6}(20[0-4]\d)(?:0[1-9]|1[0-2])\d{4,}$", text)
    return frozenset(int(y) for y in (*apart, *leading))
