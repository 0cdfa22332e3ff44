"""People decide: levels in turn, one winner of two, nobody on their own upload, nothing approved half-known."""

import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from core import audit
from core.access import Viewer
from core.clock import utc_now
from core.db import session_scope
from core.errors import Conflict, Invalid, NotFound, Refused, XuefenError
from core.models import AuditEvent, CandidateEntry, Decision, Grant, LedgerEntry, Organisation, OutboxEvent, User
from core.states import EntryState
from core.vocabulary import Level, Role
from ledger.feed import entries_after, publish_due
from review import decide
from review.queue import find_entry, queue_page
from tests import factories

both_databases = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


@dataclass
class Place:
    """A city with one county and school, a reviewer at each level, and an entry that waits."""

    session: Session
    entry: CandidateEntry
    uploader: Viewer
    school: Viewer
    county: Viewer
    city: Viewer


@pytest.fixture
def place(session: Session) -> Place:
    return make_place(session)


def make_place(session: Session, **values: object) -> Place:
    city = factories.city(session)
    county = factories.county(session, city)
    school = factories.school(session, county)
    teacher = factories.teacher(session, school, "张三")
    uploader = factories.user(session, school, Role.SCHOOL_UPLOADER, Role.SCHOOL_REVIEWER)
    file = factories.file(session, into=factories.batch(session, school, uploader))
    entry = factories.entry(session, factories.document(session, file), teacher, **values)

    def person(at: Organisation, role: Role) -> Viewer:
        return factories.viewer(factories.user(session, at, role))

    return Place(
        session,
        entry,
        factories.viewer(uploader),
        person(school, Role.SCHOOL_REVIEWER),
        person(county, Role.COUNTY_REVIEWER),
        person(city, Role.CITY_REVIEWER),
    )


def approve_all(place: Place) -> None:
    for viewer in (place.school, place.county, place.city):
        decide.approve(place.session, viewer, place.entry.public_id, place.entry.version)


def test_an_entry_passes_three_levels_and_appears_once_in_the_feed(place: Place) -> None:
    approve_all(place)
    assert place.entry.state == EntryState.APPROVED
    assert place.entry.version == 4
    assert publish_due(place.session) == 1
    assert publish_due(place.session) == 0
    auditor = factories.viewer(factories.user(place.session, place.entry.school, Role.AUDITOR))
    page = entries_after(place.session, auditor)
    assert [row.public_id for row in page.entries] == [place.entry.public_id]
    assert page.entries[0].payload["credits"] == 36
    assert page.entries[0].payload["teacher"]["name"] == "张三"
    assert not list(audit.broken_links(place.session))


def test_the_feed_has_no_gap_and_a_repeated_event_changes_nothing(session: Session) -> None:
    places = [make_place(session) for _ in range(3)]
    for place in places:
        approve_all(place)
        publish_due(session)
    session.execute(update(OutboxEvent).values(done_at=None))
    assert publish_due(session) == 0
    assert list(session.scalars(select(LedgerEntry.sequence).order_by(LedgerEntry.sequence))) == [1, 2, 3]


def test_the_feed_shows_an_integrator_only_its_own_branch(session: Session) -> None:
    places = [make_place(session) for _ in range(2)]
    for place in places:
        approve_all(place)
    publish_due(session)
    integrator = factories.viewer(factories.user(session, places[1].entry.school, Role.INTEGRATOR))
    assert [row.sequence for row in entries_after(session, integrator).entries] == [2]
    assert entries_after(session, places[0].school).entries == ()


def test_nobody_decides_on_their_own_upload(place: Place) -> None:
    for act in (decide.approve, decide.return_, decide.reject):
        with pytest.raises(Refused) as refusal:
            act(place.session, place.uploader, place.entry.public_id, 1, "理由")
        assert refusal.value.code == "own_upload"


def test_the_database_itself_refuses_a_decision_on_ones_own_upload(place: Place) -> None:
    own = place.uploader.user_id
    place.session.add(
        Decision(
            entry_id=place.entry.id,
            version=9,
            action="approve",
            level=Level.SCHOOL,
            actor_id=own,
            uploader_id=own,
            reason="",
            at=utc_now(),
        )
    )
    with pytest.raises(IntegrityError):
        place.session.flush()


def test_a_second_decision_on_the_same_version_is_a_conflict(place: Place) -> None:
    decide.approve(place.session, place.school, place.entry.public_id, 1)
    with pytest.raises(Conflict) as conflict:
        decide.approve(place.session, place.county, place.entry.public_id, 1)
    assert conflict.value.code == "version_conflict"
    assert place.entry.level == Level.COUNTY


