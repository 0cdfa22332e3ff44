"""What every answer carries and what none tells: headers, problems, faults, the page of the API, health."""

import hashlib
import re
from dataclasses import replace

import pytest
from redis import Redis

from api.app import STATIC
from api.middleware import CSP
from core.db import session_scope
from core.vocabulary import Role
from tests.integration.conftest import World
from tests.integration.routes import filled, ids_of, page_routes

VENDOR = STATIC / "vendor"


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
