"""Uploads: a batch, the files named in it, and the distinct files that are read once for each school."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, UtcMoment
from core.models.people import Organisation, User
from core.states import FileState
from core.vocabulary import UploadKind


class Batch(Base):
    """One upload by one person for one school; `idempotency_key` makes a repeated request the same batch."""

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    uploader_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    upload_kind: Mapped[UploadKind] = mapped_column(String(16))
    policy_id: Mapped[str] = mapped_column(String(80))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)

    school: Mapped[Organisation] = relationship(lazy="joined")
    uploader: Mapped[User] = relationship(lazy="joined")
    items: Mapped[list["BatchItem"]] = relationship(back_populates="batch", order_by="BatchItem.ordinal")

    __table_args__ = (UniqueConstraint("uploader_id", "idempotency_key"),)


class SourceFile(Base):
    """Distinct bytes in a school, read once. Lease, fence and attempts guard the reading (docs/architecture.md)."""

    __tablename__ = "source_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    name: Mapped[str] = mapped_column(String(500))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[FileState] = mapped_column(String(16), default=FileState.RECEIVED)
    fence: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcMoment)
    next_at: Mapped[datetime] = mapped_column(UtcMoment)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    pages: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    finished_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    batch: Mapped[Batch] = relationship()

    __table_args__ = (
        UniqueConstraint("school_id", "sha256"),
        Index("ix_source_file_state_next_at", "state", "next_at"),
    )


class BatchItem(Base):
    """One file as it was named in an upload: accepted, a repeat of a known file, or refused with its coded error.

    `error` is {code, message, page, facts}; `file_id` is empty for a refused one.
    """

    __tablename__ = "batch_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    ordinal: Mapped[int]
    name: Mapped[str] = mapped_column(String(500))
    outcome: Mapped[str] = mapped_column(String(16))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("source_file.id"))
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    batch: Mapped[Batch] = relationship(back_populates="items")
    file: Mapped[SourceFile | None] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("batch_id", "ordinal"),)
