"""One try at one file: what becomes of it in every case. The reader here decodes real images."""

import io
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core.clock import utc_now
from core.db import session_scope
from core.errors import Invalid, Unavailable
from core.keys import Keyring
from core.models import AuditEvent, CandidateEntry, Document, PageRecord, SourceFile
from core.settings import Settings
from core.states import FILE_TRANSITIONS, FileState
from core.storage import Storage
from core.vocabulary import DocType
from intake.types import FileKind
from ocr.types import DocumentReading, FileReading, PageImage
from tests import factories
from workers import leases, pipeline
from workers.desk import Desk, StopRequest
from workers.pipeline import Outcome
from workers.scratch import Scratch

BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


def picture(shade: int) -> bytes:
    """Return a small JPEG."""
    stream = io.BytesIO()
    Image.new("L", (80, 60), shade).save(stream, "JPEG")
    return stream.getvalue()


class PictureReader:
    """Decodes an image and calls it a document of no known type; `before` runs first and may raise."""

    def __init__(self, before: Callable[[Path], object] = str) -> None:
        """Run `before` with the path of each file."""
        self.before = before

    def read(self, path: Path, kind: FileKind) -> FileReading:
        """Return one page and one document."""
        assert kind is FileKind.JPEG
        self.before(path)
        with Image.open(path, formats=["JPEG"]) as image:
            width, height = image.size
        page = PageImage(number=1, width=width, height=height, jpeg=path.read_bytes())
        return FileReading((DocumentReading((1,), DocType.OTHER, 0.5),), (page,), ("seen",))


MakeDesk = Callable[[PictureReader], Desk]


@pytest.fixture
def desk(settings: Settings, maker: sessionmaker[Session], storage: Storage, keyring: Keyring) -> MakeDesk:
    """Return the maker of a process's desk around a reader."""

    def make(reader: PictureReader) -> Desk:
        return Desk(settings, maker, storage, keyring, Scratch(settings.home / "scratch"), reader, StopRequest())

    return make


@pytest.fixture
def file_id(maker: sessionmaker[Session], storage: Storage) -> int:
    """Return the id of a received picture, committed."""
    with session_scope(maker) as session:
        return factories.file(session, storage, content=picture(100)).id


def look(maker: sessionmaker[Session], file_id: int) -> SourceFile:
    with maker() as session:
        return session.get_one(SourceFile, file_id)


def rows(maker: sessionmaker[Session]) -> tuple[int, int, int]:
    """Return the numbers of pages, documents and entries."""
    with maker() as session:
        pages, documents, entries = (
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (PageRecord, Document, CandidateEntry)
        )
    return pages, documents, entries


def expire(maker: sessionmaker[Session], file_id: int) -> None:
    with session_scope(maker) as session:
        session.get_one(SourceFile, file_id).lease_until = utc_now()


@BOTH
def test_a_file_is_read_once(desk: MakeDesk, maker: sessionmaker[Session], file_id: int) -> None:
    table = desk(PictureReader())
    assert pipeline.read_file(table, file_id) is Outcome.DONE
    assert pipeline.read_file(table, file_id) is Outcome.SKIPPED
    found = look(maker, file_id)
    assert (found.state, found.pages, found.lease_until, found.error) == (FileState.DONE, 1, None, None)
    assert found.notes == ["seen"]
    assert found.finished_at is not None
    assert rows(maker) == (1, 1, 1)


@BOTH
def test_a_stale_worker_writes_nothing(desk: MakeDesk, maker: sessionmaker[Session], file_id: int) -> None:
    other = desk(PictureReader())

    def overtaken(path: Path) -> None:
        del path
        expire(maker, file_id)
        assert pipeline.read_file(other, file_id) is Outcome.DONE

    assert pipeline.read_file(desk(PictureReader(overtaken)), file_id) is Outcome.LOST
    assert look(maker, file_id).state == FileState.DONE
    assert rows(maker) == (1, 1, 1)


@BOTH
def test_two_workers_race_and_one_finishes(desk: MakeDesk, maker: sessionmaker[Session], file_id: int) -> None:
    outcomes: list[Outcome] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        outcomes.append(pipeline.read_file(desk(PictureReader()), file_id))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [Outcome.DONE, Outcome.SKIPPED]
    assert rows(maker) == (1, 1, 1)


