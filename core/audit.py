"""The append-only audit table: each event carries the digest of the one before it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.clock import utc_now
from core.models import AuditEvent

FIRST = "0" * 64
AUDIT_LOCK = 7_210_001  # an arbitrary number that names the audit chain among PostgreSQL's advisory locks


def record(
    session: Session,
    action: str,
    subject: str,
    *,
    actor_id: int | None = None,
    organisation_id: int | None = None,
    **data: Any,
) -> AuditEvent:
    """Append one event (ids and codes only, no personal data) and return it, flushed.

    SQLite writers are serial already; on PostgreSQL a transaction lock keeps the chain in order.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": AUDIT_LOCK})
    last = session.execute(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).scalar_one_or_none()
    event = AuditEvent(
        id=(last.id if last else 0) + 1,
        at=utc_now(),
        actor_id=actor_id,
        organisation_id=organisation_id,
        action=action,
        subject=subject,
        data=data,
        previous=last.digest if last else FIRST,
    )
    event.digest = digest_of(event)
    session.add(event)
    session.flush()
    return event


def digest_of(event: AuditEvent) -> str:
    """Return the SHA-256 over the event's facts and its predecessor's digest."""
    facts = [
        event.id,
        event.at.isoformat(),
        event.actor_id,
        event.organisation_id,
        event.action,
        event.subject,
        event.data,
        event.previous,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def broken_links(session: Session) -> Iterator[int]:
    """Yield the ids of events whose digest or link does not hold; nothing means that the chain is whole."""
    previous, expected_id = FIRST, 1
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id)):
        if event.id != expected_id or event.previous != previous or event.digest != digest_of(event):
            yield event.id
        previous, expected_id = event.digest, event.id + 1


def count(session: Session) -> int:
    """Return the number of events."""
    return session.scalar(select(func.count(AuditEvent.id))) or 0
