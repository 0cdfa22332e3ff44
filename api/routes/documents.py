"""The evidence: page pictures, and the uploaded files as downloads."""

from typing import Any

from fastapi import APIRouter, Response

from api import images
from api.deps import PortsDep, SessionDep, ViewerDep
from api.numbers import RowId
from core import audit
from core.db import session_scope

router = APIRouter(tags=["evidence"])

JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}
BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


@router.get("/documents/{document_id}/pages/{number}.jpg", response_class=Response, responses=JPEG)
def page(session: SessionDep, viewer: ViewerDep, ports: PortsDep, document_id: str, number: RowId) -> Response:
    """Return an upright page, re-encoded, with ID numbers covered."""
    document = images.visible_document(session, viewer, document_id)
    content = images.page_jpeg(session, ports.storage, document, number)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=300"})


@router.get("/files/{file_id}/original", response_class=Response, responses=BYTES)
def original(session: SessionDep, viewer: ViewerDep, ports: PortsDep, file_id: str) -> Response:
    """Return the uploaded bytes as a download; who fetched them is recorded."""
    file = images.visible_file(session, viewer, file_id)
    content = ports.storage.get(file.sha256)
    name, public_id, school_id = file.name, file.public_id, file.school_id
    # give the connection back before asking for another: requests that hold one and wait for one would stop for good
    session.close()
    with session_scope(ports.maker) as writing:
        audit.record(
            writing,
            "file_downloaded",
            f"file:{public_id}",
            actor_id=viewer.user_id,
            organisation_id=school_id,
        )
    return Response(content, media_type="application/octet-stream", headers=images.download_headers(name))
