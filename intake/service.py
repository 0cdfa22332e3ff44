"""Uploads into the database: batches, their files, and rosters. Flushes, never commits; rings leave after commit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.access import Viewer, get_visible
from core.clock import utc_now
from core.db import after_commit
from core.errors import Invalid, NotFound, TooLarge, XuefenError
from core.ids import new_public_id
from core.models import Batch, BatchItem, Organisation, SourceFile
from core.settings import MIB, Settings
from core.states import FileState
from core.storage import Storage
from core.vocabulary import Role, UploadKind
from intake.archives import unpack
from intake.filetypes import inspect
from intake.limits import Limits
from intake.types import FileKind, IncomingFile

# Tells a worker that the file of this id waits: the queue's doorbell.
Ring = Callable[[int], None]
# The upload rings itself after its commit; the reconciler steps in only when that ring was not heard.
RING_PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class IntakePorts:
    """What storing files needs."""

    storage: Storage
    limits: Limits
    scratch: Path
    max_batch_files: int


def limits_of(settings: Settings) -> Limits:
    """Return the intake limits that the settings ask for."""
    return Limits(
        max_file_bytes=settings.max_file_mib * MIB,
        max_pixels=settings.max_pixels,
        max_pages=settings.max_pages,
        max_archive_bytes=settings.max_archive_mib * MIB,
        max_unpacked_bytes=settings.max_archive_mib * MIB,
        max_archive_members=settings.max_archive_members,
    )


def error_data(error: XuefenError) -> dict[str, Any]:
    """Return an error as JSON-able data: code, message id, page, facts."""
    facts = {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()}
    return {"code": error.code, "message": error.message, "page": error.page, "facts": facts}


def error_from_data(data: dict[str, Any]) -> XuefenError:
    """Return the error that `error_data` made the data of, to say it in the reader's language."""
    return XuefenError(data["code"], data["message"], page=data["page"], **data["facts"])


def create_batch(
    session: Session,
    viewer: Viewer,
    *,
    school_id: int,
    upload_kind: UploadKind,
    policy_id: str,
    idempotency_key: str | None,
) -> tuple[Batch, bool]:
    """Return the batch and whether it is new: a repeated idempotency key gives the uploader's earlier batch.

    Raises NotFound or Refused when the viewer may not upload for that organisation.
    """
    if viewer.user_id is None:
        raise Invalid("uploader_missing", "An upload needs a person; an API key cannot upload.")
    school = get_visible(session, viewer, Organisation, Organisation.id, id=school_id)
    viewer.must_have(Role.SCHOOL_UPLOADER, school.path)
    known = _batch_of_key(session, viewer, idempotency_key)
    if known is not None:
        return known, False
    batch = Batch(
        public_id=new_public_id(),
        school_id=school.id,
        uploader_id=viewer.user_id,
        upload_kind=upload_kind,
        policy_id=policy_id,
        idempotency_key=idempotency_key,
        created_at=utc_now(),
    )
    try:
        with session.begin_nested():
            session.add(batch)
    except IntegrityError:
        # The same request came twice at once and its twin was first.
        known = _batch_of_key(session, viewer, idempotency_key)
        if known is None:
            raise
        return known, False
    audit.record(
        session, "batch_created", f"batch:{batch.public_id}", actor_id=viewer.user_id, organisation_id=school.id
    )
    return batch, True


def _batch_of_key(session: Session, viewer: Viewer, key: str | None) -> Batch | None:
    return session.scalar(select(Batch).filter_by(uploader_id=viewer.user_id, idempotency_key=key)) if key else None


def store_files(ports: IntakePorts, uploads: Iterable[tuple[str, Path]]) -> list[IncomingFile]:
    """Inspect each (name, path), ZIPs member by member, and store the good ones: slow, so before any transaction.

    Raises TooLarge `too_many_files` when there are more files than one upload may have.
    """
    stored: list[IncomingFile] = []
    with TemporaryDirectory(dir=ports.scratch) as folder:
        for incoming in _incoming(uploads, ports.limits, Path(folder)):
            if len(stored) >= ports.max_batch_files:
                raise TooLarge("too_many_files", "The upload has more than {limit} files.", limit=ports.max_batch_files)
            if incoming.error is None:
                ports.storage.put(incoming.path.read_bytes())
            stored.append(incoming)
    return stored


