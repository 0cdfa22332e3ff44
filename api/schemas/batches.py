"""Bodies about uploads and rosters."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.schemas.common import Said, said
from core.errors import XuefenError
from core.models import Batch, BatchItem
from core.vocabulary import UploadKind
from intake.roster_service import RosterImport
from intake.service import error_from_data


class ItemOut(BaseModel):
    """One file as it was named in the upload."""

    ordinal: int
    name: str
    outcome: str = Field(description="accepted, duplicate (same bytes were known already) or refused")
    state: str | None = Field(description="received, queued, running, done or failed; empty for a refused file")
    file_id: str | None
    pages: int | None
    notes: list[str]
    error: Said | None
    entries: list[str] = Field(description="Ids of the credit entries that came of the file")


class BatchOut(BaseModel):
    """One upload."""

    id: str
    school_id: int
    school: str
    uploader: str
    upload_kind: UploadKind
    policy: str
    created_at: datetime
    counts: dict[str, int]


class BatchDetail(BatchOut):
    """One upload with its files."""

    items: list[ItemOut]


class BatchPage(BaseModel):
    """Uploads, newest first; `next` is the cursor of the next page."""

    batches: list[BatchOut]
    next: int | None


class RosterProblemOut(BaseModel):
    """What is wrong with one row of a roster."""

    row: int
    column: str
    error: Said


class RosterOut(BaseModel):
    """What an import did."""

    added: int
    changed: int
    problems: list[RosterProblemOut]


def error_of(item: BatchItem) -> XuefenError | None:
    """Return why a file was refused, or why reading it failed."""
    data: dict[str, Any] | None = item.error or (item.file.error if item.file else None)
    if data is None:
        return None
    error = error_from_data(data)
    error.facts.setdefault("file", item.name)
    return error


def batch_out(batch: Batch, counts: dict[str, int]) -> BatchOut:
    """Return the body of one upload."""
    return BatchOut(
        id=batch.public_id,
        school_id=batch.school_id,
        school=batch.school.name,
        uploader=batch.uploader.display_name,
        upload_kind=UploadKind(batch.upload_kind),
        policy=batch.policy_id,
        created_at=batch.created_at,
        counts=counts,
    )


def item_out(item: BatchItem, entries: list[str]) -> ItemOut:
    """Return the body of one file of an upload."""
    error = error_of(item)
    return ItemOut(
        ordinal=item.ordinal,
        name=item.name,
        outcome=item.outcome,
        state=str(item.file.state) if item.file else None,
        file_id=item.file.public_id if item.file else None,
        pages=item.file.pages if item.file else None,
        notes=list(dict.fromkeys([*item.notes, *(item.file.notes if item.file else ())])),
        error=said(error) if error else None,
        entries=entries,
    )


def roster_out(done: RosterImport) -> RosterOut:
    """Return the body of an import's report."""
    return RosterOut(
        added=done.added,
        changed=done.changed,
        problems=[RosterProblemOut(row=p.row, column=p.column, error=said(p.error)) for p in done.problems],
    )
