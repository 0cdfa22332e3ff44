"""Field values that a person typed: checked, brought to normal form, and marked as a person's. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from core.errors import Invalid
from core.idnumber import valid as valid_id_number
from core.vocabulary import FieldName
from ocr.types import Box, FieldValue

WHOLE_PAGE = Box(0, 0, 1, 1)
LONGEST = 300
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def corrected_fields(
    fields: Mapping[FieldName, FieldValue], changes: Mapping[FieldName, str]
) -> dict[FieldName, FieldValue]:
    """Return the fields with the changes in; an empty text removes a field, an unchanged value keeps its source.

    Raises Invalid `field_invalid` naming the field.
    """
    result = dict(fields)
    for name, typed in changes.items():
        value = normal_value(name, typed)
        known = fields.get(name)
        if not value:
            result.pop(name, None)
        elif known is None or known.value != value:
            page, box = (known.page, known.box) if known else (1, WHOLE_PAGE)
            result[name] = FieldValue(value, 1.0, page, box, "person", value)
    return result


def normal_value(name: FieldName, typed: str) -> str:
    """Return the typed text in the field's normal form ('' for none); raises Invalid `field_invalid`."""
    text = typed.strip()
    if not text:
        return ""
    try:
        value = NORMAL_FORMS.get(name, _text)(text)
    except (ValueError, InvalidOperation) as error:
        raise Invalid("field_invalid", "The value of {field} has not the right form.", field=name.value) from error
    return value


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError("too long")
    return text


def _day_or_month(text: str) -> str:
    return text if MONTH.fullmatch(text) else date.fromisoformat(text.replace("/", "-")).isoformat()


def _number(text: str) -> str:
    number = Decimal(text)
    if not number.is_finite() or number < 0:
        raise ValueError("not a figure")
    return f"{number.normalize():f}"


def _code(text: str) -> str:
    return _text(re.sub(r"\s+", "", text).upper())


def _id_number(text: str) -> str:
    number = _code(text)
    if not valid_id_number(number):
        raise ValueError("checksum")
    return number


def _yes_or_no(text: str) -> str:
    if text not in {"true", "false"}:
        raise ValueError("neither true nor false")
    return text


NORMAL_FORMS: dict[FieldName, Callable[[str], str]] = {
    FieldName.BIRTH_DATE: _day_or_month,
    FieldName.PERIOD_START: _day_or_month,
    FieldName.PERIOD_END: _day_or_month,
    FieldName.ISSUE_DATE: _day_or_month,
    FieldName.HOURS: _number,
    FieldName.SCORE: _number,
    FieldName.SCORE_MAX: _number,
    FieldName.CERTIFICATE_NO: _code,
    FieldName.ID_NUMBER: _id_number,
    FieldName.REAL_NAMED: _yes_or_no,
}
