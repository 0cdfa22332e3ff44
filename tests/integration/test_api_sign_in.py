"""Signing in: sessions, one-time links, brakes on guessing, and the tokens of forms."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import perf_counter

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.auth import links, passwords, sessions
from api.auth.throttle import ADDRESS_ATTEMPTS, FREE_ATTEMPTS, LONGEST_LOCK, AddressThrottle, lock_after
from core.clock import utc_now
from core.db import session_scope
from core.errors import Invalid
from core.models import Grant, OneTimeLink, Organisation, User, UserSession
from core.settings import Settings
from core.vocabulary import Role
from tests.integration.conftest import World

PASSWORD = "一句很长的话 as a password"  # noqa: S105 - an invented one
Token = Callable[[str], str]


def with_password(world: World, user_id: int) -> str:
    with session_scope(world.maker) as session:
        user = session.get_one(User, user_id)
        user.password_hash = passwords.hash_password(PASSWORD)
        return user.username


def try_sign_in(client: TestClient, form_token: Token, username: str, password: str) -> tuple[int, str]:
    token = form_token(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"csrf_token": token, "username": username, "password": password})
    return answer.status_code, answer.text


def test_a_password_opens_a_session_and_sign_out_ends_it(world: World, form_token: Token) -> None:
    client = world.stranger()
    username = with_password(world, world.ours.people[Role.SCHOOL_REVIEWER])

    status, _ = try_sign_in(client, form_token, username, PASSWORD)
    home = client.get("/")
    out = client.post("/sign-out", data={"csrf_token": form_token(home.text)})

    assert status == 303
    assert home.status_code == 200
    assert out.headers["location"] == "/sign-in"
    assert client.get("/").headers["location"] == "/sign-in"


def test_the_cookie_is_closed_to_scripts_and_only_its_digest_is_stored(world: World, form_token: Token) -> None:
    client = world.stranger()
    username = with_password(world, world.ours.people[Role.SCHOOL_REVIEWER])
    token = form_token(client.get("/sign-in").text)

    answer = client.post("/sign-in", data={"csrf_token": token, "username": username, "password": PASSWORD})
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("xuefen="))
    secret = cookie.removeprefix("xuefen=").split(";")[0]

    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    with session_scope(world.maker) as session:
        stored = session.scalars(select(UserSession.token_digest)).all()
    assert secret not in stored


def test_a_session_id_from_before_the_sign_in_is_worth_nothing_after_it(world: World, form_token: Token) -> None:
    client = world.stranger()
    client.cookies.set("xuefen", "planted-by-someone-else")
    username = with_password(world, world.ours.people[Role.SCHOOL_REVIEWER])

    try_sign_in(client, form_token, username, PASSWORD)

    planted = world.stranger()
    planted.cookies.set("xuefen", "planted-by-someone-else")
    assert planted.get("/").status_code == 303


def test_a_link_in_a_signed_in_browser_changes_the_person(world: World, form_token: Token) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)
    with session_scope(world.maker) as session:
        link = links.user_link(
            session, world.settings, session.get_one(User, world.ours.people[Role.SCHOOL_UPLOADER]), "sign_in"
        )
    path = link.removeprefix(world.settings.base_url)
    old = reviewer.cookies.get("xuefen")

    answer = reviewer.post(f"{path}/sign-in", data={"csrf_token": form_token(reviewer.get(path).text)})

    assert answer.status_code == 303
    revived = world.stranger()
    revived.cookies.set("xuefen", old or "")
    assert revived.get("/").status_code == 303


def test_an_ended_session_is_refused_and_cleared(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)
    with session_scope(world.maker) as session:
        session.execute(update(UserSession).values(expires_at=utc_now() - timedelta(seconds=1)))

    assert reviewer.get("/").headers["location"] == "/sign-in"
    assert reviewer.get("/api/v1/entries").status_code == 401
    world.ours_as(Role.SCHOOL_REVIEWER)
    with session_scope(world.maker) as session:
        assert len(session.scalars(select(UserSession)).all()) == 1


def test_a_used_session_lives_on(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)
    soon = utc_now() + timedelta(minutes=5)
    with session_scope(world.maker) as session:
        session.execute(update(UserSession).values(expires_at=soon))

    reviewer.get("/")

    with session_scope(world.maker) as session:
        assert session.scalars(select(UserSession.expires_at)).one() > soon


def test_a_switched_off_account_is_out_at_once(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)
    admin = world.city_as(Role.ADMINISTRATOR)
    user_id = world.ours.people[Role.SCHOOL_REVIEWER]

    admin.post(f"/api/v1/users/{user_id}/active", json={"active": False})

    assert reviewer.get("/api/v1/entries").status_code == 401


def test_wrong_unknown_locked_and_inactive_sound_the_same(world: World, form_token: Token) -> None:
    username = with_password(world, world.ours.people[Role.SCHOOL_REVIEWER])
    inactive = with_password(world, world.theirs.people[Role.SCHOOL_REVIEWER])
    with session_scope(world.maker) as session:
        session.execute(update(User).where(User.username == inactive).values(active=False))
    client = world.stranger()

    wrong = try_sign_in(client, form_token, username, "wrong")
    unknown = try_sign_in(client, form_token, "nobody", "wrong")
    off = try_sign_in(client, form_token, inactive, PASSWORD)
    for _ in range(FREE_ATTEMPTS):
        try_sign_in(client, form_token, username, "wrong")
    locked = try_sign_in(client, form_token, username, PASSWORD)

    assert {status for status, _ in (wrong, unknown, off, locked)} == {401}
    bare = {text.replace(username, "").replace(inactive, "").replace("nobody", "") for _, text in (wrong, unknown, off)}
    assert len(bare) == 1
    assert locked[1].replace(username, "") in bare


def test_an_unknown_name_takes_as_long_as_a_known_one(world: World, form_token: Token) -> None:
    username = with_password(world, world.ours.people[Role.SCHOOL_REVIEWER])
    client = world.stranger()

    def seconds(name: str) -> float:
        started = perf_counter()
        try_sign_in(client, form_token, name, "wrong")
        return perf_counter() - started

    known = min(seconds(username) for _ in range(3))
    unknown = min(seconds("nobody") for _ in range(3))

    assert 0.4 < unknown / known < 2.5


def test_a_lock_grows_and_has_a_ceiling() -> None:
    assert lock_after(FREE_ATTEMPTS - 1) is None
    assert lock_after(FREE_ATTEMPTS) == timedelta(minutes=1)
    assert lock_after(FREE_ATTEMPTS + 1) == timedelta(minutes=2)
    assert lock_after(1000) == LONGEST_LOCK


def test_an_address_that_guesses_is_stopped_even_with_the_right_password(world: World, form_token: Token) -> None:
    username = with_password(world, world.ours.people[Role.SCHOOL_REVIEWER])
    throttle = world.app.state.ports.throttle
    for _ in range(ADDRESS_ATTEMPTS):
        throttle.failed("testclient")

    status, _ = try_sign_in(world.stranger(), form_token, username, PASSWORD)

    assert status == 401


def test_the_address_window_slides_and_is_bounded() -> None:
    throttle = AddressThrottle(attempts=2, window_seconds=0.0)
    throttle.failed("a")
    throttle.failed("a")

    assert throttle.allows("a")
    assert throttle.allows("b")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 201, "password_too_long"),
        ("my name is Zhangsan!", "password_holds_username"),
        ("1111111111", "password_too_simple"),
        ("1234567890", "password_too_simple"),
    ],
)
def test_a_weak_password_is_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as raised:
        passwords.check_rules(password, username="zhangsan")

    assert raised.value.code == code


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


def test_secure_cookies_carry_the_host_prefix(world: World) -> None:
    settings = world.settings.model_copy(update={"secure_cookies": True})

    assert sessions.cookie_name(settings) == "__Host-xuefen"


def test_first_admin_link_stops_at_a_set_up_system(session: Session, settings: Settings, world: World) -> None:
    del world

    assert links.first_admin_link(session, settings) is None


@pytest.mark.timeout(120)
def test_many_readers_at_once_do_not_wait_for_each_other(world: World) -> None:
    browsers = [world.ours_as(Role.SCHOOL_REVIEWER) for _ in range(40)]
    paths = ["/", "/review", f"/api/v1/files/{world.ours.file_id}/original", "/batches"]

    with ThreadPoolExecutor(len(browsers)) as pool:
        asked = [pool.submit(client.get, paths[n % len(paths)]) for n, client in enumerate(browsers)]
        statuses = {answer.result().status_code for answer in asked}

    assert statuses == {200}
