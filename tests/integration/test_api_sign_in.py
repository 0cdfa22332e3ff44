"""Signing in: sessions, brakes on guessing, and the tokens of forms."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import perf_counter

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.auth import links, passwords, sessions
from api.auth.throttle import ADDRESS_ATTEMPTS, FREE_ATTEMPTS, LONGEST_LOCK, AddressThrottle, lock_after
from core.clock import utc_now
from core.db import session_scope
from core.errors import Invalid
from core.models import User, UserSession
from core.vocabulary import Role
from tests.integration.conftest import PASSWORD, World

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


def test_secure_cookies_carry_the_host_prefix(world: World) -> None:
    settings = world.settings.model_copy(update={"secure_cookies": True})

    assert sessions.cookie_name(settings) == "__Host-xuefen"


@pytest.mark.timeout(120)
def test_many_readers_at_once_do_not_wait_for_each_other(world: World) -> None:
    browsers = [world.ours_as(Role.SCHOOL_REVIEWER) for _ in range(40)]
    paths = ["/", "/review", f"/api/v1/files/{world.ours.file_id}/original", "/batches"]

    with ThreadPoolExecutor(len(browsers)) as pool:
        asked = [pool.submit(client.get, paths[n % len(paths)]) for n, client in enumerate(browsers)]
        statuses = {answer.result().status_code for answer in asked}

    assert statuses == {200}
