"""One-time links: the first administrator, a new password, and that no link is kept or logged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.auth import links
from core.clock import utc_now
from core.db import session_scope
from core.models import Grant, OneTimeLink, Organisation, User
from core.settings import Settings
from core.vocabulary import Role
from tests.integration.conftest import PASSWORD, World

Token = Callable[[str], str]


def first_admin_form(token: str) -> dict[str, str]:
    return {
        "csrf_token": token,
        "city": "云州市教育局",
        "username": "admin",
        "display_name": "管理员",
        "password": PASSWORD,
        "again": PASSWORD,
    }


def test_the_first_administrator_is_set_up_once(app: FastAPI, api_settings: Settings, form_token: Token) -> None:
    client = TestClient(app, base_url=api_settings.base_url, follow_redirects=False)
    maker = app.state.ports.maker
    with session_scope(maker) as session:
        older = links.first_admin_link(session, api_settings)
        newer = links.first_admin_link(session, api_settings)
    assert older
    assert newer
    old_path, path = (link.removeprefix(api_settings.base_url) for link in (older, newer))

    assert client.get(old_path).status_code == 404
    form = first_admin_form(form_token(client.get(path).text))
    first = client.post(f"{path}/first-admin", data=form)
    again = TestClient(app, base_url=api_settings.base_url, follow_redirects=False)
    again_token = form_token(again.get("/sign-in").text)
    second = again.post(f"{path}/first-admin", data=first_admin_form(again_token))

    assert first.status_code == 303
    assert client.get("/").status_code == 200
    assert second.status_code == 404
    with session_scope(maker) as session:
        assert links.first_admin_link(session, api_settings) is None
        assert session.scalars(select(Organisation.path)).all() == ["/1/"]
        assert session.scalars(select(Grant.role)).all() == ["administrator"]


def test_a_mistake_in_the_form_does_not_use_the_link_up(
    app: FastAPI, api_settings: Settings, form_token: Token
) -> None:
    client = TestClient(app, base_url=api_settings.base_url, follow_redirects=False)
    with session_scope(app.state.ports.maker) as session:
        link = links.first_admin_link(session, api_settings)
    assert link
    path = link.removeprefix(api_settings.base_url)
    form = first_admin_form(form_token(client.get(path).text))

    differs = client.post(f"{path}/first-admin", data=form | {"again": "something else"})
    short = client.post(f"{path}/first-admin", data=form | {"password": "short", "again": "short"})
    good = client.post(f"{path}/first-admin", data=form)

    assert (differs.status_code, short.status_code, good.status_code) == (422, 422, 303)
    assert "管理员" in short.text
    assert "short" not in short.text.replace("is-short", "")


def test_a_password_link_works_once_and_ends_other_sessions(world: World, form_token: Token) -> None:
    user_id = world.ours.people[Role.SCHOOL_REVIEWER]
    signed_in = world.person(user_id)
    with session_scope(world.maker) as session:
        link = links.user_link(session, world.settings, session.get_one(User, user_id))
    path = link.removeprefix(world.settings.base_url)
    client = world.stranger()
    form = {"csrf_token": form_token(client.get(path).text), "password": PASSWORD, "again": PASSWORD}

    first = client.post(f"{path}/password", data=form)
    second = client.post(f"{path}/password", data=form)

    assert first.headers["location"].startswith("/sign-in")
    assert second.status_code == 404
    assert signed_in.get("/").status_code == 303


def test_a_link_of_one_purpose_does_not_serve_another(world: World, form_token: Token) -> None:
    with session_scope(world.maker) as session:
        user = session.get_one(User, world.ours.people[Role.SCHOOL_REVIEWER])
        link = links.user_link(session, world.settings, user)
    path = link.removeprefix(world.settings.base_url)
    client = world.stranger()
    token = form_token(client.get(path).text)

    assert client.post(f"{path}/sign-in", data={"csrf_token": token}).status_code == 404


def test_an_expired_link_is_refused(world: World) -> None:
    with session_scope(world.maker) as session:
        user = session.get_one(User, world.ours.people[Role.SCHOOL_REVIEWER])
        link = links.user_link(session, world.settings, user)
        session.execute(update(OneTimeLink).values(expires_at=utc_now() - timedelta(seconds=1)))

    assert world.stranger().get(link.removeprefix(world.settings.base_url)).status_code == 404


def test_tokens_are_stored_as_digests_only(world: World) -> None:
    with session_scope(world.maker) as session:
        user = session.get_one(User, world.ours.people[Role.SCHOOL_REVIEWER])
        link = links.user_link(session, world.settings, user)
        stored = session.scalars(select(OneTimeLink.token_digest)).all()

    assert all(digest not in link for digest in stored)


def test_the_log_holds_no_token(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with session_scope(world.maker) as session:
        user = session.get_one(User, world.ours.people[Role.SCHOOL_REVIEWER])
        link = links.user_link(session, world.settings, user)
    token = link.rsplit("/", 1)[1]

    world.stranger().get(f"/link/{token}?secret=abc")

    seen = capsys.readouterr()
    assert "api.pages.links.show" in seen.out + seen.err
    assert token not in seen.out + seen.err
    assert "secret=abc" not in seen.out + seen.err


def test_first_admin_link_stops_at_a_set_up_system(session: Session, settings: Settings, world: World) -> None:
    del world

    assert links.first_admin_link(session, settings) is None
