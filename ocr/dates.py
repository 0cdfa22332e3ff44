"""Dates as certificates write them, with what recognition does to them. Pure.

`二〇一九年七月一日`, `2019年7月1日`, `2019.07.01`, `2019-7`, `20190701`. Recognisers drop 〇 or read it as ○, O, 0, Q
or 口; a year that lost characters is given as the years it can have been, and is certain only when another fact proves
one of them.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from ocr.numerals import DIGITS, parse_number

FIRST_YEAR = 1940
LAST_YEAR = 2049
ZEROS = "〇○零OoQ口0"
NUMERAL = "0-9〇○零OoQ口一二三四五六七八九十廿卅两lI|"
# Numerals of amounts, which some papers use in dates too.
FINANCIAL = "壹贰叁肆伍陆柒捌玖拾"
YEAR_DIGITS = 4
FULL_DATE = 3

_SEPARATED = re.compile(
    rf"(?P<year>[壹贰][{NUMERAL}{FINANCIAL}]{{3}}|[{NUMERAL}]{{2,6}})(?:年|[./\-+、,])"
    rf"(?:(?P<month>[{NUMERAL}{FINANCIAL}]{{1,3}})(?:月份?|[./\-+、,]|$|(?=[^{NUMERAL}]))"
    rf"(?:(?P<day>[{NUMERAL}{FINANCIAL}]{{1,4}})[日号]?)?)?"
)
_COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
# One of two marks between year, month and day is lost in a fold or under a seal's rim.
_MARK = r"[./\-+]"
_GLUED = re.compile(
    rf"(?<!\d)(?P<year>(?:19|20)\d\d)(?:{_MARK}(?=\d{{4}})|(?=\d\d{_MARK}))"
    rf"(?P<month>0[1-9]|1[0-2]){_MARK}?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH = re.compile(
    rf"(?P<before>[0-3]?\d)?(?:st|nd|rd|th)?(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"
    r"(?:(?P<after>[0-3]?\d)(?:st|nd|rd|th)?,?)?(?P<year>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
# The end of an amount and the rule between it and a date: 学时:40|2016年10月14日.
_RULED = re.compile(r"^[0-9]{0,2}[|丨](?=(?:19|20)\d\d[年./\-])")
# The time of day behind a date: spaces are lost when text is normalised.
_CLOCK = re.compile(r"(?<=[./\-]\d\d)\s?\d{1,2}:\d\d(?::\d\d)?$")
# The end of 2018.08.06-08.11: no year 2008.
SHORT_END = re.compile(r"(?P<month>\d{1,2})[./\-](?P<day>\d{1,2})[日号]?")
_YEARLESS_END = re.compile(rf"(?:(?P<month>[{NUMERAL}]{{1,3}})月)?(?:(?P<day>[{NUMERAL}]{{1,4}})[日号])?")


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date as read: ISO text (`2019-07-01`, `2019-07` or `2019`), or several it can be.

    `value` is the likeliest of `candidates`; `certain` says that nothing had to be guessed. `candidates` are ISO texts
    of the same precision.
    """

    value: str
    certain: bool
    candidates: tuple[str, ...]

    @property
    def year(self) -> int:
        """The year of `value`."""
        return int(self.value[:4])

    def proven_by(self, years: frozenset[int]) -> str | None:
        """Return the only candidate whose year is among `years` (facts from elsewhere on the paper), else None."""
        fitting = [c for c in self.candidates if int(c[:4]) in years]
        return fitting[0] if len(fitting) == 1 else None


def parse_date(text: str) -> DateReading | None:
    """Return the date that stands first in `text` (normalised, without spaces), or None.

    A date needs a year; impossible months and days give None rather than a corrected date.
    """
    text = _CLOCK.sub("", _RULED.sub("", text))
    english = _ENGLISH.search(text)
    if english:
        return _english(english)
    glued = _GLUED.search(text)
    if glued:
        return _reading([int(glued["year"])], int(glued["month"]), int(glued["day"]), certain=False)
    compact = _COMPACT.search(text)
    match = _SEPARATED.search(text)
    if compact and (match is None or compact.start() <= match.start()):
        return _reading([int(compact["year"])], int(compact["month"]), int(compact["day"]), certain=True)
    if match is None:
        return None
    years, certain = year_candidates(match["year"])
    month = _small(match["month"], 12)
    day = _small(match["day"], 31)
    if (match["month"] and month is None) or (match["day"] and day is None):
        return None
    return _reading(years, month, day, certain=certain)


