"""The queue of candidate entries, as far as a person may see it, by keyset and not by offset."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access import REVIEWER_OF, Viewer, get_visible, visible_schools, within
from core.models import CandidateEntry
from core.states import EntryState
from core.vocabulary import Level, Recommendation
from review.types import QueuePage

PAGE = 50


def queue_page(
    session: Session,
    viewer: Viewer,
    *,
    level: Level | None = None,
    state: EntryState | None = EntryState.IN_REVIEW,
    recommendation: Recommendation | None = None,
    mine: bool = False,
    after: int | None = None,
    limit: int = PAGE,
) -> QueuePage:
    """Return entries in order of arrival, those after cursor `after`; None filters nothing.

    `mine` keeps only entries that wait for a level at which the viewer reviews.
    """
    statement = within(viewer, select(CandidateEntry), CandidateEntry.school_id)
    if level is not None:
        statement = statement.where(CandidateEntry.level == level)
    if state is not None:
        statement = statement.where(CandidateEntry.state == state)
    if recommendation is not None:
        statement = statement.where(CandidateEntry.recommendation == recommendation)
    if mine:
        statement = statement.where(CandidateEntry.level.in_(levels_of(viewer)))
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    if after is not None:
        statement = statement.where(CandidateEntry.id > after)
    found = session.scalars(statement.order_by(CandidateEntry.id).limit(limit + 1)).unique().all()
    page = tuple(found[:limit])
    return QueuePage(page, page[-1].id if len(found) > limit else None, total)


def levels_of(viewer: Viewer) -> tuple[Level, ...]:
    """Return the levels at which the viewer reviews anywhere."""
    return tuple(level for level, role in REVIEWER_OF.items() if viewer.has(role))


def waiting_by_level(session: Session, viewer: Viewer) -> dict[Level, int]:
    """Return the number of entries that wait at each level, as far as the viewer may see."""
    rows = session.execute(
        select(CandidateEntry.level, func.count(CandidateEntry.id))
        .where(CandidateEntry.state == EntryState.IN_REVIEW, CandidateEntry.school_id.in_(visible_schools(viewer)))
        .group_by(CandidateEntry.level)
    )
    return {Level(level): number for level, number in rows}


def find_entry(session: Session, viewer: Viewer, public_id: str) -> CandidateEntry:
    """Return one entry; raises NotFound when it is not there or not for this viewer."""
    return get_visible(session, viewer, CandidateEntry, CandidateEntry.school_id, public_id=public_id)


def next_waiting(session: Session, viewer: Viewer, entry: CandidateEntry) -> CandidateEntry | None:
    """Return the entry after this one that waits for the viewer, else the first that waits, else None."""
    for after in (entry.id, None):
        page = queue_page(session, viewer, mine=True, after=after, limit=1)
        if page.entries and page.entries[0].id != entry.id:
            return page.entries[0]
    return None
