"""The feed that the credit ledger reads: finally approved entries in a gap-free order, each exactly once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.access import Viewer, within
from core.clock import utc_now
from core.models import CandidateEntry, LedgerEntry, LedgerHead, OutboxEvent
from core.states import EntryState
from core.vocabulary import Role
from review.decide import ENTRY_APPROVED

FEED_READERS = frozenset({Role.INTEGRATOR, Role.AUDITOR, Role.ADMINISTRATOR, Role.CITY_REVIEWER})
MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Feed entries after a cursor; `next` is the cursor to ask with next time, `more` whether some wait already."""

    entries: tuple[LedgerEntry, ...]
    next: int
    more: bool


def publish_due(session: Session, limit: int = 200) -> int:
    """Put approved entries that the outbox tells of into the feed; returns how many.

    The head row is updated first, so publishers wait for each other and numbers appear in the order of commits. An
    event told twice meets the unique key of its entry and changes nothing.
    """
    due = (
        select(OutboxEvent)
        .where(OutboxEvent.kind == ENTRY_APPROVED, OutboxEvent.done_at.is_(None), OutboxEvent.next_at <= utc_now())
        .order_by(OutboxEvent.id)
        .limit(limit)
    )
    if session.scalar(due.with_only_columns(OutboxEvent.id).limit(1)) is None:
        return 0
    session.execute(update(LedgerHead).where(LedgerHead.id == 1).values(last=LedgerHead.last))
    head = session.get_one(LedgerHead, 1, populate_existing=True)
    published = 0
    for event in session.scalars(due):
        entry = session.get_one(CandidateEntry, event.subject_id)
        known = session.scalar(select(LedgerEntry.sequence).filter_by(entry_id=entry.id))
        if known is None and entry.state == EntryState.APPROVED:
            head.last += 1
            session.add(_ledger_entry(entry, head.last))
            published += 1
        event.done_at = utc_now()
        session.flush()
    return published


def _ledger_entry(entry: CandidateEntry, sequence: int) -> LedgerEntry:
    return LedgerEntry(
        sequence=sequence,
        public_id=entry.public_id,
        entry_id=entry.id,
        school_id=entry.school_id,
        payload=_payload(entry),
        published_at=utc_now(),
    )


def _payload(entry: CandidateEntry) -> dict[str, Any]:
    """Return what the ledger gets to know: the credit, whose it is, its evidence, and under which rules."""
    if entry.teacher is None or entry.credits is None:
        raise ValueError("an approved entry has a teacher and credits")
    fields = entry.fields
    return {
        "teacher": {
            "employee_no": entry.teacher.employee_no,
            "name": entry.teacher.name,
            "school": entry.teacher.school.name,
        },
        "category": entry.category,
        "credits": float(entry.credits),
        "doc_type": entry.doc_type,
        "title": entry.title,
        "certificate_no": _value(fields, "certificate_no"),
        "issuer": _value(fields, "issuer"),
        "issue_date": _value(fields, "issue_date"),
        "hours": _value(fields, "hours"),
        "document": entry.document.public_id,
        "sha256": entry.document.file.sha256,
        "policy": {key: entry.judgement[key] for key in ("pack_id", "pack_version", "pack_hash")},
    }


def _value(fields: dict[str, Any], name: str) -> str | None:
    field = fields.get(name)
    return None if field is None else str(field["value"])


def entries_after(session: Session, viewer: Viewer, cursor: int = 0, limit: int = 100) -> FeedPage:
    """Return the feed after `cursor` (0 = from the start) as far as the viewer's nodes reach."""
    limit = max(1, min(limit, MAX_LIMIT))
    statement = within(viewer, select(LedgerEntry), LedgerEntry.school_id, FEED_READERS)
    found = session.scalars(
        statement.where(LedgerEntry.sequence > cursor).order_by(LedgerEntry.sequence).limit(limit + 1)
    ).all()
    page = tuple(found[:limit])
    return FeedPage(page, page[-1].sequence if page else cursor, len(found) > limit)
