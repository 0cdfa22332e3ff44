"""Transactions, rings after the commit, the audit chain, and who sees what: on both databases."""

import threading

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from core import audit
from core.access import HeldRole, Viewer, get_visible, within
from core.clock import utc_now
from core.db import after_commit, read_scope, session_scope
from core.errors import NotFound, Refused
from core.models import AuditEvent, Organisation, SourceFile, Teacher
from core.vocabulary import Level, Role
from tests import factories

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


def test_what_waits_for_the_commit_runs_after_it_and_never_after_a_rollback(maker: sessionmaker[Session]) -> None:
    heard: list[str] = []
    with session_scope(maker) as session:
        after_commit(session, lambda: heard.append("first"))
        assert heard == []
    assert heard == ["first"]

    def fail() -> None:
        with session_scope(maker) as session:
            after_commit(session, lambda: heard.append("second"))
            session.execute(text("INSERT INTO organisation (id) VALUES (1)"))

    with pytest.raises(IntegrityError):
        fail()
    assert heard == ["first"]


def test_writers_wait_for_each_other(maker: sessionmaker[Session]) -> None:
    with session_scope(maker) as session:
        file_id = factories.file(session).id

    def add_ten() -> None:
        for _ in range(10):
            with session_scope(maker) as session:
                session.execute(update(SourceFile).where(SourceFile.id == file_id).values(size=SourceFile.size + 1))

    with session_scope(maker) as session:
        before = session.get_one(SourceFile, file_id).size
    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_scope(maker) as session:
        assert session.get_one(SourceFile, file_id).size == before + 40


def test_the_same_bytes_are_one_file_in_a_school(session: Session) -> None:
    into = factories.batch(session)
    factories.file(session, into=into, content=b"same")
    with pytest.raises(IntegrityError):
        factories.file(session, into=into, content=b"same")


def test_moments_come_back_aware_and_equal(maker: sessionmaker[Session]) -> None:
    moment = utc_now()
    with session_scope(maker) as session:
        file_id = factories.file(session, next_at=moment).id
    with read_scope(maker) as session:
        assert session.get_one(SourceFile, file_id).next_at == moment


def test_id_numbers_lie_sealed_in_the_table(session: Session) -> None:
    at = factories.school(session)
    person = factories.teacher(session, at, "张三", id_number="11010119900307001X")
    raw = session.execute(text("SELECT id_number FROM teacher WHERE id = :id"), {"id": person.id}).scalar_one()
    assert b"1990" not in bytes(raw)
    session.expire(person)
    assert session.get_one(Teacher, person.id).id_number == "11010119900307001X"


def test_the_audit_chain_holds_and_refuses_change(maker: sessionmaker[Session]) -> None:
    with session_scope(maker) as session:
        for number in range(3):
            audit.record(session, "tested", f"thing:{number}", count=number)
    with read_scope(maker) as session:
        assert audit.count(session) == 3
        assert list(audit.broken_links(session)) == []
    for statement in ("UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"):
        with pytest.raises(DBAPIError), session_scope(maker) as session:
            session.execute(text(statement))


def test_writers_at_once_keep_the_audit_chain_whole(maker: sessionmaker[Session]) -> None:
    def write() -> None:
        for _ in range(8):
            with session_scope(maker) as session:
                audit.record(session, "tested", "thing:1")

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_scope(maker) as session:
        assert list(audit.broken_links(session)) == []
        assert [event.id for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))] == list(range(1, 25))


def viewer(at: Organisation, *roles: Role) -> Viewer:
    return Viewer(1, "测试", tuple(HeldRole(role, at.id, at.path) for role in roles))


def test_a_person_sees_their_own_part_of_the_tree_and_nothing_beside_it(session: Session) -> None:
    county = factories.county(session)
    ours, sibling, stranger = (
        factories.school(session, county),
        factories.school(session, county),
        factories.school(session),
    )
    everything = select(Organisation).where(Organisation.level == Level.SCHOOL)
    for who, expected in (
        (viewer(ours, Role.SCHOOL_REVIEWER), {ours.id}),
        (viewer(county, Role.COUNTY_REVIEWER), {ours.id, sibling.id}),
        (viewer(ours), set()),
        (viewer(county, Role.INTEGRATOR), set()),
    ):
        seen = session.scalars(within(who, everything, Organisation.id)).unique()
        assert {school.id for school in seen} == expected
    with pytest.raises(NotFound):
        get_visible(session, viewer(ours, Role.SCHOOL_REVIEWER), Organisation, Organisation.id, id=stranger.id)


def test_out_of_sight_is_not_found_and_in_sight_without_the_role_is_refused(session: Session) -> None:
    ours, other = factories.school(session), factories.school(session)
    who = viewer(ours, Role.SCHOOL_REVIEWER)
    who.must_have(Role.SCHOOL_REVIEWER, ours.path)
    with pytest.raises(Refused):
        who.must_have(Role.SCHOOL_UPLOADER, ours.path)
    with pytest.raises(NotFound):
        who.must_have(Role.SCHOOL_REVIEWER, other.path)
