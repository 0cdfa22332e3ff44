"""The reader child: what it reads, what it refuses, what kills it, and that it comes back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from core.errors import Unavailable, XuefenError
from core.vocabulary import DocType
from fixtures.handmade import one_page, pdf_of, stream, text_page
from intake.types import FileKind
from ocr.confinement import ReaderSettings
from ocr.pool import ReaderPool
from ocr.sandbox import ReaderChild
from ocr.types import FileReading

pytestmark = pytest.mark.ocr
ROOT = Path(__file__).resolve().parents[2]


Configure = Callable[..., ReaderSettings]


@pytest.fixture(scope="module")
def confined(models_dir: Path) -> Configure:
    """Return the maker of reader settings on the fetched models."""

    def configure(**changes: Any) -> ReaderSettings:
        return ReaderSettings(models_dir=models_dir, **changes)

    return configure


@pytest.fixture(scope="module")
def child(confined: Configure) -> Iterator[ReaderChild]:
    with ReaderChild(confined()) as reader:
        yield reader


def page(words: str, size: tuple[int, int] = (900, 400)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((60, 120), words, font=ImageFont.load_default(size=60), fill="black")
    return picture


def bomb(path: Path) -> None:
    """Write a PDF whose form draws itself: PDFium recurses until its memory is gone."""
    drawn = b"/XObject<</F 5 0 R/G 5 0 R>>"
    form = stream(b"/F Do /G Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<%s>>" % drawn)
    path.write_bytes(pdf_of([*one_page(drawn, b"/F Do", 9), form]))


def test_a_page_is_read_and_shown(child: ReaderChild, tmp_path: Path) -> None:
    page("Certificate 2019").save(tmp_path / "a", "PNG")
    reading = child.read(tmp_path / "a", FileKind.PNG)
    assert [d.pages for d in reading.documents] == [(1,)]
    (image,) = reading.images
    assert (image.width, image.height) == (900, 400)
    assert image.jpeg.startswith(b"\xff\xd8")


def test_a_refusal_keeps_the_child(child: ReaderChild, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    before = child.pid
    with pytest.raises(XuefenError) as caught:
        child.read(tmp_path / "a", FileKind.JPEG)
    assert caught.value.code in {"image_damaged", "image_truncated"}
    assert child.pid == before


def test_a_file_of_blank_pages_is_one_document_of_type_other(child: ReaderChild, tmp_path: Path) -> None:
    Image.new("L", (600, 800), 250).save(
        tmp_path / "a", "TIFF", save_all=True, append_images=[Image.new("L", (600, 800))]
    )
    reading = child.read(tmp_path / "a", FileKind.TIFF)
    assert [d.doc_type for d in reading.documents] == [DocType.OTHER]
    assert "blank_page_dropped" in reading.notes
    assert len(reading.images) == 2


def test_a_form_that_draws_itself_costs_one_child_at_most(child: ReaderChild, tmp_path: Path) -> None:
    bomb(tmp_path / "bomb")
    codes = set()
    try:
        child.read(tmp_path / "bomb", FileKind.PDF)
    except XuefenError as error:
        codes.add(error.code)
    assert codes <= {"reader_timeout", "reader_crashed", "reader_out_of_memory", "pdf_damaged"}
    page("again").save(tmp_path / "a", "PNG")
    assert child.read(tmp_path / "a", FileKind.PNG).images


def test_a_page_beyond_its_deadline_is_a_timeout_and_the_next_file_is_read(confined: Configure, tmp_path: Path) -> None:
    page("slow", (3000, 3000)).save(tmp_path / "a", "PNG")
    with ReaderChild(confined(page_seconds=0.05)) as reader:
        with pytest.raises(Unavailable) as caught:
            reader.read(tmp_path / "a", FileKind.PNG)
        assert (caught.value.code, caught.value.page) == ("reader_timeout", 1)
        assert reader.pid is None


def test_a_child_beyond_its_resident_limit_is_killed(confined: Configure, tmp_path: Path) -> None:
    page("large").save(tmp_path / "a", "PNG")
    with ReaderChild(confined(resident_mib=60)) as reader, pytest.raises(Unavailable) as caught:
        reader.read(tmp_path / "a", FileKind.PNG)
    assert caught.value.code == "reader_out_of_memory"


def test_the_address_space_limit_ends_in_a_coded_error(confined: Configure, tmp_path: Path) -> None:
    Image.new("RGBA", (7900, 8000), "white").save(tmp_path / "a", "PNG", compress_level=1)
    with ReaderChild(confined(memory_mib=720)) as reader, pytest.raises(Unavailable) as caught:
        reader.read(tmp_path / "a", FileKind.PNG)
    assert caught.value.code == "reader_out_of_memory"


def test_a_killed_child_is_a_crash_and_the_next_file_is_read(confined: Configure, tmp_path: Path) -> None:
    page("first").save(tmp_path / "a", "PNG")
    with ReaderChild(confined()) as reader:
        reader.read(tmp_path / "a", FileKind.PNG)
        assert reader.pid is not None
        os.kill(reader.pid, signal.SIGSTOP)
        os.kill(reader.pid, signal.SIGKILL)
        with pytest.raises(Unavailable) as caught:
            reader.read(tmp_path / "a", FileKind.PNG)
        assert caught.value.code == "reader_crashed"
        assert reader.read(tmp_path / "a", FileKind.PNG).images


def test_a_child_is_replaced_after_its_pages(confined: Configure, tmp_path: Path) -> None:
    page("first").save(tmp_path / "a", "PNG")
    with ReaderChild(confined(recycle_pages=1)) as reader:
        reader.start()
        first = reader.pid
        reader.read(tmp_path / "a", FileKind.PNG)
        assert reader.pid not in {None, first}


def test_the_child_holds_no_settings_and_no_secrets(confined: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEFEN_DATABASE_URL", "secret")
    with ReaderChild(confined()) as reader:
        environment = Path(f"/proc/{reader.pid}/environ").read_bytes()
    assert b"secret" not in environment
    assert b"XUEFEN" not in environment


def test_the_child_dies_with_its_parent(models_dir: Path) -> None:
    program = (
        "import sys,time; from pathlib import Path; from ocr.sandbox import *;"
        f"c=ReaderChild(ReaderSettings(Path({str(models_dir)!r}))); c.start(); print(c.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(1)
        parent.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_pool_keeps_the_order_and_yields_refusals(confined: Configure, tmp_path: Path) -> None:
    for name in ("a", "c"):
        page(name).save(tmp_path / name, "PNG")
    (tmp_path / "b").write_bytes(b"not a picture")
    with ReaderPool(confined(), 2) as pool:
        answers = list(pool.map(["a", "b", "c"], lambda name: (tmp_path / name, FileKind.PNG)))
    assert [name for name, _ in answers] == ["a", "b", "c"]
    assert [type(answer) is FileReading for _, answer in answers] == [True, False, True]


def test_a_born_digital_pdf_is_read_from_its_text_layer(child: ReaderChild, tmp_path: Path) -> None:
    text_pdf(tmp_path / "a", b"Certificate No. 20190701", b"")
    reading = child.read(tmp_path / "a", FileKind.PDF)
    assert "text_layer_distrusted" not in reading.notes


def test_invisible_text_is_distrusted_and_the_pixels_win(child: ReaderChild, tmp_path: Path) -> None:
    text_pdf(tmp_path / "a", b"Certificate No. 20190701", b"3 Tr (Hours 99 99) Tj")
    reading = child.read(tmp_path / "a", FileKind.PDF)
    assert "text_layer_distrusted" in reading.notes


def text_pdf(path: Path, shown: bytes, extra: bytes) -> None:
    """Write one page with a line of Helvetica, and more operators below it."""
    path.write_bytes(text_page(b"BT /F 24 Tf 80 700 Td (%s) Tj 0 -80 Td %s ET" % (shown, extra)))
    pypdfium2.PdfDocument(path).close()
