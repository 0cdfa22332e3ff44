"""A file that kills every reader: parked at its second blow, while the files beside it are read."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.clock import utc_now
from core.db import session_scope
from core.keys import Keyring
from core.models import SourceFile
from core.settings import Settings
from core.states import FileState
from core.storage import Storage
from fixtures.handmade import one_page, pdf_of, stream
from ocr.confinement import ReaderSettings
from ocr.sandbox import ReaderChild
from tests import factories
from workers import pipeline
from workers.desk import Desk
from workers.pipeline import POISON_CODES, Outcome
from workers.scratch import Scratch

pytestmark = pytest.mark.ocr

SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples"


def nested_forms(depth: int = 30, fan: int = 4) -> bytes:
    """Return a PDF whose forms draw forms that draw forms: it outgrows any memory when its page is drawn."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    objects = one_page(b"/XObject<</F 5 0 R>>", b"/F Do")
    for level in range(depth):
        drawn = b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level)
        objects.append(stream(b"/F Do " * fan, head + drawn))
    return pdf_of([*objects, stream(b"0 0 5 5 re f", head)])


def test_a_poison_file_is_parked_and_the_next_file_read(
    settings: Settings, maker: sessionmaker[Session], storage: Storage, keyring: Keyring, models_dir: Path
) -> None:
    good = next(iter(sorted(SAMPLES.glob("diploma_*.jpg")))).read_bytes()
    with session_scope(maker) as session:
        into = factories.batch(session)
        poison_id = factories.file(session, storage, into, content=nested_forms(), kind="pdf").id
        good_id = factories.file(session, storage, into, content=good).id
    with ReaderChild(ReaderSettings(models_dir, memory_mib=1536, text_layer_seconds=2)) as reader:
        desk = Desk(settings, maker, storage, keyring, Scratch(settings.home / "scratch"), reader)
        assert pipeline.read_file(desk, poison_id) is Outcome.POSTPONED
        assert pipeline.read_file(desk, good_id) is Outcome.DONE
        with session_scope(maker) as session:
            session.get_one(SourceFile, poison_id).lease_until = utc_now() - timedelta(seconds=1)
        assert pipeline.read_file(desk, poison_id) is Outcome.FAILED
    with maker() as session:
        file = session.get_one(SourceFile, poison_id)
        assert file.state == FileState.FAILED
        assert file.error is not None
        assert file.error["code"] in POISON_CODES
