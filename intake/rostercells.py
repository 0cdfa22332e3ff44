"""What a roster's cells mean: names, numbers and dates as people and spreadsheets write them. Pure.

Each function takes a cell's value as openpyxl or csv gives it and returns the value, None for a blank cell, or raises
`BadCell` with the reason. Nothing is repaired by guessing: a number whose digits a spreadsheet rounded off stays lost.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from core import idnumber

CellValue = object

_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・･‧∙⋅●ㆍ᛫⸱", "·"))
_DOT_BETWEEN_HANZI = re.compile(
    r"(?<=[\u3400-\u9fff\U00020000-\U0003ffff])\s*[·.]\s*(?=[\u3400-\u9fff\U00020000-\U0003ffff])"
)
_HANZI = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_NAME_MARKS = frozenset("·-'’. 〇")
_MAX_NAME = 50
_MAX_EMPLOYEE_NO = 64

_APOSTROPHES = "'‘’`"
_LOOK_LIKE_X = str.maketrans({"×": "X", "Х": "X", "х": "X", "x": "X"})  # the sign for times, Cyrillic Ha
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
# A spreadsheet keeps 15 digits of a number and writes zeros after them.
_EXACT_BELOW = 10**15
_LOST_DIGITS = "000"

_SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
# GB/T 2261.1 writes 1 and 2.
_GENDERS = {"男": "男", "女": "女", "男性": "男", "女性": "女", "m": "男", "f": "女", "male": "男", "female": "女"} | {
    "1": "男",
    "2": "女",
}

_TIME = r"(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DATE_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?{_TIME}",
        r"(\d{4})(\d{2})(\d{2})",
        r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?",
        r"(\d{4})(\d{2})",
        r"(\d{4})\s*年?",
    )
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


class BadCell(Exception):
    """A cell that cannot be used; `reason` names the code that its problem gets."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as far as it was written: many rosters hold year and month alone."""

    year: int
    month: int | None = None
    day: int | None = None

    def whole(self) -> date | None:
        """Return the date if it was written to the day."""
        return date(self.year, self.month, self.day) if self.month and self.day else None

    def agrees_with(self, other: date) -> bool:
        """Return whether `other` has the same year, and month and day as far as they were written."""
        return (
            self.year == other.year
            and self.month in (None, other.month)
            and (self.day is None or self.day == other.day)
        )


def text_of(value: CellValue) -> str:
    """Return a cell as text on one line; whole numbers without `.0`. BadCell cell_error for #N/A and the like."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).split())
    if text in _SHEET_ERRORS:
        raise BadCell("cell_error")
    return text


def school_of(value: CellValue) -> str:
    """Return a school's name as written but without spaces inside Chinese names."""
    text = text_of(value)
    return text.replace(" ", "") if _HANZI.search(text) else text


def name_of(value: CellValue) -> str | None:
    """Return a person's name in its normal form: no spaces inside Chinese names, the middle dot as U+00B7."""
    text = _normal(text_of(value), dots=True)
    if not text:
        return None
    if _HANZI.search(text):
        text = _DOT_BETWEEN_HANZI.sub("·", text).replace(" ", "")
    if len(text) > _MAX_NAME or not all(letter.isalpha() or letter in _NAME_MARKS for letter in text):
        raise BadCell("name_invalid")
    return text


def employee_no_of(value: CellValue) -> str | None:
    """Return an employee number as the sheet shows it, without spaces."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise BadCell("employee_no_invalid")
    if isinstance(value, int | float) and abs(value) >= _EXACT_BELOW:
        raise BadCell("employee_no_invalid")
    text = _normal(text_of(value)).replace(" ", "").lstrip(_APOSTROPHES)
    if _SCIENTIFIC.fullmatch(text) or len(text) > _MAX_EMPLOYEE_NO or not text.isprintable():
        raise BadCell("employee_no_invalid")
    return text or None


def id_number_of(value: CellValue) -> str | None:
    """Return a valid ID number. BadCell id_number_precision: the sheet kept it as a number and lost its last digits."""
    if isinstance(value, float) and value >= _EXACT_BELOW:
        raise BadCell("id_number_precision")
    text = _normal(text_of(value)).replace(" ", "").strip(_APOSTROPHES).translate(_LOOK_LIKE_X)
    if not text:
        return None
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell("id_number_precision")
    if isinstance(value, int) and value >= _EXACT_BELOW and text.endswith(_LOST_DIGITS):
        raise BadCell("id_number_precision")
    if not idnumber.valid(text):
        raise BadCell("id_number_invalid")
    return text


def gender_of(value: CellValue) -> str | None:
    """Return 男 or 女."""
    text = _normal(text_of(value)).lower()
    if not text:
        return None
    if text not in _GENDERS:
        raise BadCell("gender_invalid")
    return _GENDERS[text]


def date_of(value: CellValue, reason: str) -> WrittenDate | None:
    """Return a date as far as the cell states it; BadCell `reason` for what is no date.

    A bare day count such as 29221 is refused: the sheet shows it as a number, and two epochs are in use. 1980.1 kept
    as a number may be January or October: only its year counts.
    """
    if isinstance(value, datetime | date):
        return _real_date([value.year, value.month, value.day], reason)
    if isinstance(value, float) and not value.is_integer():
        return _real_date([int(value)], reason)
    text = _normal(text_of(value)).strip(_APOSTROPHES)
    if not text:
        return None
    for shape in _DATE_SHAPES:
        found = shape.fullmatch(text)
        if found is not None:
            return _real_date([int(part) for part in found.groups()], reason)
    raise BadCell(reason)


def _real_date(parts: list[int], reason: str) -> WrittenDate:
    year, month, day = (*parts, 1, 1)[:3]
    try:
        date(year, month, day)
    except ValueError:
        raise BadCell(reason) from None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadCell(reason)
    return WrittenDate(*parts)


def _normal(text: str, *, dots: bool = False) -> str:
    """Return text with full-width and compatibility characters in their plain form, invisible ones removed."""
    if dots:
        text = text.translate(_MIDDLE_DOTS)
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Cf").strip()