def _english(match: re.Match[str]) -> DateReading | None:
    """Return `Dec 20, 2018` or `20 December 2018` (here without spaces)."""
    day = match["before"] or match["after"]
    month = MONTHS.index(match["month"][:3].lower()) + 1
    return _reading([int(match["year"])], month, int(day) if day else None, certain=True)


def parse_end(text: str, start: DateReading) -> DateReading | None:
    """Return the end of a period whose year (or month) is the start's own: `7月10日`, `10日`, `07.10`."""
    short = SHORT_END.fullmatch(text) if start.value.count("-") + 1 == FULL_DATE else None
    full = None if short else parse_date(text)
    if full:
        return full
    match = short or _YEARLESS_END.match(text)
    if match is None or not match[0] or len(start.value) < len("2019-07"):
        return None
    month = _small(match["month"], 12) or int(start.value[5:7])
    day = _small(match["day"], 31)
    return _reading([int(c[:4]) for c in start.candidates], month, day, certain=start.certain)


def year_candidates(text: str) -> tuple[list[int], bool]:
    """Return the years a written year can be, likeliest first, and whether it stands in full.

    Four numerals are a year as they stand (look-alikes of zero count as zero). Fewer: zeros may have been dropped, or
    the beginning; every way of putting them back that gives a plausible year is a candidate. A seal may have hidden
    any other one of them: those years come last, for other facts to prove.
    """
    # 十 in a year is a misread 一: 二〇十九
    ten = "十" in text
    digits = "".join(_digit(c) for c in text.replace("十", "一"))
    if "?" in digits:
        return [], False
    if len(digits) == YEAR_DIGITS:
        year = int(digits)
        return ([year], not ten) if _plausible(year) else ([], False)
    if len(digits) == YEAR_DIGITS + 1 and _plausible(int(digits[1:])):
        # a border or a stroke of the seal read as one more numeral
        return [int(digits[1:])], False
    if len(digits) > YEAR_DIGITS or not digits:
        return [], False
    found: set[int] = set()
    for places in combinations(range(YEAR_DIGITS), YEAR_DIGITS - len(digits)):
        rest = iter(digits)
        found.add(int("".join("0" if i in places else next(rest) for i in range(YEAR_DIGITS))))
    # A seal or the page's edge can also have taken the beginning: 一九年 of 二〇一九年.
    found |= {int(century[: YEAR_DIGITS - len(digits)] + digits) for century in ("20", "19")}
    hidden = set()
    if len(digits) == YEAR_DIGITS - 1:
        hidden = {int(digits[:i] + more + digits[i:]) for i in range(YEAR_DIGITS) for more in "123456789"} - found
    likely, possible = (sorted((y for y in years if _plausible(y)), reverse=True) for years in (found, hidden))
    return likely + possible, False


def as_day(value: str, *, last: bool = False) -> date | None:
    """Return an ISO text as a day: of a month the first or the last possible one; None if it is not a date."""
    parts = value.split("-")
    try:
        year = int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else (12 if last else 1)
        if len(parts) == FULL_DATE:
            return date(year, month, int(parts[2]))
        if not last:
            return date(year, month, 1)
        following = date(year + month // 12, month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)
    except ValueError:
        return None


def _digit(character: str) -> str:
    if character in ZEROS:
        return "0"
    if character in "lI|":
        return "1"
    if character.isascii() and character.isdigit():
        return character
    return str(DIGITS[character]) if character in DIGITS else "?"


def _small(text: str | None, highest: int) -> int | None:
    """Return a month or day number; None where it is absent or impossible."""
    if not text:
        return None
    cleaned = text.replace("口", "〇").replace("|", "1")
    if any(c.isascii() and c.isdigit() for c in cleaned) or all(c in ZEROS for c in cleaned):
        cleaned = "".join(_digit(c) for c in cleaned)
    number = parse_number(cleaned)
    return int(number) if number is not None and 1 <= number <= highest else None


def _plausible(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def _reading(years: list[int], month: int | None, day: int | None, *, certain: bool) -> DateReading | None:
    found: list[str] = []
    for year in years:
        if month is None:
            found.append(f"{year}")
        elif day is None:
            found.append(f"{year}-{month:02}")
        elif as_day(f"{year}-{month:02}-{day:02}"):
            found.append(f"{year}-{month:02}-{day:02}")
    if not found:
        return None
    return DateReading(found[0], certain and len(found) == 1, tuple(found))
