"""The shape of a policy pack: one credit bank's rules as data, strict, so that a slip of the pen is refused.

A pack is verification/packs/<id>/pack.yaml. Every rule names the notice and the clause it rests on; texts stand in
Chinese and English. Expressions are CEL over the facts of `verification.facts`. Pure values: no file is read here.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from core.vocabulary import DocType, FieldName, Level, UploadKind

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
PackId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Share = Annotated[float, Field(ge=0, le=1)]

ALL_UPLOADS = (UploadKind.INDIVIDUAL, UploadKind.ORGANISER)


class Part(BaseModel):
    """Base of all parts of a pack: unknown keys are refused, values do not change and are never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Text(Part):
    """One sentence in both languages. `{fact}` places are filled with the document's facts."""

    zh: Line
    en: Line


class Notice(Part):
    """A text that the pack rests on. `number` and `date` are null where the text itself does not show them."""

    title: Line
    number: Line | None
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None
    issuer: Line
    file: Line


class Cycle(Part):
    """The days that count, both included."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("end lies before start")
        return self


class Effective(Part):
    """The days of learning that this version of the pack judges; `until` null means until replaced."""

    since: date
    until: date | None


class Thresholds(Part):
    """How sure a reading must be to stand as a fact (0..1), and how large a figure can honestly be.

    A field below its threshold (`fields`, else `default`) is unknown to the rules that ask for it; below `unasked` a
    person must know of it even where none does.
    """

    default: Share
    unasked: Share
    doc_type: Share
    row: Share
    fields: dict[Annotated[FieldName, Field(strict=False)], Share] = {}
    plausible_hours: dict[DocType, Annotated[float, Field(gt=0)]]

    def for_field(self, name: FieldName) -> float:
        """Return the confidence from which on the field counts as read."""
        return self.fields.get(name, self.default)


class Grades(Part):
    """Printed words for a result: those that say passed, and those that say not passed."""

    passed: tuple[Line, ...]
    failed: tuple[Line, ...]


class Category(Part):
    """A kind of credit that the credit bank keeps apart."""

    id: Identifier
    title: Text


class Attestation(Part):
    """A step that a person must do and record before the school level can pass."""

    id: Code
    title: Text
    clause: Line
    notice: Code


class Demand(Part):
    """An attestation that a route demands, always or `when` its expression is not false."""

    attestation: Code
    when: Line = "true"


class Scope(Part):
    """Which documents a rule or route is about: by kind, by who handed it in, and by an expression."""

    documents: Annotated[tuple[DocType, ...], Field(min_length=1)]
    uploads: Annotated[tuple[UploadKind, ...], Field(min_length=1)] = ALL_UPLOADS
    when: Line = "true"


class Route(Scope):
    """How credit follows from a document. `figure` is an expression for the credits; unknown means no figure."""

    id: Identifier
    title: Text
    category: Identifier
    notice: Code
    clause: Line
    figure: Line
    demands: tuple[Demand, ...] = ()


class Messages(Part):
    """What a finding says when the rule fails, and when the facts do not decide it."""

    fail: Text
    unknown: Text


class Rule(Scope):
    """One rule: where `when` holds, `require` must hold.

    `scope` row rules are asked of each line of a sign-in sheet. `unknown_reason` is the reason code where a fact is
    missing (the rule's own `reason` if left out); a fact that was read badly always gives `low_confidence`.
    """

    id: Identifier
    title: Text
    notice: Code
    clause: Line
    scope: Literal["document", "row"] = "document"
    reason: Code
    unknown_reason: Code | None = None
    severity: Literal["reject", "review"]
    require: Line
    messages: Messages

    @model_validator(mode="after")
    def _rows_only_on_sheets(self) -> Self:
        if self.scope == "row" and self.documents != (DocType.SIGN_IN_SHEET,):
            raise ValueError("a row rule speaks of sign_in_sheet only")
        return self


class OpenQuestion(Part):
    """A point where the notices are silent or contradict each other, with the readings that are possible."""

    id: Code
    notice: Code
    clause: Line
    question: Text
    readings: Annotated[tuple[Text, ...], Field(min_length=2)]


class Pack(Part):
    """A policy pack as written. `verification.loader` adds the hash of its bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    form: Literal[1] = Field(alias="schema")
    id: PackId
    version: Line
    title: Text
    cycle: Cycle
    effective: Effective
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    notices: Annotated[dict[Code, Notice], Field(min_length=1)]
    thresholds: Thresholds
    grades: Grades
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    attestations: tuple[Attestation, ...] = ()
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    open_questions: tuple[OpenQuestion, ...] = ()
