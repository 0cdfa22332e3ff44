"""Uploads as routes and pages need them: receive, store, list, and what came of each file."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.keys import Scope
from api.deps import authorise, identify
from api.numbers import row_id
from api.ports import Ports
from api.receive import Received, receive, receive_limits
from api.schemas.batches import BatchDetail, ItemOut, batch_out, item_out
from core.access import Viewer, get_visible, within
from core.db import read_scope, session_scope
from core.errors import Invalid, Refused
from core.models import Batch, BatchItem, CandidateEntry, Document
from core.states import FileState
from core.vocabulary import Role, UploadKind
from intake.service import add_files, batch_counts, create_batch, store_files
from verification.loader import load_pack

PAGE = 30
MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class BatchRows:
    """A page of uploads, newest first, each with its counts; `next` is the cursor of the next page."""

    rows: tuple[tuple[Batch, dict[str, int]], ...]
    next: int | None


def batch_page(session: Session, viewer: Viewer, *, after: int | None = None, limit: int = PAGE) -> BatchRows:
    """Return uploads that the viewer may see, older than the cursor."""
    statement = within(viewer, select(Batch), Batch.school_id)
    if after is not None:
        statement = statement.where(Batch.id < after)
    found = session.scalars(statement.order_by(Batch.id.desc()).limit(limit + 1)).unique().all()
    page = found[:limit]
    rows = tuple((batch, batch_counts(session, batch)) for batch in page)
    return BatchRows(rows, page[-1].id if len(found) > limit else None)


def find_batch(session: Session, viewer: Viewer, public_id: str) -> Batch:
    """Return one upload; NotFound when it is not there or not for this viewer."""
    return get_visible(session, viewer, Batch, Batch.school_id, public_id=public_id)


def batch_detail(session: Session, viewer: Viewer, batch: Batch) -> BatchDetail:
    """Return an upload with its files, their states and the entries that came of them (as far as visible)."""
    items = session.scalars(select(BatchItem).filter_by(batch_id=batch.id).order_by(BatchItem.ordinal)).unique().all()
    entries = _entries_of(session, viewer, items)
    return BatchDetail(
        **batch_out(batch, batch_counts(session, batch)).model_dump(),
        items=[item_out(item, entries.get(item.file_id or 0, [])) for item in items],
    )


def stand(item: ItemOut) -> str:
    """Return where a file stands, in the words of `batch_counts`: refused, duplicate, waiting, done or failed."""
    if item.outcome != "accepted":
        return item.outcome
    return item.state if item.state in (FileState.DONE, FileState.FAILED) else "waiting"


def _entries_of(session: Session, viewer: Viewer, items: Sequence[BatchItem]) -> dict[int, list[str]]:
    batch_ids = {item.batch_id for item in items}
    files = select(BatchItem.file_id).where(BatchItem.batch_id.in_(batch_ids), BatchItem.file_id.is_not(None))
    statement = (
        select(Document.file_id, CandidateEntry.public_id)
        .join(CandidateEntry, CandidateEntry.document_id == Document.id)
        .where(Document.file_id.in_(files))
        .order_by(CandidateEntry.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for file_id, public_id in session.execute(within(viewer, statement, CandidateEntry.school_id)):
        found[file_id].append(public_id)
    return found


async def take_upload(request: Request, ports: Ports, batch_id: str | None) -> tuple[BatchDetail, bool]:
    """Receive the request's files into a new upload (or into the sender's own `batch_id`); also say whether it is new.

    Who may send is settled before the first byte is read, and no transaction is open while bytes arrive.
    """
    viewer = await run_in_threadpool(_uploader, request, ports, batch_id)
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise Invalid("idempotency_key", "The idempotency key needs 1 to {most} characters.", most=MAX_KEY)
    with TemporaryDirectory(dir=ports.scratch) as folder:
        received = await receive(request, Path(folder), receive_limits(ports.settings))
        return await run_in_threadpool(_store, ports, viewer, received, batch_id, key)


def _uploader(request: Request, ports: Ports, batch_id: str | None) -> Viewer:
    """Return who sends, if they may: anywhere at all for a new upload, into their own for more files."""
    with read_scope(ports.maker) as session:
        viewer = authorise(identify(session, ports, request), request, Scope.BATCHES_WRITE).viewer
        if batch_id is not None:
            own_batch(session, viewer, batch_id)
    if not viewer.has(Role.SCHOOL_UPLOADER):
        raise Refused("role_missing", "This needs the role {role}.", role=Role.SCHOOL_UPLOADER.value)
    return viewer


def own_batch(session: Session, viewer: Viewer, batch_id: str) -> Batch:
    """Return the viewer's own upload; Refused `not_your_upload` when somebody else made it."""
    batch = find_batch(session, viewer, batch_id)
    if batch.uploader_id != viewer.user_id:
        raise Refused("not_your_upload", "Only the person who made this upload can add files to it.")
    viewer.must_have(Role.SCHOOL_UPLOADER, batch.school.path)
    return batch


def _store(
    ports: Ports, viewer: Viewer, received: Received, batch_id: str | None, key: str | None
) -> tuple[BatchDetail, bool]:
    stored = store_files(ports.intake, received.files)
    with session_scope(ports.maker) as session:
        if batch_id is None:
            batch, created = _create(session, ports, viewer, received, key)
        else:
            batch, created = own_batch(session, viewer, batch_id), True
        if created:
            add_files(session, ports.doorbell.ring, batch, stored)
        session.flush()
        return batch_detail(session, viewer, batch), created


def _create(session: Session, ports: Ports, viewer: Viewer, received: Received, key: str | None) -> tuple[Batch, bool]:
    fields = received.fields
    school_id = row_id(fields.get("school_id", ""), "school_id")
    kind = None
    with suppress(ValueError):
        kind = UploadKind(fields.get("upload_kind", ""))
    if kind is None:
        raise Invalid("field_missing", "The field {field} is missing or malformed.", field="upload_kind")
    policy = fields.get("policy") or ports.settings.policy
    load_pack(policy)
    return create_batch(
        session,
        viewer,
        school_id=school_id,
        upload_kind=kind,
        policy_id=policy,
        idempotency_key=key,
    )
