"""Candidate entries: the queue, one entry, and what people decide."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import SessionDep, ViewerDep
from api.numbers import RowId
from api.schemas.entries import (
    AttestationIn,
    CorrectionIn,
    DecisionIn,
    EntryDetail,
    QueueOut,
    entry_detail,
    entry_out,
)
from core.states import EntryState
from core.vocabulary import Level, Recommendation
from review import decide
from review.queue import PAGE, find_entry, queue_page
from verification.service import Correction

router = APIRouter(prefix="/entries", tags=["review"])


@router.get("")
def listed(
    session: SessionDep,
    viewer: ViewerDep,
    level: Level | None = None,
    state: EntryState | None = None,
    recommendation: Recommendation | None = None,
    mine: bool = False,
    after: RowId | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> QueueOut:
    """List entries in order of arrival; `mine` keeps those that wait for a level at which you review."""
    page = queue_page(
        session,
        viewer,
        level=level,
        state=state,
        recommendation=recommendation,
        mine=mine,
        after=after,
        limit=limit,
    )
    return QueueOut(entries=[entry_out(entry) for entry in page.entries], next=page.next, total=page.total_waiting)


@router.get("/{entry_id}")
def shown(session: SessionDep, viewer: ViewerDep, entry_id: str) -> EntryDetail:
    """Show one entry with its fields, findings and history."""
    return entry_detail(session, find_entry(session, viewer, entry_id), viewer)


@router.post("/{entry_id}/approve")
def approve(session: SessionDep, viewer: ViewerDep, entry_id: str, body: DecisionIn) -> EntryDetail:
    """Pass the entry at its level; after the last level it is approved for good."""
    return entry_detail(session, decide.approve(session, viewer, entry_id, body.version, body.reason), viewer)


@router.post("/{entry_id}/return")
def return_(session: SessionDep, viewer: ViewerDep, entry_id: str, body: DecisionIn) -> EntryDetail:
    """Send the entry back to its first level, with a reason."""
    return entry_detail(session, decide.return_(session, viewer, entry_id, body.version, body.reason), viewer)


@router.post("/{entry_id}/reject")
def reject(session: SessionDep, viewer: ViewerDep, entry_id: str, body: DecisionIn) -> EntryDetail:
    """End the entry without credit, with a reason."""
    return entry_detail(session, decide.reject(session, viewer, entry_id, body.version, body.reason), viewer)


@router.post("/{entry_id}/correct")
def correct(session: SessionDep, viewer: ViewerDep, entry_id: str, body: CorrectionIn) -> EntryDetail:
    """Set fields or the teacher right; the rules run again and the entry starts over at its first level."""
    correction = Correction(body.fields, body.teacher_id, body.doc_type)
    return entry_detail(session, decide.correct(session, viewer, entry_id, body.version, correction), viewer)


@router.post("/{entry_id}/attest")
def attest(session: SessionDep, viewer: ViewerDep, entry_id: str, body: AttestationIn) -> EntryDetail:
    """Record a step that a rule asks a person to take."""
    return entry_detail(session, decide.attest(session, viewer, entry_id, body.version, body.kind), viewer)