def test_a_malformed_file_is_parked_at_once(desk: MakeDesk, maker: sessionmaker[Session], file_id: int) -> None:
    def malformed(path: Path) -> None:
        raise Invalid("image_truncated", "{file} ends too early.", page=1, file=path.name[:0] or "a.jpg")

    assert pipeline.read_file(desk(PictureReader(malformed)), file_id) is Outcome.FAILED
    found = look(maker, file_id)
    assert found.state == FileState.FAILED
    assert found.error == {
        "code": "image_truncated",
        "message": "{file} ends too early.",
        "page": 1,
        "facts": {"file": "a.jpg"},
    }
    with maker() as session:
        event = session.scalars(select(AuditEvent).filter_by(action="file_failed")).one()
    assert event.data == {"code": "image_truncated"}


def test_what_is_unavailable_is_tried_again_and_then_parked(
    desk: MakeDesk, maker: sessionmaker[Session], settings: Settings, file_id: int
) -> None:
    def away(path: Path) -> None:
        del path
        raise Unavailable("models_damaged", "The OCR model file {file} is missing.", file="x")

    table = desk(PictureReader(away))
    for attempt in range(1, settings.max_attempts):
        assert pipeline.read_file(table, file_id) is Outcome.POSTPONED
        found = look(maker, file_id)
        assert (found.state, found.attempt) == (FileState.QUEUED, attempt)
        assert found.next_at == found.lease_until
        expire(maker, file_id)
    assert pipeline.read_file(table, file_id) is Outcome.FAILED
    error = look(maker, file_id).error
    assert error is not None
    assert error["code"] == "models_damaged"


@pytest.mark.parametrize("code", sorted(pipeline.POISON_CODES))
def test_a_poison_file_is_parked_at_its_second_blow(
    desk: MakeDesk, maker: sessionmaker[Session], file_id: int, code: str
) -> None:
    def poison(path: Path) -> None:
        del path
        raise Unavailable(code, "The reader ended.")

    table = desk(PictureReader(poison))
    assert pipeline.read_file(table, file_id) is Outcome.POSTPONED
    expire(maker, file_id)
    assert pipeline.read_file(table, file_id) is Outcome.FAILED


def test_our_own_mistake_parks_the_file_without_quoting_it(
    desk: MakeDesk, maker: sessionmaker[Session], file_id: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def mistaken(path: Path) -> None:
        del path
        raise KeyError("张三 41070119800101123X")

    assert pipeline.read_file(desk(PictureReader(mistaken)), file_id) is Outcome.FAILED
    error = look(maker, file_id).error
    assert error is not None
    assert error["code"] == "internal_error"
    said = capsys.readouterr()
    assert "张三" not in said.out + said.err


def test_lost_bytes_park_the_file(desk: MakeDesk, maker: sessionmaker[Session]) -> None:
    with session_scope(maker) as session:
        file_id = factories.file(session).id
    assert pipeline.read_file(desk(PictureReader()), file_id) is Outcome.FAILED
    error = look(maker, file_id).error
    assert error is not None
    assert error["code"] == "blob_missing"


def test_a_stop_gives_the_file_back_at_once(desk: MakeDesk, maker: sessionmaker[Session], file_id: int) -> None:
    reader = PictureReader()
    table = desk(reader)
    reader.before = lambda _: table.stop.make()
    assert pipeline.read_file(table, file_id) is Outcome.GIVEN_BACK
    found = look(maker, file_id)
    assert (found.state, found.attempt, found.lease_until) == (FileState.QUEUED, 0, None)
    assert pipeline.read_file(desk(PictureReader()), file_id) is Outcome.DONE


def test_the_clear_file_lives_only_while_it_is_read(
    desk: MakeDesk, settings: Settings, storage: Storage, maker: sessionmaker[Session]
) -> None:
    content = picture(30)
    with session_scope(maker) as session:
        file_id = factories.file(session, storage, content=content).id
    seen: list[Path] = []

    def inspect(path: Path) -> None:
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        seen.append(path)

    assert pipeline.read_file(desk(PictureReader(inspect)), file_id) is Outcome.DONE
    assert not seen[0].exists()
    assert content not in b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())


def test_scratch_of_the_dead_is_swept_and_of_the_living_kept(tmp_path: Path) -> None:
    living = Scratch(tmp_path)
    child = os.fork()
    if child == 0:
        with Scratch(tmp_path).file(b"left behind"):
            os._exit(0)
    os.waitpid(child, 0)
    assert sum(path.is_file() and path.suffix != ".lock" for path in tmp_path.rglob("*")) == 1
    with living.file(b"in use") as path:
        Scratch(tmp_path)
        assert path.read_bytes() == b"in use"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_every_state_change_is_in_the_table() -> None:
    assert set(leases.states_before(FileState.RUNNING)) == {FileState.RECEIVED, FileState.QUEUED, FileState.RUNNING}
    assert leases.states_before(FileState.DONE) == [FileState.RUNNING]
    assert FILE_TRANSITIONS[FileState.DONE] == frozenset()
