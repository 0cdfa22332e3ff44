"""Row ids and counters from the outside: checked to fit the database before they reach it."""

from typing import Annotated

from annotated_types import Interval

from core.errors import Invalid

LARGEST = 2**31 - 1

RowId = Annotated[int, Interval(ge=0, le=LARGEST)]


def row_id(text: str, field: str) -> int:
    """Return the number in a form's field; raises Invalid `field_missing` naming the field."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        raise Invalid("field_missing", "The field {field} is missing or malformed.", field=field)
    return int(text)
