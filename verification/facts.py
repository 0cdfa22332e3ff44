"""The facts that rules may ask: named, typed, explained, and each either known or not.

A fact is known only when the reading is sure enough (the pack's thresholds). Otherwise it is *missing* (nothing
stands there) or *doubtful* (something stands there that was read badly, or in a form that means nothing).
`verification.gather` finds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.vocabulary import FieldName, MatchKind
from ocr.types import SignInRow
from verification.pack import Pack

FactType = Literal["bool", "number", "text", "date"]
FactValue = bool | float | str

# The fields' codes with spaces between, which messages say in words.
UNCLEAR_FIELDS = "unclear_fields"
IDENTIFYING = frozenset({MatchKind.EXACT, MatchKind.ID_NUMBER, MatchKind.BIRTH_DATE})


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What a fact means, its type, and the fields of the document that it comes from."""

    kind: FactType
    meaning: str
    fields: tuple[FieldName, ...] = ()


def _spec(kind: FactType, meaning: str, *fields: FieldName) -> FactSpec:
    return FactSpec(kind, meaning, fields)


_F = FieldName
FACTS: dict[str, FactSpec] = {
    "doc_type": _spec("text", "kind of document; the best guess if type_certain is false"),
    "type_certain": _spec("bool", "the kind of document is sure"),
    "upload_kind": _spec("text", "individual (own evidence) or organiser (the organiser's register)"),
    "submitted_on": _spec("date", "day on which the document was handed in"),
    "cycle_start": _spec("date", "first day of the pack's cycle"),
    "cycle_end": _spec("date", "last day of the pack's cycle"),
    "is_duplicate": _spec("bool", "the same file or the same certificate came before"),
    "maybe_duplicate": _spec("bool", "the same learning of the same person seems to have come before"),
    "match": _spec("text", "how the holder was tied to the roster", _F.HOLDER_NAME),
    "has_holder_name": _spec("bool", "a name stands on the document", _F.HOLDER_NAME),
    "holder_name": _spec("text", "the holder's name", _F.HOLDER_NAME),
    "holder_name_clear": _spec("bool", "the holder's name was read surely enough", _F.HOLDER_NAME),
    "has_nickname": _spec("bool", "a nickname stands on the document", _F.NICKNAME),
    "real_named": _spec("bool", "learned under the real name", _F.REAL_NAMED, _F.HOLDER_NAME, _F.NICKNAME),
    "platform": _spec("text", "learning platform, canonical name", _F.PLATFORM),
    "has_title": _spec("bool", "a course, project or activity title stands on the document", _F.TITLE),
    "title": _spec("text", "course, project or activity title", _F.TITLE),
    "has_score": _spec("bool", "a score stands on the document", _F.SCORE),
    "score": _spec("number", "the score of a hundred", _F.SCORE, _F.SCORE_MAX),
    "has_grade": _spec("bool", "one of the pack's words for a result stands on the document", _F.GRADE),
    "grade_passes": _spec("bool", "the printed grade is one of the pack's passing (or failing) words", _F.GRADE),
    "has_hours": _spec("bool", "a figure in 学时 is printed, not computed from weeks", _F.HOURS, _F.HOURS_UNIT),
    "hours": _spec("number", "the 学时 printed", _F.HOURS, _F.HOURS_UNIT),
    "hours_unit": _spec("text", "unit of that figure: 学时, 学分 or 小时", _F.HOURS_UNIT),
    "plausible_hours": _spec("number", "the pack's bound on believable hours for this kind of document"),
    "has_issuer": _spec("bool", "an issuing organisation stands on the document", _F.ISSUER),
    "issuer": _spec("text", "the issuing organisation", _F.ISSUER),
    "issuer_kind": _spec("text", "what kind of organisation issued it; unknown if its name does not tell", _F.ISSUER),
    "authority_programme": _spec("bool", "the title names 国培, 省培, 市培 or 县培", _F.TITLE),
    "authority_notice_cited": _spec("bool", "the document cites an education authority's notice"),
    "not_graduation": _spec("bool", "结业 or 肄业 instead of graduation"),
    "course_running": _spec("bool", "the course page says that the course is still running or not passed yet"),
    "education_level": _spec("text", "level of the diploma or degree", _F.EDUCATION_LEVEL),
    "issue_date": _spec("date", "date of issue", _F.ISSUE_DATE),
    "cycle_date": _spec("date", "first day that decides the cycle", _F.ISSUE_DATE, _F.PERIOD_END, _F.PERIOD_START),
    "cycle_date_last": _spec("date", "last day that decides the cycle", _F.ISSUE_DATE, _F.PERIOD_END, _F.PERIOD_START),
    "days": _spec("number", "days that the activity lasts, both ends included", _F.PERIOD_START, _F.PERIOD_END),
    "fields_clear": _spec("bool", "no field was read badly"),
    UNCLEAR_FIELDS: _spec("text", "the fields that were read with too little certainty"),
    "text_layer_distrusted": _spec("bool", "the PDF's text says something else than its picture"),
    "doubtful_wording": _spec("bool", "the wording leaves something to a person"),
    "contradicted": _spec("bool", "the document's statements contradict each other"),
    "signed_rows": _spec("number", "rows of the sheet that are signed and not struck out"),
}
ROW_FACTS: dict[str, FactSpec] = {
    "row_signed": _spec("bool", "the row is signed"),
    "row_struck": _spec("bool", "the row is struck out"),
    "row_match": _spec("text", "how the row's name was tied to the roster"),
    "row_ink_clear": _spec("bool", "it is sure whether the row is signed, and whether it is struck out"),
    "row_clear": _spec("bool", "the row was read surely enough"),
    "row_repeated": _spec("bool", "the same teacher stands signed in an earlier row"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one document, or of one row. `known` holds what is sure; `doubtful` names what was read badly."""

    known: Mapping[str, FactValue]
    doubtful: frozenset[str] = frozenset()

    def with_row(self, row: Mapping[str, FactValue]) -> "Facts":
        """Return these facts with those of one row of the sheet."""
        return replace(self, known={**self.known, **row})


def counts(row: SignInRow) -> bool:
    """Return whether a row of a sheet claims attendance: signed and not struck out."""
    return bool(row.signed) and not row.struck


def ink_clear(policy: Pack, row: SignInRow) -> bool:
    """Return whether it is sure enough that a row is signed, or not, and struck out, or not."""
    return row.ink >= policy.thresholds.row


def row_facts(policy: Pack, row: SignInRow, match: MatchKind, *, repeated: bool) -> dict[str, FactValue]:
    """Return the facts of one row of a sign-in sheet."""
    return {
        "row_signed": bool(row.signed),
        "row_struck": row.struck,
        "row_match": match.value,
        "row_ink_clear": ink_clear(policy, row),
        # what is exactly one name of the roster, all that was seen of it weighed, is in doubt no more
        "row_clear": ink_clear(policy, row) and (match in IDENTIFYING or row.confidence >= policy.thresholds.row),
        "row_repeated": repeated,
    }
