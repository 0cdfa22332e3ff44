"""The approved entries, as the credit ledger sees them."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.numbers import RowId
from api.pages.visit import PersonDep
from api.schemas.ledger import feed_out
from core.errors import Refused
from ledger.feed import FEED_READERS, entries_after

router = APIRouter()
PAGE = 50


@router.get("/ledger")
def ledger(visit: PersonDep, after: RowId = 0) -> Response:
    """List the feed, oldest first."""
    if not visit.viewer.paths(FEED_READERS):
        raise Refused("role_missing", "This needs the role {role}.", role="auditor")
    page = feed_out(entries_after(visit.session, visit.viewer, after, PAGE))
    return visit.page("ledger.html", page=page, after=after)
