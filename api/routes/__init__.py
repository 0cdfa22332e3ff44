"""The JSON API, one file a subject."""

from typing import Any

from fastapi import APIRouter

from api.routes import admin, batches, documents, entries, health, ledger, rosters
from api.schemas.common import Problem

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}} for status in (401, 403, 404, 409, 422)
}

v1 = APIRouter(prefix="/api/v1", responses=PROBLEMS)
for part in (batches, entries, documents, ledger, rosters, admin):
    v1.include_router(part.router)

router = APIRouter()
router.include_router(v1)
router.include_router(health.router)
