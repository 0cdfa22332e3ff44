"""Names shown as the roster spells them, where the page can be taken to show that. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName, MatchKind
from ocr.lattice import CERTAIN
from ocr.names import TRUSTED
from ocr.types import DocumentReading, Evidence, FieldValue, SignInRow, TeacherMatch


def reading_as_spelled(
    reading: DocumentReading, match: TeacherMatch, rows: Sequence[TeacherMatch] = ()
) -> DocumentReading:
    """Return a reading with its names as the roster spells them; `rows` are the matches of its rows, if it has any."""
    fields = dict(reading.fields)
    holder = fields.get(FieldName.HOLDER_NAME)
    if holder is not None:
        fields[FieldName.HOLDER_NAME] = _as_spelled(holder, match)
    spelled = (_row_as_spelled(row, found) for row, found in zip(reading.rows, rows, strict=True)) if rows else ()
    return replace(reading, fields=fields, rows=tuple(spelled) or reading.rows)


def _as_spelled(field: FieldValue, match: TeacherMatch) -> FieldValue:
    """Return a holder's name as the roster spells it, where the page can be taken to show that; `text` stays as read.

    The recogniser's own score gives way to the belief in the spelling; doubt about where the name stands stays.
    """
    spelling = _spelling(match, field.evidence)
    if spelling is None or field.source == "person":
        return field
    read = field.evidence.score if field.evidence else max(field.confidence, TRUSTED)
    place = min(field.confidence / max(read, TRUSTED), 1.0)
    sure = place * match.spelled if field.evidence else field.confidence
    return replace(field, value=spelling, confidence=round(min(sure, CERTAIN), 4))


def _row_as_spelled(row: SignInRow, match: TeacherMatch) -> SignInRow:
    """Return a row with the name as the roster spells it, where the page can be taken to show that."""
    spelling = _spelling(match, row.evidence)
    return replace(row, name=spelling) if spelling else row


def _spelling(match: TeacherMatch, evidence: Evidence | None) -> str | None:
    """Return the spelling to show, None for what was read; a guess is shown only where what was read is kept."""
    return None if match.match is MatchKind.SIMILAR and evidence is None else match.spelling
