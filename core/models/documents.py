"""What the reader found: pages of a file as people see them, and the documents on them."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, SealedJson
from core.models.files import SourceFile


class PageRecord(Base):
    """The upright, re-encoded image of one page (pixels); `image` names the blob in the storage."""

    __tablename__ = "page"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id"))
    number: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    image: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("file_id", "number"),)


class Document(Base):
    """One document of a file; `reading` is the sealed JSON of ocr.types.DocumentReading (see ocr/serial.py)."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    ordinal: Mapped[int]
    doc_type: Mapped[str] = mapped_column(String(32))
    pages: Mapped[list[int]] = mapped_column(JSON)
    reading: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    certificate_digest: Mapped[str | None] = mapped_column(String(64), index=True)

    file: Mapped[SourceFile] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("file_id", "ordinal"),)
