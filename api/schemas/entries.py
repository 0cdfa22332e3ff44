"""Bodies about candidate entries and what people do with them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.numbers import RowId
from core.access import Viewer
from core.idnumber import masked as masked_id_number
from core.models import CandidateEntry, Teacher
from core.vocabulary import DocType, FieldName
from review.decide import allowed_actions


class EntryOut(BaseModel):
    """A candidate entry as the queue lists it."""

    id: str
    version: int
    state: str
    level: str
    school_id: int
    school: str
    teacher: str | None
    holder_name: str | None = Field(description="The name as it stands on the document")
    doc_type: str
    title: str | None
    recommendation: str
    reasons: list[str]
    category: str | None
    credits: Decimal | None
    updated_at: datetime


class FieldOut(BaseModel):
    """One field: normal form, how sure (0..1), the page and the box (fractions of the upright page) it stands in."""

    value: str
    confidence: float
    page: int
    box: list[float]
    source: str
    text: str


class CandidateOut(BaseModel):
    """A teacher on the roster who may be meant."""

    teacher_id: int
    employee_no: str
    name: str
    school: str
    subject: str | None
    birth_date: date | None
    score: float


class DecisionOut(BaseModel):
    """What a person did."""

    version: int
    action: str
    level: str
    actor: str
    reason: str
    at: datetime


class EntryDetail(EntryOut):
    """A candidate entry with all that a reviewer needs."""

    document_id: str
    file_id: str
    file_name: str
    pages: list[int]
    upload_kind: str
    match: str
    teacher_id: int | None
    candidates: list[CandidateOut]
    fields: dict[str, FieldOut]
    findings: list[dict[str, Any]]
    policy: str
    needs_attestation: list[str]
    attested: list[str]
    actions: list[str] = Field(description="What you may do now")
    decisions: list[DecisionOut]


class QueueOut(BaseModel):
    """A page of the queue; `next` is the cursor of the next one."""

    entries: list[EntryOut]
    next: int | None
    total: int


class DecisionIn(BaseModel):
    """A decision on the version that the person saw."""

    model_config = ConfigDict(extra="forbid")
    version: RowId
    reason: str = Field(default="", max_length=1000)


class CorrectionIn(BaseModel):
    """Fields to set (an empty text removes one), the teacher (row id), the kind of document."""

    model_config = ConfigDict(extra="forbid")
    version: RowId
    fields: dict[FieldName, str] = Field(default_factory=dict)
    teacher_id: RowId | None = None
    doc_type: DocType | None = None


class AttestationIn(BaseModel):
    """A step that a person took."""

    model_config = ConfigDict(extra="forbid")
    version: RowId
    kind: str = Field(max_length=40)


def masked(name: str, value: str) -> str:
    """Return a field's value for people and programs: of an ID number only the ends."""
    return masked_id_number(value) if name == FieldName.ID_NUMBER else value


def entry_out(entry: CandidateEntry) -> EntryOut:
    """Return an entry as the queue lists it."""
    return EntryOut(**_common(entry))


def _common(entry: CandidateEntry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "version": entry.version,
        "state": str(entry.state),
        "level": str(entry.level),
        "school_id": entry.school_id,
        "school": entry.school.name,
        "teacher": entry.teacher.name if entry.teacher else None,
        "holder_name": entry.fields.get(FieldName.HOLDER_NAME, {}).get("value"),
        "doc_type": entry.doc_type,
        "title": entry.title,
        "recommendation": entry.recommendation,
        "reasons": entry.judgement["reasons"],
        "category": entry.category,
        "credits": entry.credits,
        "updated_at": entry.updated_at,
    }


def field_out(name: str, data: dict[str, Any]) -> FieldOut:
    """Return one field of an entry's sealed JSON, masked where it must be."""
    box = data["box"]
    return FieldOut(
        value=masked(name, data["value"]),
        confidence=data["confidence"],
        page=data["page"],
        box=[box["left"], box["top"], box["right"], box["bottom"]],
        source=data["source"],
        text=masked(name, data["text"]),
    )


def _candidates(session: Session, entry: CandidateEntry) -> list[CandidateOut]:
    """Return who may be meant, with what tells teachers of one name apart."""
    scores = {each["teacher_id"]: each["score"] for each in entry.candidates}
    teachers = session.scalars(select(Teacher).where(Teacher.id.in_(scores))).unique()
    found = [
        CandidateOut(
            teacher_id=teacher.id,
            employee_no=teacher.employee_no,
            name=teacher.name,
            school=teacher.school.name,
            subject=teacher.subject,
            birth_date=teacher.birth_date,
            score=scores[teacher.id],
        )
        for teacher in teachers
    ]
    return sorted(found, key=lambda each: (-each.score, each.employee_no))


def entry_detail(session: Session, entry: CandidateEntry, viewer: Viewer) -> EntryDetail:
    """Return an entry with all that a reviewer needs."""
    document = entry.document
    return EntryDetail(
        **_common(entry),
        document_id=document.public_id,
        file_id=document.file.public_id,
        file_name=document.file.name,
        pages=document.pages,
        upload_kind=entry.upload_kind,
        match=entry.match,
        teacher_id=entry.teacher_id,
        candidates=_candidates(session, entry),
        fields={name: field_out(name, data) for name, data in entry.fields.items()},
        findings=entry.judgement["findings"],
        policy=entry.judgement["pack_id"],
        needs_attestation=entry.judgement["needs_attestation"],
        attested=[attestation.kind for attestation in entry.attestations],
        actions=sorted(allowed_actions(viewer, entry)),
        decisions=[
            DecisionOut(
                version=d.version,
                action=d.action,
                level=str(d.level),
                actor=d.actor.display_name,
                reason=d.reason,
                at=d.at,
            )
            for d in entry.decisions
        ],
    )
