"""The first page: what to do next, for each role."""

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import func, select

from api import uploads
from api.auth import organisations, people
from api.pages.visit import PersonDep, PersonVisit
from core.access import within
from core.models import Teacher
from core.vocabulary import Level, Role
from ledger.feed import FEED_READERS
from review.queue import levels_of, queue_page, waiting_by_level

router = APIRouter()


@router.get("/")
def home(visit: PersonDep) -> Response:
    """Show what waits for the person."""
    session, viewer = visit.session, visit.viewer
    mine = queue_page(session, viewer, mine=True, limit=1) if levels_of(viewer) else None
    setup = _setup(visit) if viewer.has(Role.ADMINISTRATOR) else None
    return visit.page(
        "home.html",
        mine=mine,
        levels=waiting_by_level(session, viewer),
        batches=uploads.batch_page(session, viewer, limit=5).rows,
        uploads=viewer.has(Role.SCHOOL_UPLOADER),
        reads_ledger=bool(viewer.paths(FEED_READERS)),
        setup=setup,
        fresh=setup is not None and not all(setup.values()),
    )


def _setup(visit: PersonVisit) -> dict[str, int]:
    """Return how far an administrator's organisations are set up."""
    teachers = within(visit.viewer, select(func.count(Teacher.id)), Teacher.school_id)
    rows = organisations.visible(visit.session, visit.viewer)
    return {
        "schools": sum(row.level == Level.SCHOOL for row in rows),
        "people": len(people.visible_users(visit.session, visit.viewer)),
        "teachers": visit.session.scalar(teachers) or 0,
    }