def add_files(session: Session, ring: Ring, batch: Batch, stored: Iterable[IncomingFile]) -> None:
    """Take files that `store_files` stored into the batch; a bad one becomes a refused item, the rest go on."""
    ordinal = session.scalar(select(func.count(BatchItem.id)).filter_by(batch_id=batch.id)) or 0
    for place, incoming in enumerate(stored, start=ordinal + 1):
        session.add(_item(session, ring, batch, place, incoming))
    session.flush()


def _incoming(uploads: Iterable[tuple[str, Path]], limits: Limits, folder: Path) -> Iterable[IncomingFile]:
    for number, (name, path) in enumerate(uploads):
        found = inspect(name, path, limits)
        if found.kind is not FileKind.ZIP or found.error:
            yield found
            continue
        members = folder / str(number)
        members.mkdir()
        try:
            for member in unpack(path, name, members, limits):
                yield member
                member.path.unlink(missing_ok=True)
        except XuefenError as error:
            yield IncomingFile(name=name, path=path, error=error)


def _item(session: Session, ring: Ring, batch: Batch, ordinal: int, incoming: IncomingFile) -> BatchItem:
    item = BatchItem(batch_id=batch.id, ordinal=ordinal, name=incoming.name, notes=list(incoming.notes))
    if incoming.error or incoming.kind is None or incoming.sha256 is None:
        unknown = Invalid("unsupported_type", "{file} is of no known kind.", file=incoming.name)
        item.outcome, item.error = "refused", error_data(incoming.error or unknown)
        return item
    file, known = _file(session, batch, incoming, incoming.sha256)
    item.outcome = "duplicate" if known else "accepted"
    item.file_id = file.id
    if file.state in (FileState.RECEIVED, FileState.QUEUED):
        after_commit(session, lambda: ring(file.id))
    return item


def _file(session: Session, batch: Batch, incoming: IncomingFile, sha256: str) -> tuple[SourceFile, bool]:
    """Return the school's file of these bytes and whether it was known; one that failed before is tried afresh."""
    known = _known_file(session, batch.school_id, sha256)
    if known is None:
        fresh = SourceFile(
            public_id=new_public_id(),
            school_id=batch.school_id,
            batch_id=batch.id,
            name=incoming.name,
            sha256=sha256,
            size=incoming.size,
            kind=str(incoming.kind),
            notes=list(incoming.notes),
            state=FileState.RECEIVED,
            next_at=utc_now() + RING_PATIENCE,
            created_at=utc_now(),
        )
        try:
            with session.begin_nested():
                session.add(fresh)
        except IntegrityError:
            known = _known_file(session, batch.school_id, sha256)
        else:
            return fresh, False
    if known is None:
        raise NotFound("not_found", "There is no such thing here.")
    if known.state == FileState.FAILED:
        known.state, known.attempt, known.error, known.next_at = FileState.QUEUED, 0, None, utc_now()
    return known, True


def _known_file(session: Session, school_id: int, sha256: str) -> SourceFile | None:
    return session.scalar(select(SourceFile).filter_by(school_id=school_id, sha256=sha256))


def batch_counts(session: Session, batch: Batch) -> dict[str, int]:
    """Return how many items of the batch are refused, duplicate, waiting, done, failed, and how many in all."""
    counts = {"all": 0, "refused": 0, "duplicate": 0, "waiting": 0, "done": 0, "failed": 0}
    rows = session.execute(
        select(BatchItem.outcome, SourceFile.state, func.count(BatchItem.id))
        .outerjoin(SourceFile, BatchItem.file_id == SourceFile.id)
        .where(BatchItem.batch_id == batch.id)
        .group_by(BatchItem.outcome, SourceFile.state)
    )
    for outcome, state, number in rows:
        counts["all"] += number
        key = outcome if outcome != "accepted" else state if state in ("done", "failed") else "waiting"
        counts[key] += number
    return counts
