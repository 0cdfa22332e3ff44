"""Who may read a file now: claims by fence and lease, each one UPDATE that asks and acts at once.

A claim is one UPDATE ... RETURNING, so two workers never hold the same fence; whatever a worker writes later, it writes
WHERE the fence is still its own. A lease in the future keeps others away: a worker's that reads, or, on a queued file,
the pause before the next try.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from core.clock import utc_now
from core.db import session_scope
from core.logs import get_logger
from core.models import SourceFile
from core.settings import Settings
from core.states import FILE_TRANSITIONS, FileState
from intake.types import FileKind

RETRY_FIRST_SECONDS = 5.0
RETRY_LONGEST_SECONDS = 600.0
_RENEWALS_PER_LEASE = 3
_LOADING_SECONDS = 120.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to one reading of a file: valid while the row still shows this fence."""

    file_id: int
    fence: int
    attempt: int
    sha256: str
    kind: FileKind


def states_before(state: FileState) -> list[FileState]:
    """Return the states from which a file may come into `state`."""
    return [before for before, after in FILE_TRANSITIONS.items() if state in after]


def unleased(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds the file at `now` and no pause keeps it back."""
    return or_(SourceFile.lease_until.is_(None), SourceFile.lease_until < now)


def retry_pause(attempt: int) -> timedelta:
    """Return the pause after the given attempt (counting from 1): 5 s, doubling, at most 10 minutes."""
    return timedelta(seconds=min(RETRY_FIRST_SECONDS * 2 ** (attempt - 1), RETRY_LONGEST_SECONDS))


def claim(session: Session, file_id: int, settings: Settings) -> Claim | None:
    """Take the file for reading, or return None when it is held, paused, read, or out of attempts."""
    now = utc_now()
    row = session.execute(
        update(SourceFile)
        .where(
            SourceFile.id == file_id,
            SourceFile.state.in_(states_before(FileState.RUNNING)),
            SourceFile.attempt < settings.max_attempts,
            unleased(now),
        )
        .values(
            state=FileState.RUNNING,
            fence=SourceFile.fence + 1,
            attempt=SourceFile.attempt + 1,
            lease_until=now + timedelta(seconds=settings.lease_seconds),
        )
        .returning(SourceFile.fence, SourceFile.attempt, SourceFile.sha256, SourceFile.kind)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return None
    return Claim(file_id, row.fence, row.attempt, row.sha256, FileKind(row.kind))


def renew(session: Session, held: Claim, settings: Settings) -> bool:
    """Push the lease's end away; False when the claim is no longer valid."""
    return _move(session, held, FileState.RUNNING, lease_until=utc_now() + timedelta(seconds=settings.lease_seconds))


def finish(session: Session, held: Claim) -> bool:
    """Mark the file done and end the lease; False, and nothing written, when the claim is no longer valid.

    Call it first in the transaction that writes what was read: the row stays locked until the commit.
    """
    return _move(session, held, FileState.DONE, lease_until=None, finished_at=utc_now(), error=None)


def fail(session: Session, held: Claim, error: dict[str, Any]) -> bool:
    """Park the file with its coded error; False when the claim is no longer valid."""
    return _move(session, held, FileState.FAILED, lease_until=None, finished_at=utc_now(), error=error)


def postpone(session: Session, held: Claim, error: dict[str, Any]) -> bool:
    """Queue the file again after a pause that grows with the attempts; False when the claim is no longer valid."""
    again = utc_now() + retry_pause(held.attempt)
    return _move(session, held, FileState.QUEUED, lease_until=again, next_at=again, error=error)


def give_back(session: Session, held: Claim) -> bool:
    """Queue the file again at once, as if it had not been claimed; False when the claim is no longer valid."""
    return _move(session, held, FileState.QUEUED, lease_until=None, next_at=utc_now(), attempt=SourceFile.attempt - 1)


def _move(session: Session, held: Claim, state: FileState, **values: Any) -> bool:
    row = session.execute(
        update(SourceFile)
        .where(
            SourceFile.id == held.file_id,
            SourceFile.fence == held.fence,
            # only a running file is held; the table of transitions must know the way
            SourceFile.state == FileState.RUNNING,
            SourceFile.state.in_(states_before(state)),
        )
        .values(state=state, **values)
        .returning(SourceFile.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None


class LeaseKeeper:
    """Renews a claim's lease from a thread while the main thread waits for the reader.

    It gives up after the time that the largest allowed file may take, so that a reader that hangs loses its file.
    """

    def __init__(self, maker: sessionmaker[Session], held: Claim, settings: Settings) -> None:
        """Renew `held` in sessions of `maker`, thrice in each lease."""
        self._maker = maker
        self._held = held
        self._settings = settings
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        """Start renewing."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop renewing."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        pause = self._settings.lease_seconds / _RENEWALS_PER_LEASE
        longest = self._settings.max_pages * self._settings.page_deadline_seconds + _LOADING_SECONDS
        for _ in range(int(longest / pause)):
            if self._over.wait(pause):
                return
            try:
                with session_scope(self._maker) as session:
                    if not renew(session, self._held, self._settings):
                        log.warning("lease_lost", file_id=self._held.file_id, fence=self._held.fence)
                        return
            except SQLAlchemyError as error:
                log.warning("lease_not_renewed", file_id=self._held.file_id, reason=type(error).__name__)