@both_databases
def test_of_two_people_at_once_exactly_one_decides(maker: sessionmaker[Session]) -> None:
    with session_scope(maker) as session:
        place = make_place(session)
        other = factories.viewer(factories.user(session, place.entry.school, Role.SCHOOL_REVIEWER))
        public_id = place.entry.public_id
    results: list[str] = []
    start = threading.Barrier(2)

    def act(viewer: Viewer) -> None:
        start.wait()
        try:
            with session_scope(maker) as session:
                decide.approve(session, viewer, public_id, 1)
            results.append("done")
        except XuefenError as error:
            results.append(error.code)

    threads = [threading.Thread(target=act, args=(viewer,)) for viewer in (place.school, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in results
    # the second sees either the raised version, or the next level, which is not theirs
    assert results.count("done") == 1
    assert set(results) <= {"done", "version_conflict", "role_missing"}
    with maker() as session:
        assert session.scalars(select(Decision)).all().__len__() == 1
        assert session.scalars(select(AuditEvent).where(AuditEvent.action == "entry_approve")).all().__len__() == 1


def test_a_level_is_refused_to_those_who_do_not_review_it(place: Place) -> None:
    for viewer in (place.county, place.city):
        with pytest.raises(Refused) as refusal:
            decide.approve(place.session, viewer, place.entry.public_id, 1)
        assert refusal.value.code == "role_missing"


def test_one_person_does_not_pass_an_entry_at_two_levels(place: Place) -> None:
    school = place.entry.school
    county = place.session.get_one(Organisation, school.parent_id)
    both = place.session.get_one(User, place.school.user_id)
    place.session.add(Grant(user_id=both.id, organisation_id=county.id, role=Role.COUNTY_REVIEWER.value))
    place.session.flush()
    place.session.refresh(both)
    viewer = factories.viewer(both)
    decide.approve(place.session, viewer, place.entry.public_id, 1)
    with pytest.raises(Refused) as refusal:
        decide.approve(place.session, viewer, place.entry.public_id, 2)
    assert refusal.value.code == "passed_before"


def test_another_school_sees_nothing(session: Session) -> None:
    here, there = make_place(session), make_place(session)
    for act in (decide.approve, decide.return_, decide.reject):
        with pytest.raises(NotFound):
            act(session, there.school, here.entry.public_id, 1, "x")
    with pytest.raises(NotFound):
        find_entry(session, there.city, here.entry.public_id)
    assert [e.id for e in queue_page(session, there.school).entries] == [there.entry.id]


def test_return_and_reject_want_a_reason(place: Place) -> None:
    for act in (decide.return_, decide.reject):
        with pytest.raises(Invalid) as missing:
            act(place.session, place.school, place.entry.public_id, place.entry.version, "  ")
        assert missing.value.code == "reason_missing"
        place.session.refresh(place.entry)


def test_a_returned_entry_waits_at_its_first_level(place: Place) -> None:
    decide.approve(place.session, place.school, place.entry.public_id, 1)
    decide.return_(place.session, place.county, place.entry.public_id, 2, "姓名不清")
    assert (place.entry.state, place.entry.level) == (EntryState.RETURNED, Level.SCHOOL)
    with pytest.raises(Conflict):
        decide.approve(place.session, place.school, place.entry.public_id, 3)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"teacher_id": None}, "teacher_missing"),
        ({"credits": None}, "credits_missing"),
        ({"credits": 0}, "credits_missing"),
        ({"judgement": factories.judgement_data(needs_attestation=["account_checked"])}, "attestation_missing"),
        ({"recommendation": "reject"}, "reason_missing"),
    ],
)
def test_what_is_incomplete_cannot_be_approved(session: Session, values: dict[str, object], code: str) -> None:
    place = make_place(session, **values)
    with pytest.raises(Invalid) as refusal:
        decide.approve(session, place.school, place.entry.public_id, 1)
    assert refusal.value.code == code


def test_an_attestation_opens_the_school_level(session: Session) -> None:
    judged = factories.judgement_data(needs_attestation=["account_checked"])
    place = make_place(session, judgement=judged)
    decide.attest(session, place.school, place.entry.public_id, 1, "account_checked")
    decide.approve(session, place.school, place.entry.public_id, place.entry.version)
    assert place.entry.level == Level.COUNTY
    assert place.entry.attestations[0].actor_id == place.school.user_id


def test_one_certificate_earns_credit_once(session: Session) -> None:
    first, second = make_place(session), make_place(session)
    for place in (first, second):
        place.entry.document.certificate_digest = "d" * 64
    session.flush()
    approve_all(first)
    with pytest.raises(Conflict) as conflict:
        approve_all(second)
    assert conflict.value.code == "already_credited"


def test_the_books_cannot_be_changed(place: Place) -> None:
    decide.approve(place.session, place.school, place.entry.public_id, 1)
    with pytest.raises(IntegrityError):
        place.session.execute(update(Decision).values(reason="x"))
