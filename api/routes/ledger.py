"""The feed for the credit ledger."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import LedgerReaderDep, SessionDep
from api.numbers import RowId
from api.schemas.ledger import FeedOut, feed_out
from core.errors import Refused
from ledger.feed import FEED_READERS, MAX_LIMIT, entries_after

router = APIRouter(prefix="/ledger", tags=["ledger"])


@router.get("/entries")
def entries(
    session: SessionDep,
    viewer: LedgerReaderDep,
    after: RowId = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> FeedOut:
    """List finally approved entries after a cursor, in an order without gaps. API keys need `ledger:read`.

    Start with `after=0`, keep `next`, and ask again with it: nothing is skipped, nothing comes twice.
    """
    if not viewer.paths(FEED_READERS):
        raise Refused("role_missing", "This needs the role {role}.", role="auditor")
    return feed_out(entries_after(session, viewer, after, limit))
