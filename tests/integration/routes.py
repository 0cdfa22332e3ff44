"""Every route of the application, with ids and bodies to try it with."""

from collections.abc import Iterator
from typing import Any

from api import pages
from api.auth import keys
from api.auth.keys import Scope
from core.db import session_scope
from core.models import Organisation
from core.vocabulary import Role
from tests.integration.conftest import SchoolWorld, World

SAFE = {"GET", "HEAD"}
JSON_BODIES: dict[str, dict[str, Any]] = {
    "approve": {"version": 1},
    "return": {"version": 1, "reason": "x"},
    "reject": {"version": 1, "reason": "x"},
    "correct": {"version": 1, "fields": {"hours": "30"}},
    "attest": {"version": 1, "kind": "account_checked"},
    "organisations": {"level": "school", "name": "x"},
    "users": {"username": "someone", "display_name": "Someone", "role": "auditor"},
    "keys": {"name": "x", "scopes": ["ledger:read"]},
    "active": {"active": False},
    "grants": {"role": "auditor"},
    "link": {},
}


def json_routes(world: World) -> Iterator[tuple[str, str]]:
    for path, methods in world.app.openapi()["paths"].items():
        if path.startswith("/api/"):
            yield from ((method.upper(), path) for method in methods)


def page_routes() -> Iterator[tuple[str, str]]:
    for part in (
        pages.home,
        pages.sign_in,
        pages.links,
        pages.batches,
        pages.review,
        pages.ledger,
        pages.admin,
    ):
        for route in part.router.routes:
            for method in route.methods:
                yield method, str(route.path)


def all_routes(world: World) -> list[tuple[str, str]]:
    return sorted({*json_routes(world), *page_routes()})


def ids_of(school: SchoolWorld, world: World) -> dict[str, Any]:
    with session_scope(world.maker) as session:
        organisation = session.get_one(Organisation, school.organisation_id)
        key, _ = keys.create(
            session, organisation, name="other", scopes=frozenset({Scope.LEDGER_READ}), created_by=None
        )
        key_id = key.id
    return {
        "{batch_id}": school.batch_id,
        "{entry_id}": school.entry_id,
        "{document_id}": school.document_id,
        "{file_id}": school.file_id,
        "{number}": 1,
        "{user_id}": school.people[Role.SCHOOL_REVIEWER],
        "{grant_id}": 1,
        "{key_id}": key_id,
        "{token}": "x" * 43,
    }


def filled(path: str, ids: dict[str, Any]) -> str:
    for name, value in ids.items():
        path = path.replace(name, str(value))
    assert "{" not in path, f"the sweep does not know the ids of {path}"
    return path


def body_for(method: str, path: str, school: SchoolWorld, csrf: str) -> dict[str, Any]:
    """Return request arguments that are well-formed, so that a refusal is not about the form."""
    if method in SAFE or method == "DELETE":
        return {}
    if path.startswith("/api/"):
        if path.endswith(("/batches", "/rosters", "/files")):
            fields = {"school_id": str(school.organisation_id), "upload_kind": "individual"}
            return {"data": fields, "files": {"files": ("a.jpg", b"x", "image/jpeg")}}
        return {"json": JSON_BODIES[path.rsplit("/", 1)[1]] | _ids_in_body(path, school)}
    form: dict[str, Any] = {
        "csrf_token": csrf,
        "action": "approve" if path.startswith("/review") else "off",
        "version": "1",
        "school_id": str(school.organisation_id),
        "organisation_id": str(school.organisation_id),
        "parent_id": str(school.organisation_id),
        "role": "auditor",
        "level": "school",
        "name": "x",
        "username": "someone",
        "display_name": "Someone",
        "scopes": "ledger:read",
    }
    if path == "/admin/roster":
        return {"data": form, "files": {"file": ("r.csv", b"x", "text/csv")}}
    return {"data": form}


def _ids_in_body(path: str, school: SchoolWorld) -> dict[str, Any]:
    last = path.rsplit("/", 1)[1]
    if last == "organisations":
        return {"parent_id": school.organisation_id}
    return {"organisation_id": school.organisation_id} if last in {"users", "keys", "grants"} else {}
