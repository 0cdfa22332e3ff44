"""Pictures that are no documents: no crash, and nothing is read surely where nothing stands."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.vocabulary import DocType
from intake.limits import Limits
from intake.types import FileKind
from ocr.documents import read_documents
from ocr.engine import Engine
from ocr.reader import read_pages

pytestmark = pytest.mark.ocr
Pixels = NDArray[np.uint8]


def noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def landscape() -> Pixels:
    """Return hills under a sky, as soft and as coloured as a photo."""
    rows, columns = np.mgrid[0:900, 0:1200].astype(np.float32)
    hills = 500 + 90 * np.sin(columns / 170) + 40 * np.sin(columns / 61)
    sky = np.stack([230 - rows / 9, 190 - rows / 12, 150 - rows / 10], axis=-1)
    ground = np.stack([50 + rows / 30, 110 + 25 * np.sin(columns / 9), 70 + 20 * np.cos(rows / 7)], axis=-1)
    scene = np.where((rows > hills)[..., None], ground, sky)
    return np.clip(scene + noise(900, 1200) / 12, 0, 255).astype(np.uint8)


ODDITIES = {
    "noise": noise(900, 700),
    "soft noise": np.asarray(cv2.GaussianBlur(noise(900, 700), (0, 0), 5), dtype=np.uint8),
    "black": np.zeros((900, 700, 3), dtype=np.uint8),
    "white": np.full((900, 700, 3), 255, dtype=np.uint8),
    "grey ramp": np.asarray(np.tile(np.linspace(0, 255, 700), (900, 1))[..., None].repeat(3, -1), dtype=np.uint8),
    "one pixel": np.full((1, 1, 3), 90, dtype=np.uint8),
    "one column": noise(400, 1),
    "landscape": landscape(),
    "stripes": np.asarray((np.arange(900)[:, None, None] // 9 % 2 * 200) * np.ones((1, 700, 3)), dtype=np.uint8),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_nothing_is_read_surely_where_nothing_stands(name: str, recogniser: Engine, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "odd.png"), ODDITIES[name])
    pages, images = read_pages(tmp_path / "odd.png", FileKind.PNG, recogniser, Limits(), lambda _page, _step: None)
    (document,) = read_documents(pages)
    assert len(images) == 1
    assert document.doc_type is DocType.OTHER
    assert document.fields == {}
    assert [line for page in pages for line in page.lines if line.confidence >= 0.9 and len(line.text) > 1] == []


def test_a_strip_of_many_screens_is_read_from_top_to_bottom(recogniser: Engine, tmp_path: Path) -> None:
    strip = np.full((20_000, 320, 3), 255, dtype=np.uint8)
    for number in range(100, 190):
        y = (number - 99) * 215
        cv2.putText(strip, f"Week {number}", (20, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (40, 40, 40), 2, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "strip.png"), strip)
    (page,), _ = read_pages(tmp_path / "strip.png", FileKind.PNG, recogniser, Limits(), lambda _page, _step: None)
    read = [line.text.replace(" ", "") for line in page.lines]
    assert len(read) == len(set(read))
    assert len(set(read) & {f"Week{number}" for number in range(100, 190)}) >= 88
