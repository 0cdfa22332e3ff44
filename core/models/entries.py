"""Candidate credit entries and what people did with them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, SealedJson, UtcMoment
from core.models.documents import Document
from core.models.people import Organisation, Teacher, User
from core.states import EntryState
from core.vocabulary import Level


class CandidateEntry(Base):
    """One teacher's credit from one document, waiting for people. Ordinal 0 stands for the document as a whole.

    `fields` is sealed JSON: field name -> {value, confidence, page, box, source, text}, as read, then as corrected.
    `judgement` is the last judgement: findings, recommendation, reasons, pack id, version and hash. `level` is the
    level whose turn it is; `version` counts every change and guards every decision.
    """

    __tablename__ = "candidate_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    ordinal: Mapped[int]
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    uploader_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    upload_kind: Mapped[str] = mapped_column(String(16))
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("teacher.id"), index=True)
    match: Mapped[str] = mapped_column(String(16))
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    fields: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    judgement: Mapped[dict[str, Any]] = mapped_column(JSON)
    doc_type: Mapped[str] = mapped_column(String(32))
    title: Mapped[str | None] = mapped_column(String(300))
    recommendation: Mapped[str] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(40))
    credits: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    state: Mapped[EntryState] = mapped_column(String(16), default=EntryState.IN_REVIEW)
    level: Mapped[Level] = mapped_column(String(16), default=Level.SCHOOL)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    updated_at: Mapped[datetime] = mapped_column(UtcMoment)

    document: Mapped[Document] = relationship(lazy="joined")
    school: Mapped[Organisation] = relationship(lazy="joined")
    teacher: Mapped[Teacher | None] = relationship(lazy="joined")
    uploader: Mapped[User] = relationship()
    decisions: Mapped[list["Decision"]] = relationship(back_populates="entry", order_by="Decision.id")
    attestations: Mapped[list["Attestation"]] = relationship(back_populates="entry", order_by="Attestation.id")

    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        Index("ix_candidate_entry_queue", "state", "level", "school_id", "id"),
    )


class Decision(Base):
    """One action of one person on one version of an entry. The database itself refuses one's own upload."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("candidate_entry.id"))
    version: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    level: Mapped[Level] = mapped_column(String(16))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    uploader_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime] = mapped_column(UtcMoment)

    entry: Mapped[CandidateEntry] = relationship(back_populates="decisions")
    actor: Mapped[User] = relationship(foreign_keys=[actor_id], lazy="joined")

    __table_args__ = (
        UniqueConstraint("entry_id", "version"),
        CheckConstraint("action = 'correct' OR actor_id <> uploader_id", name="four_eyes"),
    )


class Attestation(Base):
    """A recorded human step that a rule demands, e.g. `account_checked`: the teacher's account was looked at."""

    __tablename__ = "attestation"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("candidate_entry.id"))
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcMoment)

    entry: Mapped[CandidateEntry] = relationship(back_populates="attestations")
    actor: Mapped[User] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("entry_id", "kind"),)
