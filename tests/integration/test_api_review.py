"""Deciding over HTTP: by API and by page, with conflicts, four eyes, and one transaction for each request."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db import session_scope
from core.models import CandidateEntry, Decision, Grant, Organisation
from core.states import EntryState
from core.vocabulary import FieldName, Role
from ledger.feed import publish_due
from tests import factories
from tests.integration.conftest import World

both_databases = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


def url(world: World, action: str = "") -> str:
    return f"/api/v1/entries/{world.ours.entry_id}" + (f"/{action}" if action else "")


def act(world: World, role: Role, action: str, body: dict[str, Any]) -> Any:
    client = world.city_as(role) if role is Role.CITY_REVIEWER else world.ours_as(role)
    return client.post(url(world, action), json=body)


@both_databases
def test_three_people_approve_and_the_ledger_hears_of_it(world: World) -> None:
    roles = (Role.SCHOOL_REVIEWER, Role.COUNTY_REVIEWER, Role.CITY_REVIEWER)
    steps = []
    for version, role in enumerate(roles, start=1):
        answer = act(world, role, "approve", {"version": version})
        assert answer.status_code == 200, answer.text
        steps.append((answer.json()["level"], answer.json()["state"]))
    with session_scope(world.maker) as session:
        publish_due(session)

    feed = world.city_as(Role.AUDITOR).get("/api/v1/ledger/entries").json()

    assert steps == [("county", "in_review"), ("city", "in_review"), ("city", "approved")]
    assert [entry["id"] for entry in feed["entries"]] == [world.ours.entry_id]
    assert feed["entries"][0]["payload"]["teacher"]["name"] == "张伟"
    assert feed["next"] == feed["entries"][0]["sequence"]
    again = world.city_as(Role.AUDITOR).get("/api/v1/ledger/entries", params={"after": feed["next"]}).json()
    assert again == {"entries": [], "next": feed["next"], "more": False}
    assert world.ours_as(Role.SCHOOL_REVIEWER).get("/api/v1/ledger/entries").json()["code"] == "role_missing"


def test_an_old_version_is_a_conflict_and_changes_nothing(world: World) -> None:
    act(world, Role.SCHOOL_REVIEWER, "correct", {"version": 1, "fields": {"hours": "30"}})

    late = act(world, Role.SCHOOL_REVIEWER, "approve", {"version": 1})

    assert (late.status_code, late.json()["code"]) == (409, "version_conflict")
    with session_scope(world.maker) as session:
        assert len(session.scalars(select(Decision)).all()) == 1


@both_databases
def test_of_two_people_at_once_exactly_one_decides(world: World) -> None:
    with session_scope(world.maker) as session:
        school = session.get_one(Organisation, world.ours.organisation_id)
        second = factories.user(session, school, Role.SCHOOL_REVIEWER).id
    clients = [world.ours_as(Role.SCHOOL_REVIEWER), world.person(second)]
    version = 1
    for _ in range(5):
        changes = [{"version": version, "fields": {"hours": str(10 * version + n)}} for n in range(2)]
        with ThreadPoolExecutor(2) as pool:
            pairs = zip(clients, changes, strict=True)
            posted = [pool.submit(client.post, url(world, "correct"), json=body) for client, body in pairs]
            answers = [answer.result() for answer in posted]
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        loser = next(answer for answer in answers if answer.status_code == 409)
        assert loser.json()["code"] == "version_conflict"
        version += 1


def test_a_correction_is_judged_again(world: World) -> None:
    answer = act(world, Role.SCHOOL_REVIEWER, "correct", {"version": 1, "fields": {"score": "59"}})

    assert answer.json()["recommendation"] == "reject"
    assert "score_below_60" in answer.json()["reasons"]
    assert answer.json()["fields"]["score"]["source"] == "person"


@pytest.mark.parametrize("fields", [{"nonsense": "1"}, {"hours": "many"}])
def test_a_malformed_correction_is_refused(world: World, fields: dict[str, str]) -> None:
    answer = act(world, Role.SCHOOL_REVIEWER, "correct", {"version": 1, "fields": fields})

    assert answer.status_code == 422


def make_reviewer_of_own_upload(world: World) -> None:
    with session_scope(world.maker) as session:
        uploader = world.ours.people[Role.SCHOOL_UPLOADER]
        school = session.get_one(Organisation, world.ours.organisation_id)
        session.add(Grant(user_id=uploader, organisation_id=school.id, role=Role.SCHOOL_REVIEWER.value))


def test_nobody_decides_on_their_own_upload(world: World) -> None:
    make_reviewer_of_own_upload(world)

    for action in ("approve", "return", "reject"):
        answer = act(world, Role.SCHOOL_UPLOADER, action, {"version": 1, "reason": "x"})
        assert (answer.status_code, answer.json()["code"]) == (403, "own_upload")
    page = world.ours_as(Role.SCHOOL_UPLOADER).get(f"/review/{world.ours.entry_id}").text
    assert "须由他人审核" in page
    assert 'value="approve"' not in page


def test_the_database_itself_refuses_a_decision_on_ones_own_upload(world: World, session: Session) -> None:
    entry = session.scalars(select(CandidateEntry).filter_by(public_id=world.ours.entry_id)).unique().one()
    session.add(
        Decision(
            entry_id=entry.id,
            version=2,
            action="approve",
            level="school",
            actor_id=entry.uploader_id,
            uploader_id=entry.uploader_id,
            at=entry.created_at,
        )
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_commit_that_fails_is_an_error_for_the_client(world: World) -> None:
    reviewer = world.ours_as(Role.SCHOOL_REVIEWER)

    def refuse(session: Session) -> None:
        if session.dirty or session.new or session.info.get("decided"):
            raise IntegrityError("COMMIT", {}, Exception("the disk is full"))

    def mark(session: Session, *_: object) -> None:
        session.info["decided"] = True

    event.listen(Session, "after_flush", mark)
    event.listen(Session, "before_commit", refuse)
    try:
        answer = reviewer.post(url(world, "approve"), json={"version": 1})
    finally:
        event.remove(Session, "before_commit", refuse)
        event.remove(Session, "after_flush", mark)

    assert answer.status_code == 409
    assert reviewer.get(url(world)).json()["version"] == 1


def page_form(client: Any, world: World, **values: str) -> Any:
    form = {"csrf_token": client.headers["X-CSRF-Token"], "version": "1"} | values
    return client.post(f"/review/{world.ours.entry_id}", data=form)


def test_the_page_approves_and_leads_on(world: World) -> None:
    client = world.ours_as(Role.SCHOOL_REVIEWER)

    answer = page_form(client, world, action="approve")

    assert (answer.status_code, answer.headers["location"]) == (303, "/review?notice=approved")
    assert "已通过。下面是下一条。" in client.get(answer.headers["location"]).text


@pytest.mark.parametrize("action", ["return", "reject"])
def test_the_page_asks_for_a_reason(world: World, action: str) -> None:
    client = world.ours_as(Role.SCHOOL_REVIEWER)

    without = page_form(client, world, action=action)
    with_reason = page_form(client, world, action=action, reason="照片不清楚")

    assert without.status_code == 422
    assert 'role="alert"' in without.text
    assert with_reason.status_code == 303
    history = client.get(f"/review/{world.ours.entry_id}").text
    assert "照片不清楚" in history


def test_the_page_corrects_only_what_was_changed(world: World) -> None:
    client = world.ours_as(Role.SCHOOL_REVIEWER)
    shown = client.get(url(world)).json()["fields"]
    form = {f"field.{name}": field["value"] for name, field in shown.items()} | {"field.title": "教育心理学"}

    answer = page_form(client, world, action="correct", **form)

    after = client.get(url(world)).json()["fields"]
    assert answer.headers["location"] == f"/review/{world.ours.entry_id}?notice=corrected"
    assert [name for name, field in after.items() if field["source"] == "person"] == ["title"]
    assert after["id_number"] == shown["id_number"]


def test_the_page_takes_a_teacher_by_name_or_number(world: World) -> None:
    with session_scope(world.maker) as session:
        school = session.get_one(Organisation, world.ours.organisation_id)
        first = factories.teacher(session, school, "王芳")
        factories.teacher(session, school, "王芳")
        number, teacher_id = first.employee_no, first.id
    client = world.ours_as(Role.SCHOOL_REVIEWER)

    ambiguous = page_form(client, world, action="correct", teacher_search="王芳")
    unknown = page_form(client, world, action="correct", teacher_search="赵六")
    chosen = page_form(client, world, action="correct", teacher_search=number)

    assert "有多名同名教师" in ambiguous.text
    assert "花名册中没有这位教师" in unknown.text
    assert chosen.status_code == 303
    assert client.get(url(world)).json()["teacher_id"] == teacher_id


def test_a_conflict_on_the_page_keeps_what_was_typed(world: World) -> None:
    client = world.ours_as(Role.SCHOOL_REVIEWER)
    act(world, Role.SCHOOL_REVIEWER, "correct", {"version": 1, "fields": {"hours": "30"}})

    answer = page_form(client, world, action="reject", reason="我已写好的原因")

    assert answer.status_code == 409
    assert "我已写好的原因" in answer.text
    assert 'name="version" value="2"' in answer.text


def test_hostile_text_on_a_document_stays_text(world: World) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    with session_scope(world.maker) as session:
        entry = session.scalars(select(CandidateEntry).filter_by(public_id=world.ours.entry_id)).unique().one()
        entry.title = hostile
        fields = dict(entry.fields)
        fields[FieldName.TITLE] = fields[FieldName.TITLE] | {"value": hostile, "text": hostile}
        entry.fields = fields
    client = world.ours_as(Role.SCHOOL_REVIEWER)

    for path in ("/review", f"/review/{world.ours.entry_id}", "/review?state=any&level=any"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;" in text


def test_the_queue_pages_by_keyset_and_filters(world: World) -> None:
    client = world.city_as(Role.CITY_REVIEWER)

    first = client.get("/api/v1/entries", params={"limit": 1}).json()
    second = client.get("/api/v1/entries", params={"limit": 1, "after": first["next"]}).json()
    none = client.get("/api/v1/entries", params={"state": "approved"}).json()

    assert first["total"] == 2
    assert first["entries"][0]["id"] != second["entries"][0]["id"]
    assert second["next"] is None
    assert none["entries"] == []
    assert client.get("/api/v1/entries", params={"after": 10**30}).status_code == 422


def test_an_attestation_opens_the_school_level(world: World) -> None:
    act(world, Role.SCHOOL_REVIEWER, "correct", {"version": 1, "doc_type": "score_screenshot"} | {"fields": {}})
    client = world.ours_as(Role.SCHOOL_REVIEWER)
    detail = client.get(url(world)).json()
    assert detail["needs_attestation"] == ["account_checked"], detail["reasons"]

    without = page_form(client, world, action="approve", version="2", reason="已核对")
    given = page_form(client, world, action="approve", version="2", reason="已核对", attest="account_checked")

    assert without.status_code == 422
    assert given.status_code == 303
    assert client.get(url(world)).json()["level"] == "county"


def test_a_returned_entry_is_shown_as_such(world: World) -> None:
    act(world, Role.SCHOOL_REVIEWER, "return", {"version": 1, "reason": "请补拍"})
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)

    assert uploader.get(url(world)).json()["state"] == EntryState.RETURNED
    assert "correct" in uploader.get(url(world)).json()["actions"]
    assert "已退回" in uploader.get("/review?state=returned&level=any").text
