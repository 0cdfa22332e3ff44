"""From a ring to a finished file: claim, read, and write all that was read in one transaction under the fence.

What ends a try (the one table of steps):

| what happens | what the file becomes |
| --- | --- |
| read | done, with pages, documents and entries |
| the process is asked to end | queued at once, the try not counted |
| Unavailable, or the database is away | queued after a growing pause; at the last try failed with that error |
| the reader child crashed, hung or ran out of memory | queued once more, then failed: a poison file |
| any other coded error (malformed, too large, a bug) | failed at once |
| the worker is killed | its lease ends, the reconciler rings, the next worker claims |
"""

from enum import StrEnum

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from core import audit
from core.db import session_scope
from core.errors import Unavailable, XuefenError
from core.logs import get_logger, place_of
from core.models import SourceFile
from intake.service import error_data
from ocr.types import FileReading
from verification.service import store_images, store_reading
from workers.desk import Desk, ReadingStopped
from workers.leases import Claim, LeaseKeeper, claim, fail, finish, give_back, postpone

POISON_CODES = frozenset({"reader_crashed", "reader_timeout", "reader_out_of_memory"})
POISON_ATTEMPTS = 2

log = get_logger(__name__)


class Outcome(StrEnum):
    """What became of one ring."""

    SKIPPED = "skipped"
    DONE = "done"
    POSTPONED = "postponed"
    FAILED = "failed"
    GIVEN_BACK = "given_back"
    LOST = "lost"


def read_file(desk: Desk, file_id: int) -> Outcome:
    """Do one try at one file; never raises for what the file or the parts do. A file that is not due is skipped."""
    with session_scope(desk.maker) as session:
        held = claim(session, file_id, desk.settings)
    if held is None:
        return Outcome.SKIPPED
    outcome = _settle(desk, held)
    log.info("file_read", file_id=file_id, attempt=held.attempt, outcome=outcome.value)
    return outcome


def _settle(desk: Desk, held: Claim) -> Outcome:
    try:
        reading = _read(desk, held)
        return Outcome.DONE if _finish(desk, held, reading) else Outcome.LOST
    except ReadingStopped:
        return _write(desk, held, None)
    except XuefenError as error:
        return _write(desk, held, error)
    except OperationalError as error:
        log.warning("database_unavailable", file_id=held.file_id, reason=type(error.orig).__name__)
        return _write(desk, held, Unavailable("database_unavailable", "The database did not answer."))
    except Exception as error:  # noqa: BLE001 - whatever it is, the file is parked visibly and the next one read
        log.warning("reading_failed", file_id=held.file_id, reason=type(error).__name__, at=place_of(error))
        return _write(desk, held, XuefenError("internal_error", "The service made a mistake with this file."))


def _read(desk: Desk, held: Claim) -> FileReading:
    with (
        LeaseKeeper(desk.maker, held, desk.settings),
        desk.stop.reading(),
        desk.scratch.file(desk.storage.get(held.sha256)) as path,
    ):
        return desk.reader.read(path, held.kind)


def _finish(desk: Desk, held: Claim, reading: FileReading) -> bool:
    """Write all that was read, or nothing at all when another worker has the file by now."""
    # outside the transaction, as it is slow; blobs are named by content, so a stale worker's put changes nothing
    images = store_images(desk.storage, reading)
    with session_scope(desk.maker) as session:
        if not finish(session, held):
            return False
        file = session.get_one(SourceFile, held.file_id)
        store_reading(session, desk.keyring, file, reading, images)
    return True


def _write(desk: Desk, held: Claim, error: XuefenError | None) -> Outcome:
    """Write how the try ended; when even that fails, the lease's end brings the file back."""
    try:
        with session_scope(desk.maker) as session:
            if error is None:
                return Outcome.GIVEN_BACK if give_back(session, held) else Outcome.LOST
            if _worth_another_try(desk, held, error):
                return Outcome.POSTPONED if postpone(session, held, error_data(error)) else Outcome.LOST
            return Outcome.FAILED if park(session, held, error) else Outcome.LOST
    except SQLAlchemyError as trouble:
        log.warning("outcome_not_written", file_id=held.file_id, reason=type(trouble).__name__)
        return Outcome.LOST


def _worth_another_try(desk: Desk, held: Claim, error: XuefenError) -> bool:
    if error.code in POISON_CODES:
        return held.attempt < min(POISON_ATTEMPTS, desk.settings.max_attempts)
    return isinstance(error, Unavailable) and held.attempt < desk.settings.max_attempts


def park(session: Session, held: Claim, error: XuefenError) -> bool:
    """Mark the file failed for people to see, with an audit event; False when the claim is no longer valid."""
    if not fail(session, held, error_data(error)):
        return False
    file = session.get_one(SourceFile, held.file_id)
    audit.record(session, "file_failed", f"file:{file.public_id}", organisation_id=file.school_id, code=error.code)
    return True
