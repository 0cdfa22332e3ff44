"""One candidate for a field, with its belief and its place, and how the places of two stand to each other. Pure."""

from dataclasses import dataclass

from core.vocabulary import FieldName
from ocr.dates import DateReading
from ocr.layout import Span
from ocr.types import Box, FieldValue

ROW_SHARE = 0.5
HIGHEST = 0.995


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate for a field: value, belief (0..1), place in the document; for dates what else it can be."""

    name: FieldName
    value: str
    belief: float
    span: Span
    place: int
    date: DateReading | None = None
    # of hours, the unit that stands with them
    unit: str | None = None

    def as_field(self, confidence: float | None = None) -> FieldValue:
        """Return the public value."""
        sure = self.belief if confidence is None else confidence
        span = self.span
        return FieldValue(self.value, round(min(sure, HIGHEST), 4), span.page, span.box, span.source, span.text)


def apart(one: Box, other: Box) -> bool:
    """Return whether two boxes share less than half of the lower one's height: not on one row."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared < ROW_SHARE * min(one.height, other.height)


def same_place(one: Found, other: Found) -> bool:
    """Return whether two candidates overlap on one page."""
    first, second = one.span.box, other.span.box
    if one.span.page != other.span.page:
        return False
    wide = min(first.right, second.right) - max(first.left, second.left)
    tall = min(first.bottom, second.bottom) - max(first.top, second.top)
    return wide > 0 and tall > 0
