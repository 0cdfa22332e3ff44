"""Forged text layers: whatever a PDF wants copied, what is seen counts and the forgery is noted."""

from pathlib import Path

import pytest

from fixtures.handmade import text_page
from intake.limits import Limits
from intake.types import FileKind
from ocr.engine import Engine
from ocr.reader import DISTRUSTED, read_pages
from ocr.types import PageText

pytestmark = pytest.mark.ocr

HONEST = b"BT /F 24 Tf 80 700 Td (Certificate No. 20190701) Tj 0 -60 Td (Li Hua studied 38 hours) Tj ET"
# The glyph of 8 is copied as 9.
CMAP = b"""begincmap 1 begincodespacerange <00> <FF> endcodespacerange
2 beginbfrange <20> <37> <0020> <39> <7E> <0039> endbfrange 1 beginbfchar <38> <0039> endbfchar endcmap"""


def read(recogniser: Engine, path: Path) -> PageText:
    (page,), _ = read_pages(path, FileKind.PDF, recogniser, Limits(), lambda _page, _step: None)
    return page


def said(page: PageText) -> str:
    return "".join(line.text for line in page.lines).replace(" ", "")


def test_an_honest_layer_gives_the_spelling(recogniser: Engine, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(text_page(HONEST))
    page = read(recogniser, tmp_path / "a")
    assert (page.source, page.notes) == ("text", ())
    assert [line.text for line in page.lines] == ["Certificate No. 20190701", "Li Hua studied 38 hours"]


@pytest.mark.parametrize(
    "hidden",
    [
        b"BT 3 Tr /F 24 Tf 80 400 Td (Hours 99 in all) Tj ET",
        b"BT 1 1 1 rg /F 24 Tf 80 400 Td (Hours 99 in all) Tj ET",
        b"BT /F 24 Tf 80 400 Td (Hours 99 in all) Tj ET 0.9 g 60 380 400 60 re f",
        b"BT 3 Tr /F 24 Tf 80 640 Td (Li Hua studied 99 hours) Tj ET",
        b"BT /F 1 Tf 0.8 0 0 0.8 80 400 Tm (Hours 99 in all) Tj ET",
    ],
    ids=["invisible", "white on white", "under a box", "over what is seen", "too small to see"],
)
def test_hidden_text_is_noted_and_never_read(recogniser: Engine, tmp_path: Path, hidden: bytes) -> None:
    (tmp_path / "a").write_bytes(text_page(HONEST + b"\n" + hidden))
    page = read(recogniser, tmp_path / "a")
    assert DISTRUSTED in page.notes
    assert "38hours" in said(page)
    assert "99" not in said(page)


def test_text_off_the_page_is_no_text_of_it(recogniser: Engine, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(text_page(HONEST + b" BT /F 24 Tf 80 -400 Td (Hours 99 in all) Tj ET"))
    assert "99" not in said(read(recogniser, tmp_path / "a"))


def test_a_glyph_that_is_copied_as_another_digit_is_noted_and_the_glyph_counts(
    recogniser: Engine, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(text_page(HONEST, CMAP))
    page = read(recogniser, tmp_path / "a")
    assert DISTRUSTED in page.notes
    assert "38hours" in said(page)
