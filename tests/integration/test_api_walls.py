"""Every route, tried by the wrong person: a stranger, another school, a form without its token, a role too small."""

import pytest

from core.vocabulary import Role
from tests.integration.conftest import World
from tests.integration.routes import SAFE, all_routes, body_for, filled, ids_of

OPEN_PAGES = {"/sign-in", "/link/{token}"}
OUR_ROLES = (Role.SCHOOL_UPLOADER, Role.SCHOOL_REVIEWER, Role.COUNTY_REVIEWER, Role.ADMINISTRATOR)


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
