"""The feed of finally approved entries, in a gap-free order."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SealedJson, UtcMoment


class LedgerHead(Base):
    """One row: the last sequence number given out. Updating it serialises publishers, so the order has no gap."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class LedgerEntry(Base):
    """A credit entry handed over: `sequence` is the feed's cursor, `public_id` the stable id integrators key on."""

    __tablename__ = "ledger_entry"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("candidate_entry.id"), unique=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    published_at: Mapped[datetime] = mapped_column(UtcMoment)
