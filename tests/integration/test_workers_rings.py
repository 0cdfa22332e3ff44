"""What a reader worker does with rings: reads the file they name, and nothing else that stands in the queue."""

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session, sessionmaker

from core.db import session_scope
from core.keys import Keyring
from core.models import SourceFile
from core.queue import READ_QUEUE, Doorbell
from core.settings import Settings
from core.states import FileState
from core.storage import Storage
from intake.types import FileKind
from ocr.types import FileReading
from tests import factories
from workers.desk import Desk
from workers.scratch import Scratch
from workers.worker import run


class BlankReader:
    """Finds nothing on any page; `hold` lets a reading last."""

    def __init__(self) -> None:
        """Read at once."""
        self.hold: Callable[[], object] = bool

    def read(self, path: Path, kind: FileKind) -> FileReading:
        """Return an empty reading of a file that is there."""
        assert path.read_bytes()
        assert kind is FileKind.JPEG
        self.hold()
        return FileReading((), ())


@pytest.fixture
def desk(settings: Settings, maker: sessionmaker[Session], storage: Storage, keyring: Keyring) -> Desk:
    """Return a desk whose worker ends after two jobs."""
    few = settings.model_copy(update={"worker_max_jobs": 2})
    return Desk(few, maker, storage, keyring, Scratch(settings.home / "scratch"), BlankReader())


def add(desk: Desk) -> int:
    with session_scope(desk.maker) as session:
        return factories.file(session, desk.storage).id


def state(desk: Desk, file_id: int) -> FileState:
    with desk.maker() as session:
        return FileState(session.get_one(SourceFile, file_id).state)


def test_rings_are_heard_and_leave_nothing_behind(desk: Desk, redis: Redis) -> None:
    ids = [add(desk), add(desk)]
    for file_id in ids:
        Doorbell(redis).ring(file_id)
    run(desk, redis)
    assert [state(desk, file_id) for file_id in ids] == [FileState.DONE] * 2
    assert redis.keys("rq:job:*") == []
    assert Doorbell(redis).waiting() == 0


def test_a_doubled_ring_does_no_harm(desk: Desk, redis: Redis) -> None:
    file_id = add(desk)
    for _ in range(2):
        Doorbell(redis).ring(file_id)
    run(desk, redis)
    with desk.maker() as session:
        assert session.get_one(SourceFile, file_id).fence == 1


def forged(*_: object) -> None:
    """Leave a mark: what a forged job wants called, as its function or as a callback."""
    Path(os.environ["FORGED_MARK"]).touch()


def test_no_function_and_no_callback_of_a_forged_job_is_called(
    desk: Desk, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setenv("FORGED_MARK", str(mark))
    callback = Callback("tests.integration.test_workers_rings.forged")
    queue = Queue(READ_QUEUE, connection=redis, serializer=JSONSerializer)
    queue.enqueue("tests.integration.test_workers_rings.forged", "not an id", on_failure=callback)
    queue.enqueue("tests.integration.test_workers_rings.forged", add(desk), on_success=callback)
    run(desk, redis)
    assert not mark.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_worker_at_once(desk: Desk, redis: Redis, number: signal.Signals) -> None:
    timer = threading.Timer(1.0, os.kill, (os.getpid(), number))
    timer.start()
    start = time.monotonic()
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        run(desk, redis)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert time.monotonic() - start < 5


def test_a_signal_gives_the_file_at_hand_back(desk: Desk, redis: Redis) -> None:
    file_id = add(desk)
    Doorbell(redis).ring(file_id)
    assert isinstance(desk.reader, BlankReader)

    def stop_in_the_middle() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(timedelta(seconds=30).total_seconds())

    desk.reader.hold = stop_in_the_middle
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        run(desk, redis)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert state(desk, file_id) is FileState.QUEUED
