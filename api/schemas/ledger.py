"""Bodies of the ledger feed."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from core.models import LedgerEntry
from ledger.feed import FeedPage


class LedgerEntryOut(BaseModel):
    """One finally approved entry. `id` is stable for ever: drop what you have already."""

    id: str
    sequence: int
    published_at: datetime
    payload: dict[str, Any]


class FeedOut(BaseModel):
    """A page of the feed. Ask again with `after=next`; `more` says whether to do so at once."""

    entries: list[LedgerEntryOut]
    next: int = Field(description="The cursor to ask with next time")
    more: bool


def entry_out(row: LedgerEntry) -> LedgerEntryOut:
    """Return the body of one entry."""
    return LedgerEntryOut(id=row.public_id, sequence=row.sequence, published_at=row.published_at, payload=row.payload)


def feed_out(page: FeedPage) -> FeedOut:
    """Return the body of a page."""
    return FeedOut(entries=[entry_out(row) for row in page.entries], next=page.next, more=page.more)
