"""Every frame of a TIFF is a page of its own, also after looking for frames beyond the last."""

from pathlib import Path

import pytest
from PIL import Image

from intake.limits import Limits
from intake.pages import iter_pages
from intake.types import FileKind


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "raw"])
def test_two_frames_are_two_pages(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "sheet.tif"
    first, second = Image.new("RGB", (80, 60), (250, 10, 10)), Image.new("RGB", (80, 60), (10, 10, 250))
    first.save(path, "TIFF", save_all=True, append_images=[second], compression=compression)
    pages = list(iter_pages(path, FileKind.TIFF, Limits()))
    assert [page.number for page in pages] == [1, 2]
    assert pages[0].image[30, 40].tolist() == [10, 10, 250]
    assert pages[1].image[30, 40].tolist() == [250, 10, 10]
