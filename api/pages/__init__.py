"""The web pages, rendered here, Chinese by default."""

from fastapi import APIRouter, Depends

from api.pages import admin, batches, home, ledger, links, review, sign_in
from api.pages.visit import form_guard

router = APIRouter(include_in_schema=False, dependencies=[Depends(form_guard)])
for part in (home, sign_in, links, batches, review, ledger, admin):
    router.include_router(part.router)
