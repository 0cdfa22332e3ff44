"""Uploading files, and following what becomes of them."""

from fastapi import APIRouter
from fastapi.responses import Response

from api import uploads
from api.auth import organisations
from api.numbers import RowId
from api.pages.visit import PersonDep, PersonVisit
from core.errors import Refused
from core.vocabulary import Role, UploadKind
from verification.loader import list_packs, load_pack

router = APIRouter()

UPLOADERS = frozenset({Role.SCHOOL_UPLOADER})
SHOWN_ITEMS = 500
SHOWS = ("all", "waiting", "done", "refused", "failed", "duplicate")


@router.get("/upload")
def upload(visit: PersonDep) -> Response:
    """Show the upload page."""
    if not visit.viewer.has(Role.SCHOOL_UPLOADER):
        raise Refused("role_missing", "This needs the role {role}.", role=Role.SCHOOL_UPLOADER.value)
    packs = [(pack_id, getattr(load_pack(pack_id).policy.title, visit.language)) for pack_id in list_packs()]
    settings = visit.ports.settings
    return visit.page(
        "upload.html",
        places=organisations.visible(visit.session, visit.viewer, UPLOADERS),
        kinds=list(UploadKind),
        packs=packs,
        default_pack=settings.policy,
        max_file=settings.max_file_mib,
        max_archive=settings.max_archive_mib,
    )


@router.get("/batches")
def listed(visit: PersonDep, after: RowId | None = None) -> Response:
    """List uploads, newest first."""
    page = uploads.batch_page(visit.session, visit.viewer, after=after)
    return visit.page("batches.html", rows=page.rows, next=page.next, uploads=visit.viewer.has(Role.SCHOOL_UPLOADER))


@router.get("/batches/{batch_id}")
def shown(visit: PersonDep, batch_id: str, show: str = "all") -> Response:
    """Show one upload; the page asks for the table again until everything is read."""
    return _page(visit, "batch.html", batch_id, show)


@router.get("/batches/{batch_id}/table")
def table(visit: PersonDep, batch_id: str, show: str = "all") -> Response:
    """Return the part of the page that changes while files are read."""
    return _page(visit, "batch_table.html", batch_id, show)


def _page(visit: PersonVisit, template: str, batch_id: str, show: str) -> Response:
    batch = uploads.find_batch(visit.session, visit.viewer, batch_id)
    detail = uploads.batch_detail(visit.session, visit.viewer, batch)
    kept = [item for item in detail.items if show == "all" or uploads.stand(item) == show]
    title = getattr(load_pack(batch.policy_id).policy.title, visit.language)
    return visit.page(
        template,
        batch=detail,
        policy_title=title,
        items=kept[:SHOWN_ITEMS],
        hidden=max(0, len(kept) - SHOWN_ITEMS),
        show=show if show in SHOWS else "all",
        shows=SHOWS,
        stand=uploads.stand,
        own=batch.uploader_id == visit.browser.user_id,
    )
