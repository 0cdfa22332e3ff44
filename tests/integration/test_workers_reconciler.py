"""The reconciler: lost rings come back, a full queue is left alone, spent files are parked, what expired goes."""

import threading
import time
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.clock import utc_now
from core.db import session_scope
from core.models import AuditEvent, OneTimeLink, SourceFile, UserSession
from core.queue import Doorbell
from core.settings import Settings
from core.states import FileState
from core.valkey import connect
from tests import factories
from workers import leases
from workers.reconciler import Reconciler, end_exhausted, ring_due, sweep

BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


def ring(maker: sessionmaker[Session], doorbell: Doorbell, settings: Settings, room: int = 20) -> int:
    with session_scope(maker) as session:
        return ring_due(session, doorbell, settings, room)


@BOTH
def test_a_file_whose_ring_was_lost_is_rung_for_and_then_left_in_peace(
    maker: sessionmaker[Session], doorbell: Doorbell, settings: Settings
) -> None:
    with session_scope(maker) as session:
        file_id = factories.file(session).id
    assert ring(maker, doorbell, settings) == 1
    assert doorbell.waiting() == 1
    assert ring(maker, doorbell, settings) == 0
    with maker() as session:
        file = session.get_one(SourceFile, file_id)
        assert file.state == FileState.QUEUED
        assert timedelta(seconds=3) < file.next_at - utc_now() < timedelta(seconds=6)


@BOTH
def test_a_running_file_is_rung_for_only_when_its_lease_is_over(
    maker: sessionmaker[Session], doorbell: Doorbell, settings: Settings
) -> None:
    with session_scope(maker) as session:
        file_id = factories.file(session).id
        assert leases.claim(session, file_id, settings)
    assert ring(maker, doorbell, settings) == 0
    with session_scope(maker) as session:
        session.get_one(SourceFile, file_id).lease_until = utc_now() - timedelta(seconds=1)
    assert ring(maker, doorbell, settings) == 1


def test_rings_come_in_the_order_of_waiting_and_fill_only_the_room(
    maker: sessionmaker[Session], doorbell: Doorbell, settings: Settings
) -> None:
    now = utc_now()
    with session_scope(maker) as session:
        into = factories.batch(session)
        files = [factories.file(session, into=into, next_at=now - timedelta(seconds=n)).id for n in range(10)]
    assert ring(maker, doorbell, settings, room=3) == 3
    with maker() as session:
        rung = session.scalars(select(SourceFile.id).where(SourceFile.next_at > now)).all()
    assert sorted(rung) == files[-3:]


def test_the_next_ring_is_later_the_older_the_file(
    maker: sessionmaker[Session], doorbell: Doorbell, settings: Settings
) -> None:
    now = utc_now()
    ages = (0, 60, 3600)
    with session_scope(maker) as session:
        into = factories.batch(session)
        ids = [factories.file(session, into=into, created_at=now - timedelta(seconds=age)).id for age in ages]
    ring(maker, doorbell, settings)
    with maker() as session:
        pauses = [(session.get_one(SourceFile, file_id).next_at - now).total_seconds() for file_id in ids]
    assert pauses == pytest.approx([5, 60, 300], abs=2)


@BOTH
def test_a_file_out_of_tries_is_parked_visibly(maker: sessionmaker[Session], settings: Settings) -> None:
    with session_scope(maker) as session:
        past = utc_now() - timedelta(seconds=1)
        spent = factories.file(
            session, state=FileState.RUNNING, attempt=settings.max_attempts, lease_until=past, fence=4
        )
        held = factories.file(
            session,
            state=FileState.RUNNING,
            attempt=settings.max_attempts,
            lease_until=utc_now() + timedelta(minutes=1),
        )
        ids = spent.id, held.id
    with session_scope(maker) as session:
        assert end_exhausted(session, settings) == 1
    with maker() as session:
        file = session.get_one(SourceFile, ids[0])
        assert file.state == FileState.FAILED
        assert file.error is not None
        assert (file.error["code"], file.error["facts"]) == ("attempts_exhausted", {"attempts": settings.max_attempts})
        assert session.get_one(SourceFile, ids[1]).state == FileState.RUNNING
        assert session.scalars(select(AuditEvent.action)).all() == ["file_failed"]


@BOTH
def test_expired_sessions_and_links_are_swept(session: Session) -> None:
    person, now = factories.user(session), utc_now()
    for hours in (-1, 1):
        end = now + timedelta(hours=hours)
        session.add(
            UserSession(
                token_digest=f"s{hours}", user_id=person.id, csrf_token=f"c{hours}", created_at=now, expires_at=end
            )
        )
        session.add(OneTimeLink(token_digest=f"l{hours}", user_id=person.id, purpose="sign_in", expires_at=end))
    session.flush()
    assert sweep(session, now) == 2
    assert session.scalars(select(UserSession.token_digest)).all() == ["s1"]
    assert session.scalars(select(OneTimeLink.token_digest)).all() == ["l1"]


def test_it_goes_on_while_redis_is_away_and_rings_when_it_is_back(
    maker: sessionmaker[Session], settings: Settings, redis: Redis, valkey_home: object
) -> None:
    del valkey_home
    away = settings.model_copy(update={"redis_url": f"unix://{settings.home}/nobody.sock"})
    with session_scope(maker) as session:
        factories.file(session)
    lost = Reconciler(maker, Doorbell(connect(away)), settings)
    thread = threading.Thread(target=lost.run)
    thread.start()
    time.sleep(0.5)
    lost.stop()
    thread.join()
    found = Reconciler(maker, Doorbell(redis), settings)
    thread = threading.Thread(target=found.run)
    thread.start()
    deadline = time.monotonic() + 10
    while Doorbell(redis).waiting() == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    found.stop()
    thread.join()
    assert Doorbell(redis).waiting() == 1
