"""Field values that a person typed: checked, brought to normal form, and marked as a person's. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from core.errors import Invalid
from core.idnumber import valid as valid_id_number
from core.vocabulary import FieldName
from ocr.types import Box, FieldValue

WHOLE_PAGE = Box(0, 0, 1, 1)
LONGEST = 300
DATES = {FieldName.BIRTH_DATE, FieldName.PERIOD_START, FieldName.PERIOD_END, FieldName.ISSUE_DATE}
NUMBERS = {FieldName.HOURS, FieldName.SCORE, FieldName.SCORE_MAX}
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
        if name in DATES:
            return text if MONTH.fullmatch(text) else date.fromisoformat(text.replace("/", "-")).isoformat()
        if name in NUMBERS:
            number = Decimal(text)
            if not number.is_finite() or number < 0:
                raise ValueError
            return f"{number.normalize():f}"
    except (ValueError, InvalidOperation) as error:
        raise _invalid(name) from error
    compact = re.sub(r"\s+", "", text).upper()
    if name is FieldName.ID_NUMBER:
        if not valid_id_number(compact):
            raise _invalid(name)
        return compact
    if name is FieldName.CERTIFICATE_NO:
        return compact[:LONGEST]
    if name is FieldName.REAL_NAMED and text not in ("true", "false"):
        raise _invalid(name)
    if len(text) > LONGEST:
        raise _invalid(name)
    return text


def _invalid(name: FieldName) -> Invalid:
    return Invalid("field_invalid", "The value of {field} has not the right form.", field=name.value)
