"""Uploads become batches and files: each bad file coded, the good ones beside it kept, nothing read twice."""

import threading
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.access import Viewer
from core.db import session_scope
from core.errors import NotFound, Refused, TooLarge
from core.i18n import error_text
from core.keys import Keyring
from core.models import Batch, BatchItem, Organisation, SourceFile, Teacher
from core.queue import Doorbell
from core.states import FileState
from core.storage import Storage
from core.vocabulary import Role, UploadKind
from intake.limits import Limits
from intake.roster_service import import_roster
from intake.service import IntakePorts, add_files, batch_counts, create_batch, error_from_data, store_files
from tests import factories

both_databases = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.fixture
def ports(storage: Storage, tmp_path: Path) -> IntakePorts:
    return IntakePorts(storage, Limits(), tmp_path, max_batch_files=20)


def uploader_of(session: Session) -> tuple[Organisation, Viewer]:
    school = factories.school(session)
    return school, factories.viewer(factories.user(session, school, Role.SCHOOL_UPLOADER))


def new_batch(session: Session, school: Organisation, viewer: Viewer, key: str | None = None) -> Batch:
    batch, _ = create_batch(
        session,
        viewer,
        school_id=school.id,
        upload_kind=UploadKind.INDIVIDUAL,
        policy_id=factories.POLICY,
        idempotency_key=key,
    )
    return batch


def picture(path: Path, shade: int = 200) -> Path:
    Image.new("RGB", (64, 48), (shade, shade, shade)).save(path)
    return path


def outcomes(session: Session, batch: Batch) -> list[tuple[str, str, str | None]]:
    items = session.scalars(select(BatchItem).filter_by(batch_id=batch.id).order_by(BatchItem.ordinal))
    return [(item.name, item.outcome, item.error["code"] if item.error else None) for item in items]


