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

    def form(resources: bytes, drawing: bytes) -> bytes:
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]" + resources
        return head + b"/Length %d>>stream\n%s\nendstream" % (len(drawing), drawing)

    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, form(b"", b"/F Do")]
    objects += [form(b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level), b"/F Do " * fan) for level in range(depth)]
    objects.append(form(b"", b"0 0 5 5 re f"))
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start, size = len(content), len(objects) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return content + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


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
