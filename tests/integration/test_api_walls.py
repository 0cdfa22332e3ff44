"""Every route, tried by the wrong person: a stranger, another school, a form without its token, a key without scope."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from api import pages
from api.app import STATIC
from api.auth import keys
from api.auth.keys import Scope
from api.middleware import CSP
from core.db import session_scope
from core.models import ApiKey, Organisation
from core.vocabulary import Role
from tests.integration.conftest import SchoolWorld, World

SAFE = {"GET", "HEAD"}
VENDOR = STATIC / "vendor"
OPEN_PAGES = {"/sign-in", "/link/{token}"}
OUR_ROLES = (Role.SCHOOL_UPLOADER, Role.SCHOOL_REVIEWER, Role.COUNTY_REVIEWER, Role.ADMINISTRATOR)


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


def _ids_in_body(path: str, school: SchoolWorld) -> dict[str, Any]:
    last = path.rsplit("/", 1)[1]
    if last == "organisations":
        return {"parent_id": school.organisation_id}
    return {"organisation_id": school.organisation_id} if last in {"users", "keys", "grants"} else {}


def names_an_id(method: str, path: str) -> bool:
    """Return whether the request speaks of one thing of a school: in its address or in its body."""
    if "{token}" in path or path in {"/sign-in", "/sign-out"}:
        return False
    return "{" in path or method not in SAFE


@pytest.mark.parametrize("role", OUR_ROLES)
def test_another_schools_ids_answer_404_on_every_route(world: World, role: Role) -> None:
    client = world.ours_as(role)
    csrf = client.headers["X-CSRF-Token"]
    ids = ids_of(world.theirs, world)
    wrong = []
    for method, path in all_routes(world):
        if not names_an_id(method, path):
            continue
        answer = client.request(method, filled(path, ids), **body_for(method, path, world.theirs, csrf))
        # a role that may not use the page at all is refused before any id is looked at
        refused_by_role = answer.status_code == 403 and "role" in answer.text
        if answer.status_code != 404 and not (refused_by_role and "{" not in path):
            wrong.append((method, path, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", OUR_ROLES)
def test_lists_hold_nothing_of_another_school(world: World, role: Role) -> None:
    client = world.ours_as(role)
    theirs = (world.theirs.name, world.theirs.entry_id, world.theirs.batch_id, "李娜")

    for method, path in all_routes(world):
        if method in SAFE and "{" not in path:
            text = client.get(path).text
            assert not [secret for secret in theirs if secret in text], path


def test_a_stranger_gets_nowhere(world: World) -> None:
    client = world.stranger()
    ids = ids_of(world.ours, world)

    for method, path in all_routes(world):
        if path in OPEN_PAGES or path.startswith("/link/"):
            continue
        answer = client.request(method, filled(path, ids), **body_for(method, path, world.ours, ""))
        if path.startswith("/api/"):
            assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed"), path
        elif method in SAFE:
            assert answer.headers["location"] == "/sign-in", path
        else:
            assert answer.status_code == 403, path


@pytest.mark.parametrize("token", ["", "a-guess"])
def test_nothing_changes_without_the_right_token(world: World, token: str) -> None:
    admin = world.city_as(Role.ADMINISTRATOR)
    admin.headers["X-CSRF-Token"] = token
    ids = ids_of(world.ours, world)

    for method, path in all_routes(world):
        if method in SAFE:
            continue
        answer = admin.request(method, filled(path, ids), **body_for(method, path, world.ours, token))
        assert answer.status_code == 403, path
        assert "csrf_failed" in answer.text, path


def test_another_persons_token_does_not_fit(world: World) -> None:
    ours = world.ours_as(Role.SCHOOL_REVIEWER)
    ours.headers["X-CSRF-Token"] = world.ours_as(Role.SCHOOL_UPLOADER).headers["X-CSRF-Token"]

    answer = ours.post(f"/api/v1/entries/{world.ours.entry_id}/approve", json={"version": 1})

    assert answer.json()["code"] == "csrf_failed"


def make_key(world: World, *scopes: Scope, owner: int | None = None, at: int | None = None) -> tuple[int, TestClient]:
    with session_scope(world.maker) as session:
        organisation = session.get_one(Organisation, at or world.city_id)
        row, text = keys.create(session, organisation, name="ledger", scopes=frozenset(scopes), created_by=owner)
        key_id = row.id
    client = world.stranger()
    client.headers["Authorization"] = f"Bearer {text}"
    return key_id, client


KEY_ROUTES = {
    ("GET", "/api/v1/ledger/entries"): Scope.LEDGER_READ,
    ("GET", "/api/v1/batches"): Scope.BATCHES_READ,
    ("GET", "/api/v1/batches/{batch_id}"): Scope.BATCHES_READ,
    ("POST", "/api/v1/batches"): Scope.BATCHES_WRITE,
    ("POST", "/api/v1/batches/{batch_id}/files"): Scope.BATCHES_WRITE,
}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_reaches_only_what_its_scope_names(world: World, scope: Scope) -> None:
    _, client = make_key(world, scope, owner=world.city_people[Role.ADMINISTRATOR])
    ids = ids_of(world.ours, world)

    for method, path in json_routes(world):
        answer = client.request(method, filled(path, ids), **body_for(method, path, world.ours, ""))
        missing = answer.status_code == 403 and answer.json()["code"] == "scope_missing"
        assert missing == (KEY_ROUTES.get((method, path)) != scope), path


def test_a_revoked_key_is_dead_at_once(world: World) -> None:
    key_id, client = make_key(world, Scope.LEDGER_READ)
    before = client.get("/api/v1/ledger/entries").status_code

    world.city_as(Role.ADMINISTRATOR).delete(f"/api/v1/keys/{key_id}")
    after = client.get("/api/v1/ledger/entries")

    assert before == 200
    assert (after.status_code, after.json()["code"]) == (401, "api_key_invalid")
    assert after.headers["www-authenticate"] == "Bearer"


def test_a_bad_key_is_not_saved_by_a_good_cookie(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)
    reviewer.headers["Authorization"] = "Bearer xf_aaaaaaaa_" + "a" * 43

    assert reviewer.get("/api/v1/entries").json()["code"] == "api_key_invalid"


def test_an_upload_key_dies_with_its_persons_right(world: World) -> None:
    admin_id = world.ours.people[Role.ADMINISTRATOR]
    _, client = make_key(world, Scope.BATCHES_READ, owner=admin_id, at=world.ours.organisation_id)
    before = client.get("/api/v1/batches").status_code

    world.city_as(Role.ADMINISTRATOR).post(f"/api/v1/users/{admin_id}/active", json={"active": False})

    assert before == 200
    assert client.get("/api/v1/batches").status_code == 401


def test_a_keys_text_is_not_stored(world: World) -> None:
    answer = world.city_as(Role.ADMINISTRATOR).post(
        "/api/v1/keys", json={"organisation_id": world.city_id, "name": "账本", "scopes": ["ledger:read"]}
    )

    text = answer.json()["text"]
    with session_scope(world.maker) as session:
        row = session.get_one(ApiKey, answer.json()["key"]["id"])
        assert text not in (row.key_digest, row.prefix, row.name)
        assert text.startswith(f"xf_{row.prefix}_")
    assert answer.headers["cache-control"] == "no-store"


def test_a_key_sees_only_its_organisation(world: World) -> None:
    _, client = make_key(
        world, Scope.BATCHES_READ, owner=world.city_people[Role.ADMINISTRATOR], at=world.ours.organisation_id
    )

    assert [b["id"] for b in client.get("/api/v1/batches").json()["batches"]] == [world.ours.batch_id]
    assert client.get(f"/api/v1/batches/{world.theirs.batch_id}").status_code == 404


def test_every_answer_carries_the_security_headers(world: World) -> None:
    admin = world.city_as(Role.ADMINISTRATOR)
    paths = ("/", "/sign-in", "/docs", "/static/app.css", "/api/v1/entries", "/nowhere", "/api/v1/nowhere", "/healthz")

    for path in paths:
        headers = admin.get(path).headers
        assert headers["content-security-policy"] == CSP, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["x-frame-options"] == "DENY", path
    assert "unsafe" not in CSP
    assert "frame-ancestors 'none'" in CSP


def test_pages_hold_no_inline_script_style_or_third_host(world: World) -> None:
    admin = world.city_as(Role.ADMINISTRATOR)
    ids = ids_of(world.ours, world)

    for method, path in page_routes():
        if method != "GET" or "{token}" in path:
            continue
        text = admin.get(filled(path, ids)).text
        assert "<script>" not in text, path
        assert "style=" not in text, path
        assert " onclick" not in text, path
        assert "http://" not in text.replace("http://www.w3.org", ""), path
        assert "https://" not in text, path


@pytest.mark.parametrize(("language", "title"), [("zh", "未找到相应内容。"), ("en", "There is no such thing here.")])
def test_a_problem_speaks_both_languages(world: World, language: str, title: str) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)

    answer = reviewer.get("/api/v1/entries/0", headers={"Accept-Language": language})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:xuefen:problem:not_found",
        "title": title,
        "status": 404,
        "code": "not_found",
        "messages": {"zh": "未找到相应内容。", "en": "There is no such thing here."},
    }


def test_a_malformed_body_is_named_by_place_and_not_echoed(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)

    answer = reviewer.post(f"/api/v1/entries/{world.ours.entry_id}/approve", json={"version": "410702198503021234"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"place": ["body", "version"], "kind": "less_than_equal"}]
    assert "410702198503021234" not in answer.text


def test_a_fault_of_ours_gives_an_id_and_nothing_else(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    admin = world.city_as(Role.ADMINISTRATOR)
    with session_scope(world.maker) as session:
        session.connection().exec_driver_sql("ALTER TABLE batch RENAME TO gone")

    page, body = admin.get("/batches"), admin.get("/api/v1/batches")

    assert (page.status_code, body.status_code) in {(500, 500), (503, 503)}
    for answer in (page, body):
        assert "batch" not in answer.text.replace("/batches", "")
        assert "SELECT" not in answer.text
    seen = capsys.readouterr()
    assert "SELECT" not in seen.out + seen.err


def test_a_large_form_is_cut_off(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)

    answer = reviewer.post(f"/review/{world.ours.entry_id}", data={"reason": "x" * 2_000_000})
    body = reviewer.post(f"/api/v1/entries/{world.ours.entry_id}/approve", content=b"x" * 2_000_000)

    assert answer.status_code == 413
    assert body.status_code == 413


def test_a_county_administrator_cannot_take_over_a_city_account(world: World) -> None:
    county_admin = world.ours_as(Role.ADMINISTRATOR)
    city_admin = world.city_people[Role.ADMINISTRATOR]
    world.city_as(Role.ADMINISTRATOR).post(
        f"/api/v1/users/{city_admin}/grants",
        json={"organisation_id": world.ours.organisation_id, "role": "school_reviewer"},
    )

    answer = county_admin.post(f"/api/v1/users/{city_admin}/link")

    assert answer.json()["code"] == "user_above"


def test_roles_are_given_only_where_they_fit(world: World) -> None:
    admin = world.city_as(Role.ADMINISTRATOR)
    user_id = world.ours.people[Role.SCHOOL_REVIEWER]

    answer = admin.post(
        f"/api/v1/users/{user_id}/grants", json={"organisation_id": world.city_id, "role": "school_reviewer"}
    )

    assert answer.json()["code"] == "role_level"


def test_the_api_is_described_and_its_page_needs_no_other_host(world: World) -> None:
    client = world.stranger()

    assert "/api/v1/ledger/entries" in client.get("/openapi.json").json()["paths"]
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "")
    assert client.get("/static/vendor/swagger-ui-bundle.js").status_code == 200


def test_vendored_files_are_the_published_ones(world: World) -> None:
    notice = (VENDOR / "NOTICE.txt").read_text()
    listed = dict(line.split()[::-1] for line in notice.splitlines() if re.fullmatch(r"[0-9a-f]{64}  \S+", line))

    assert set(listed) == {"swagger-ui-bundle.js", "swagger-ui.css"}
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
        assert world.stranger().get(f"/static/vendor/{name}").headers["cache-control"] == "no-cache"


def test_health_is_told_with_the_queue_away(world: World) -> None:
    client = world.stranger()
    up = client.get("/healthz")
    ports = world.app.state.ports
    world.app.state.ports = replace(ports, redis=Redis.from_url("redis://127.0.0.1:1/0"))
    down = client.get("/healthz")
    world.app.state.ports = ports

    assert (up.status_code, up.json()) == (200, {"status": "ok"})
    assert (down.status_code, down.json()["code"]) == (503, "queue_unavailable")
    assert down.headers["retry-after"] == "5"
