"""Uploads: send files, list them, see what became of each."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import uploads
from api.deps import BatchReaderDep, PortsDep, SessionDep
from api.numbers import RowId
from api.schemas.batches import BatchDetail, BatchPage, batch_out

router = APIRouter(prefix="/batches", tags=["uploads"])

FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["school_id", "upload_kind", "files"],
                    "properties": {
                        "school_id": {"type": "integer"},
                        "upload_kind": {"type": "string", "enum": ["individual", "organiser"]},
                        "policy": {"type": "string"},
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    },
                }
            }
        },
    },
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 200},
            "description": "The same key from the same person gives the same upload: repeat a request that broke off.",
        }
    ],
}


@router.post("", status_code=201, response_model=BatchDetail, openapi_extra=FORM)
async def create(request: Request, ports: PortsDep) -> JSONResponse:
    """Send files (JPEG, PNG, WebP, TIFF, BMP, HEIC, PDF, ZIP). A bad file is refused with its reason, the rest go on.

    201 for a new upload, 200 when the idempotency key named an earlier one. API keys need the scope `batches:write`.
    """
    detail, created = await uploads.take_upload(request, ports, None)
    return JSONResponse(detail.model_dump(mode="json"), 201 if created else 200)


@router.post("/{batch_id}/files", response_model=BatchDetail, openapi_extra={"requestBody": FORM["requestBody"]})
async def add(request: Request, ports: PortsDep, batch_id: str) -> JSONResponse:
    """Send more files into an upload of your own."""
    detail, _ = await uploads.take_upload(request, ports, batch_id)
    return JSONResponse(detail.model_dump(mode="json"))


@router.get("")
def listed(
    session: SessionDep,
    viewer: BatchReaderDep,
    after: RowId | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = uploads.PAGE,
) -> BatchPage:
    """List uploads, newest first."""
    page = uploads.batch_page(session, viewer, after=after, limit=limit)
    return BatchPage(batches=[batch_out(batch, counts) for batch, counts in page.rows], next=page.next)


@router.get("/{batch_id}")
def shown(session: SessionDep, viewer: BatchReaderDep, batch_id: str) -> BatchDetail:
    """Show one upload: its files, their states, refusals with reasons, and the entries that came of them."""
    return uploads.batch_detail(session, viewer, uploads.find_batch(session, viewer, batch_id))
