"""Claims, fences and leases: on both databases, one worker at a time, and never a stale write."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.clock import utc_now
from core.db import session_scope
from core.models import SourceFile
from core.settings import Settings
from core.states import FileState
from tests import factories
from workers import leases

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.fixture
def file_id(maker: sessionmaker[Session]) -> int:
    """Return the id of a received file, committed."""
    with session_scope(maker) as session:
        return factories.file(session).id


def take(maker: sessionmaker[Session], file_id: int, settings: Settings) -> leases.Claim | None:
    with session_scope(maker) as session:
        return leases.claim(session, file_id, settings)


def row(maker: sessionmaker[Session], file_id: int) -> SourceFile:
    with maker() as session:
        return session.get_one(SourceFile, file_id)


def end_lease(maker: sessionmaker[Session], file_id: int) -> None:
    with session_scope(maker) as session:
        session.get_one(SourceFile, file_id).lease_until = utc_now() - timedelta(seconds=1)


def test_a_claim_counts_fence_and_attempt(maker: sessionmaker[Session], settings: Settings, file_id: int) -> None:
    held = take(maker, file_id, settings)
    assert held is not None
    assert (held.fence, held.attempt) == (1, 1)
    found = row(maker, file_id)
    assert found.state == FileState.RUNNING
    assert found.lease_until is not None
    assert found.lease_until > utc_now() + timedelta(seconds=settings.lease_seconds - 10)


def test_a_held_file_is_not_claimed_again(maker: sessionmaker[Session], settings: Settings, file_id: int) -> None:
    assert take(maker, file_id, settings) is not None
    assert take(maker, file_id, settings) is None


def test_a_claim_after_the_lease_fences_the_first_worker_out(
    maker: sessionmaker[Session], settings: Settings, file_id: int
) -> None:
    first = take(maker, file_id, settings)
    end_lease(maker, file_id)
    second = take(maker, file_id, settings)
    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1
    with session_scope(maker) as session:
        assert not leases.renew(session, first, settings)
        assert not leases.finish(session, first)
        assert not leases.fail(session, first, {})
        assert not leases.postpone(session, first, {})
        assert not leases.give_back(session, first)
        assert leases.finish(session, second)
    assert row(maker, file_id).state == FileState.DONE


def test_a_finished_file_is_finished_once(maker: sessionmaker[Session], settings: Settings, file_id: int) -> None:
    held = take(maker, file_id, settings)
    assert held is not None
    with session_scope(maker) as session:
        assert leases.finish(session, held)
    with session_scope(maker) as session:
        assert not leases.finish(session, held)
    assert take(maker, file_id, settings) is None


def test_a_postponed_file_waits_for_its_pause(maker: sessionmaker[Session], settings: Settings, file_id: int) -> None:
    held = take(maker, file_id, settings)
    assert held is not None
    with session_scope(maker) as session:
        assert leases.postpone(session, held, {"code": "away"})
    found = row(maker, file_id)
    assert found.state == FileState.QUEUED
    assert found.next_at > utc_now() + timedelta(seconds=2)
    assert take(maker, file_id, settings) is None
    end_lease(maker, file_id)
    again = take(maker, file_id, settings)
    assert again is not None
    assert again.attempt == 2


def test_a_file_given_back_does_not_lose_a_try(maker: sessionmaker[Session], settings: Settings, file_id: int) -> None:
    for fence in (1, 2, 3, 4, 5, 6):
        held = take(maker, file_id, settings)
        assert held is not None
        assert (held.fence, held.attempt) == (fence, 1)
        with session_scope(maker) as session:
            assert leases.give_back(session, held)


def test_attempts_are_capped(maker: sessionmaker[Session], settings: Settings, file_id: int) -> None:
    for _ in range(settings.max_attempts):
        assert take(maker, file_id, settings) is not None
        end_lease(maker, file_id)
    assert take(maker, file_id, settings) is None


def test_of_two_that_claim_at_once_one_wins(maker: sessionmaker[Session], settings: Settings) -> None:
    with session_scope(maker) as session:
        target = factories.batch(session)
        ids = [factories.file(session, into=target).id for _ in range(12)]
    claims: list[leases.Claim] = []

    def claim_all() -> None:
        for file_id in ids:
            held = take(maker, file_id, settings)
            if held:
                claims.append(held)

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held.file_id for held in claims) == ids
    with maker() as session:
        assert set(session.scalars(select(SourceFile.fence))) == {1}


def test_a_keeper_renews_until_the_claim_is_lost(
    maker: sessionmaker[Session], settings: Settings, file_id: int
) -> None:
    brief = settings.model_copy(update={"lease_seconds": 0.6})
    held = take(maker, file_id, brief)
    assert held is not None
    with leases.LeaseKeeper(maker, held, brief):
        threading.Event().wait(1.5)
        assert take(maker, file_id, brief) is None
    threading.Event().wait(0.7)
    assert take(maker, file_id, brief) is not None
