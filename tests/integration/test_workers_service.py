"""The whole service under blows: readers killed, the queue wiped or killed; nothing lost, nothing doubled."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.db import open_engine, read_scope, session_factory, session_scope
from core.keys import load_keyring
from core.models import CandidateEntry, Document, LedgerEntry, SourceFile
from core.queue import Doorbell
from core.settings import Settings
from core.states import FileState
from core.storage import Storage
from core.valkey import connect
from tests import factories
from tests.service import Service, alive, wait_until

pytestmark = [
    pytest.mark.ocr,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]

SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples"
DONE_SECONDS = 150.0


def pictures(number: int) -> dict[str, bytes]:
    """Return photographs and scans of the fixtures that hold one certificate each, by name."""
    chosen = sorted([*SAMPLES.glob("diploma_*.jpg"), *SAMPLES.glob("mooc_*.jpg")])[:number]
    return {path.name: path.read_bytes() for path in chosen}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Service]:
    """Return the service, running, with short leases."""
    home = tmp_path_factory.mktemp("service") / "home"
    with Service(home, lease_seconds=4, max_attempts=6, models_dir=models_dir) as running:
        yield running


@pytest.fixture(scope="module")
def tables(service: Service) -> Iterator[sessionmaker[Session]]:
    """Return sessions on the running service's database."""
    settings = Settings(home=service.home)
    engine = open_engine(settings, load_keyring(service.home))
    yield session_factory(engine)
    engine.dispose()


def upload(tables: sessionmaker[Session], home: Path, contents: dict[str, bytes]) -> list[int]:
    """Put files into a new school's batch as an upload does, and ring for them."""
    settings = Settings(home=home)
    storage = Storage(settings.blobs, load_keyring(home))
    with session_scope(tables) as session:
        into = factories.batch(session)
        ids = []
        for name, content in contents.items():
            ids.append(factories.file(session, storage, into, content=content, name=name).id)
    with connect(settings) as client:
        for file_id in ids:
            Doorbell(client).ring(file_id)
    return ids


def states(tables: sessionmaker[Session], ids: list[int]) -> list[str]:
    with read_scope(tables) as session:
        return list(session.scalars(select(SourceFile.state).where(SourceFile.id.in_(ids)).order_by(SourceFile.id)))


def wait_for_rest(tables: sessionmaker[Session], ids: list[int]) -> None:
    final = {FileState.DONE, FileState.FAILED}
    wait_until(lambda: set(states(tables, ids)) <= final, DONE_SECONDS, "every file done or failed")


def assert_each_read_once(tables: sessionmaker[Session], ids: list[int]) -> None:
    """Each file is done with one document, numbered 1, which has one entry, in review."""
    assert states(tables, ids) == [FileState.DONE] * len(ids)
    with read_scope(tables) as session:
        documents = session.execute(
            select(Document.file_id, Document.ordinal).where(Document.file_id.in_(ids)).order_by(Document.file_id)
        ).all()
        assert [tuple(row) for row in documents] == [(file_id, 1) for file_id in ids]
        entries = session.scalars(
            select(Document.file_id)
            .join(CandidateEntry, CandidateEntry.document_id == Document.id)
            .where(Document.file_id.in_(ids))
            .order_by(Document.file_id)
        ).all()
        assert list(entries) == ids
        assert session.scalars(select(LedgerEntry.sequence)).all() == []


def test_killed_readers_lose_and_double_nothing(service: Service, tables: sessionmaker[Session]) -> None:
    ids = upload(tables, service.home, pictures(6))
    middle = {FileState.DONE, FileState.RUNNING}
    wait_until(lambda: middle <= set(states(tables, ids)), DONE_SECONDS, "a file is read, another is being read")
    for pid in service.processes("worker read"):
        os.kill(pid, signal.SIGKILL)
    wait_for_rest(tables, ids)
    assert_each_read_once(tables, ids)
    with read_scope(tables) as session:
        fences = session.scalars(select(SourceFile.fence).where(SourceFile.id.in_(ids))).all()
    assert sum(fences) > len(ids)
    assert "reader-1 ended" in service.said
    assert "reader-2 ended" in service.said


def test_a_wiped_queue_loses_nothing(service: Service, tables: sessionmaker[Session]) -> None:
    ids = upload(tables, service.home, pictures(4))
    with connect(Settings(home=service.home)) as client:
        wait_until(lambda: FileState.RUNNING in states(tables, ids), DONE_SECONDS, "a file is being read")
        client.flushall()
    wait_for_rest(tables, ids)
    assert_each_read_once(tables, ids)


def test_a_killed_queue_comes_back_under_its_readers(service: Service, tables: sessionmaker[Session]) -> None:
    readers = set(service.processes("worker read"))
    (queue,) = service.processes("valkey-server")
    os.kill(queue, signal.SIGKILL)
    wait_until(lambda: service.processes("valkey-server") not in ([], [queue]), 20, "Valkey is back")
    ids = upload(tables, service.home, pictures(2))
    wait_for_rest(tables, ids)
    assert_each_read_once(tables, ids)
    assert set(service.processes("worker read")) == readers


def test_a_second_start_says_one_clear_line(service: Service) -> None:
    second = service.run_again()
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "already_running" in second.stderr
    assert str(service.pid) in second.stderr


def test_a_stop_ends_everything_and_the_next_start_carries_on(service: Service, tables: sessionmaker[Session]) -> None:
    ids = upload(tables, service.home, pictures(4))
    wait_until(lambda: FileState.RUNNING in states(tables, ids), DONE_SECONDS, "a file is being read")
    processes = service.processes()
    assert len(processes) >= 6
    assert service.stop() == 0
    assert not [pid for pid in processes if alive(pid)]
    assert FileState.RUNNING not in states(tables, ids)
    assert not [path for path in (service.home / "scratch").rglob("*") if path.is_file()]
    with read_scope(tables) as session:
        assert set(session.scalars(select(SourceFile.attempt).where(SourceFile.id.in_(ids)))) <= {0, 1}
    service.start()
    wait_until(lambda: "administrator" in service.said, 20, "the link for the first administrator is said")
    wait_for_rest(tables, ids)
    assert_each_read_once(tables, ids)


def test_nothing_outlives_a_killed_supervisor(service: Service) -> None:
    processes = service.processes()
    assert service.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not [pid for pid in processes if alive(pid)], 10, "no process left")


def test_a_taken_port_is_said_in_one_line(tmp_path: Path, models_dir: Path) -> None:
    service = Service(tmp_path / "home", models_dir=models_dir)
    with socket.create_server(("127.0.0.1", service.port)):
        ended = service.run_again()
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "port_taken" in ended.stderr
    assert str(service.port) in ended.stderr