@both_databases
def test_a_bad_file_is_refused_by_code_and_the_rest_go_on(
    session: Session, ports: IntakePorts, doorbell: Doorbell, tmp_path: Path
) -> None:
    school, viewer = uploader_of(session)
    batch = new_batch(session, school, viewer)
    (tmp_path / "leer").write_bytes(b"")
    (tmp_path / "text").write_text("just words", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.write(picture(tmp_path / "inner.png", 90), "张三/证书.png")
        archive.writestr("notes.txt", "words")
    uploads = [
        ("empty.jpg", tmp_path / "leer"),
        ("good.png", picture(tmp_path / "good.png")),
        ("again.png", tmp_path / "good.png"),
        ("text.jpg", tmp_path / "text"),
        ("batch.zip", tmp_path / "z"),
    ]
    add_files(session, doorbell.ring, batch, store_files(ports, uploads))
    assert outcomes(session, batch) == [
        ("empty.jpg", "refused", "file_empty"),
        ("good.png", "accepted", None),
        ("again.png", "duplicate", None),
        ("text.jpg", "refused", "unsupported_type"),
        ("batch.zip!/张三/证书.png", "accepted", None),
        ("batch.zip!/notes.txt", "refused", "unsupported_type"),
    ]
    assert batch_counts(session, batch) == {
        "all": 6,
        "refused": 3,
        "duplicate": 1,
        "waiting": 2,
        "done": 0,
        "failed": 0,
    }


def test_a_refusal_speaks_both_languages_and_names_the_file(
    session: Session, ports: IntakePorts, doorbell: Doorbell, tmp_path: Path
) -> None:
    school, viewer = uploader_of(session)
    batch = new_batch(session, school, viewer)
    (tmp_path / "leer").write_bytes(b"")
    add_files(session, doorbell.ring, batch, store_files(ports, [("张三.jpg", tmp_path / "leer")]))
    item = session.scalars(select(BatchItem)).one()
    assert item.error is not None
    error = error_from_data(item.error)
    texts = [error_text(error, language) for language in ("zh", "en")]
    assert all("张三.jpg" in text for text in texts)
    assert texts[0] != texts[1]


def test_rings_leave_only_after_the_commit(
    maker: sessionmaker[Session], ports: IntakePorts, doorbell: Doorbell, tmp_path: Path
) -> None:
    with session_scope(maker) as session:
        school, viewer = uploader_of(session)
        add_files(
            session,
            doorbell.ring,
            new_batch(session, school, viewer),
            store_files(ports, [("a.png", picture(tmp_path / "a.png"))]),
        )
        assert doorbell.waiting() == 0
    assert doorbell.waiting() == 1


def test_a_failed_file_is_tried_afresh_when_it_is_uploaded_again(
    session: Session, ports: IntakePorts, doorbell: Doorbell, tmp_path: Path
) -> None:
    school, viewer = uploader_of(session)
    uploads = [("a.png", picture(tmp_path / "a.png"))]
    add_files(session, doorbell.ring, new_batch(session, school, viewer), store_files(ports, uploads))
    file = session.scalars(select(SourceFile)).one()
    file.state, file.attempt, file.error = FileState.FAILED, 4, {"code": "reader_crashed"}
    add_files(session, doorbell.ring, new_batch(session, school, viewer), store_files(ports, uploads))
    session.flush()
    session.refresh(file)
    assert (str(file.state), file.attempt) == ("queued", 0)
    assert not file.error


def test_the_same_bytes_in_two_schools_are_two_files(
    session: Session, ports: IntakePorts, doorbell: Doorbell, tmp_path: Path
) -> None:
    uploads = [("a.png", picture(tmp_path / "a.png"))]
    for _ in range(2):
        school, viewer = uploader_of(session)
        add_files(session, doorbell.ring, new_batch(session, school, viewer), store_files(ports, uploads))
    assert len(session.scalars(select(SourceFile)).all()) == 2


def test_a_repeated_idempotency_key_is_the_same_batch(session: Session) -> None:
    school, viewer = uploader_of(session)
    assert new_batch(session, school, viewer, "k1").id == new_batch(session, school, viewer, "k1").id
    assert new_batch(session, school, viewer, "k2").id != new_batch(session, school, viewer, "k1").id


@both_databases
def test_the_same_request_twice_at_once_makes_one_batch(maker: sessionmaker[Session]) -> None:
    with session_scope(maker) as session:
        school, viewer = uploader_of(session)
    start = threading.Barrier(2)
    made: list[str] = []

    def act() -> None:
        start.wait()
        with session_scope(maker) as session:
            made.append(new_batch(session, school, viewer, "twin").public_id)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1


def test_nobody_uploads_for_a_school_out_of_sight_or_without_the_role(session: Session) -> None:
    school, _ = uploader_of(session)
    _, stranger = uploader_of(session)
    with pytest.raises(NotFound):
        new_batch(session, school, stranger)
    reviewer = factories.viewer(factories.user(session, school, Role.SCHOOL_REVIEWER))
    with pytest.raises(Refused):
        new_batch(session, school, reviewer)


def test_too_many_files_refuse_the_upload(
    session: Session, ports: IntakePorts, doorbell: Doorbell, tmp_path: Path
) -> None:
    school, viewer = uploader_of(session)
    batch = new_batch(session, school, viewer)
    uploads = [(f"{n}.png", picture(tmp_path / f"{n}.png", n)) for n in range(21)]
    with pytest.raises(TooLarge) as refusal:
        add_files(session, doorbell.ring, batch, store_files(ports, uploads))
    assert refusal.value.code == "too_many_files"


def test_a_roster_is_imported_twice_without_doubling(session: Session, keyring: Keyring, tmp_path: Path) -> None:
    school, viewer = uploader_of(session)
    sheet = tmp_path / "roster.csv"
    sheet.write_text(
        f"工号,姓名,身份证号,学校\nT1,张三,990101198001010017,{school.name}\nT2,李四,,{school.name}\nT3,王五,,别的学校\n,无号,,\n",
        encoding="utf-8",
    )
    first = import_roster(session, keyring, viewer, school_id=school.id, path=sheet)
    again = import_roster(session, keyring, viewer, school_id=school.id, path=sheet)
    codes = sorted(problem.error.code for problem in first.problems)
    assert (again.added, again.changed) == (0, first.added)
    assert "school_mismatch" in codes
    assert len(session.scalars(select(Teacher)).all()) == first.added
