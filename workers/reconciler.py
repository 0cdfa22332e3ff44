"""The reconciler: what was lost on the way comes back, because it looks at the tables and not at the queue.

It rings for files that are due, ends those that used up their tries, publishes approved entries into the ledger's feed,
and sweeps what expired.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session, sessionmaker

from core import audit
from core.clock import utc_now
from core.db import after_commit, session_scope
from core.errors import Unavailable
from core.logs import get_logger, place_of
from core.models import OneTimeLink, SourceFile, UserSession
from core.queue import Doorbell
from core.settings import Settings
from core.states import FileState
from intake.service import error_data
from ledger.feed import publish_due
from workers.leases import states_before, unleased

# Ringing for everything that waits filled the queue with stale rings: 459 of 2,000 files in 150 s.
SHORT_QUEUE = 20
RING_AGAIN_FIRST = timedelta(seconds=5)
RING_AGAIN_LONGEST = timedelta(minutes=5)
RING_EVERY_SECONDS = 2.0
PUBLISH_EVERY_SECONDS = 1.0
SWEEP_EVERY_SECONDS = 600.0

log = get_logger(__name__)


def ring_due(session: Session, doorbell: Doorbell, settings: Settings, room: int = SHORT_QUEUE) -> int:
    """Ring (after the commit) for the `room` files that wait longest; returns how many were due.

    The time of a file's next ring doubles with its age: a lost ring is made good soon, a long queue not flooded.
    """
    now = utc_now()
    due = (
        select(SourceFile)
        .where(
            SourceFile.state.in_(states_before(FileState.RUNNING)),
            SourceFile.attempt < settings.max_attempts,
            SourceFile.next_at <= now,
            unleased(now),
        )
        .order_by(SourceFile.next_at, SourceFile.id)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    files = session.scalars(due).all()
    for file in files:
        if file.state == FileState.RECEIVED:
            file.state = FileState.QUEUED
        file.next_at = now + min(max(now - file.created_at, RING_AGAIN_FIRST), RING_AGAIN_LONGEST)
        after_commit(session, partial(doorbell.ring, file.id))
    return len(files)


def end_exhausted(session: Session, settings: Settings) -> int:
    """Park the files whose last try ended without a word (the worker was killed each time); returns how many."""
    now = utc_now()
    spent = (
        select(SourceFile)
        .where(
            SourceFile.state.in_(states_before(FileState.FAILED)),
            SourceFile.attempt >= settings.max_attempts,
            unleased(now),
        )
        .limit(SHORT_QUEUE)
        .with_for_update(skip_locked=True)
    )
    files = session.scalars(spent).all()
    for file in files:
        error = Unavailable(
            "attempts_exhausted", "The file was given up after {attempts} tries.", attempts=file.attempt
        )
        file.state, file.lease_until, file.finished_at, file.error = FileState.FAILED, None, now, error_data(error)
        audit.record(session, "file_failed", f"file:{file.public_id}", organisation_id=file.school_id, code=error.code)
    return len(files)


def sweep(session: Session, now: datetime) -> int:
    """Remove sessions and one-time links that expired; returns how many."""
    removed = 0
    for table in (UserSession, OneTimeLink):
        result = session.execute(delete(table).where(table.expires_at < now))
        removed += result.rowcount if isinstance(result, CursorResult) else 0
    return removed


class Reconciler:
    """Does each duty in its own rhythm until asked to stop. One is enough; more do no harm."""

    def __init__(self, maker: sessionmaker[Session], doorbell: Doorbell, settings: Settings) -> None:
        """Work on the database of `maker` and ring `doorbell`."""
        self._maker = maker
        self._doorbell = doorbell
        self._settings = settings
        self._over = threading.Event()

    def stop(self) -> None:
        """Have `run` return after the present duty; fit for a signal handler."""
        self._over.set()

    def run(self) -> None:
        """Work until stopped."""
        duties = (
            (PUBLISH_EVERY_SECONDS, self._publish),
            (RING_EVERY_SECONDS, self._ring),
            (SWEEP_EVERY_SECONDS, self._sweep),
        )
        due_at = [0.0] * len(duties)
        while not self._over.is_set():
            for place, (rhythm, duty) in enumerate(duties):
                if time.monotonic() >= due_at[place]:
                    self._do(duty)
                    due_at[place] = time.monotonic() + rhythm
            self._over.wait(max(0.05, min(due_at) - time.monotonic()))

    def _publish(self) -> None:
        with session_scope(self._maker) as session:
            publish_due(session)

    def _ring(self) -> None:
        with session_scope(self._maker) as session:
            end_exhausted(session, self._settings)
        room = SHORT_QUEUE - self._doorbell.waiting()
        if room > 0:
            with session_scope(self._maker) as session:
                ring_due(session, self._doorbell, self._settings, room)

    def _sweep(self) -> None:
        with session_scope(self._maker) as session:
            sweep(session, utc_now())

    def _do(self, duty: Callable[[], None]) -> None:
        """Do one duty; whatever is wrong with it is noted, tried again next round, and keeps no other from its turn."""
        try:
            duty()
        except Exception as error:  # noqa: BLE001 - a duty that ended the process would end the others with it
            log.warning("duty_put_off", reason=type(error).__name__, at=place_of(error))
