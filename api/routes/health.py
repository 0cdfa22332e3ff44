"""Whether the service is up, and the self-hosted page of the API's description."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import text

from api.deps import PortsDep, SessionDep
from core.errors import Unavailable

DOCS_PAGE = Path(__file__).parent.parent / "static" / "docs.html"

router = APIRouter(tags=["service"])


@router.get("/healthz")
def healthz(session: SessionDep, ports: PortsDep) -> dict[str, str]:
    """Answer 200 when the database and the doorbell's server answer, else 503."""
    session.execute(text("SELECT 1"))
    if not ports.queue_answers():
        raise Unavailable("queue_unavailable", "The queue's server does not answer.")
    return {"status": "ok"}


@router.get("/docs", include_in_schema=False)
def docs() -> FileResponse:
    """Return the page that shows /openapi.json; its parts are vendored, nothing comes from another host."""
    return FileResponse(DOCS_PAGE, media_type="text/html")
