"""What a key for programs reaches: its scope, its organisation, as long as its person has the right."""

import pytest
from fastapi.testclient import TestClient

from api.auth import keys
from api.auth.keys import Scope
from core.db import session_scope
from core.models import ApiKey, Organisation
from core.vocabulary import Role
from tests.integration.conftest import World
from tests.integration.routes import body_for, filled, ids_of, json_routes

KEY_ROUTES = {
    ("GET", "/api/v1/ledger/entries"): Scope.LEDGER_READ,
    ("GET", "/api/v1/batches"): Scope.BATCHES_READ,
    ("GET", "/api/v1/batches/{batch_id}"): Scope.BATCHES_READ,
    ("POST", "/api/v1/batches"): Scope.BATCHES_WRITE,
    ("POST", "/api/v1/batches/{batch_id}/files"): Scope.BATCHES_WRITE,
}


def make_key(world: World, *scopes: Scope, owner: int | None = None, at: int | None = None) -> tuple[int, TestClient]:
    with session_scope(world.maker) as session:
        organisation = session.get_one(Organisation, at or world.city_id)
        row, text = keys.create(session, organisation, name="ledger", scopes=frozenset(scopes), created_by=owner)
        key_id = row.id
    client = world.stranger()
    client.headers["Authorization"] = f"Bearer {text}"
    return key_id, client


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
