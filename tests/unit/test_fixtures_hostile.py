"""The hostile files are what their functions say: each is bad in exactly one way."""

import zipfile
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from fixtures import hostile


def test_every_hostile_file_is_written(tmp_path: Path) -> None:
    paths = hostile.write_all(tmp_path)
    assert len(paths) == len(hostile.ALL) == len(set(paths.values()))
    assert all(path.exists() for path in paths.values())


def test_encrypted_pdf_asks_for_a_password(tmp_path: Path) -> None:
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(hostile.encrypted_pdf(tmp_path))


def test_huge_png_is_small_on_disk_and_eighty_megapixels_in_memory(tmp_path: Path) -> None:
    path = hostile.huge_png(tmp_path)
    assert path.stat().st_size < 100_000
    with Image.open(path) as picture:
        assert picture.width * picture.height == 80_000_000


def test_overlapping_members_share_one_local_header(tmp_path: Path) -> None:
    with zipfile.ZipFile(hostile.overlapping_zip(tmp_path)) as archive:
        first, second = archive.infolist()
    assert first.header_offset == second.header_offset
    assert first.filename != second.filename


def test_gbk_names_carry_no_utf8_flag(tmp_path: Path) -> None:
    with zipfile.ZipFile(hostile.gbk_zip(tmp_path)) as archive:
        names = [info.filename.encode("cp437").decode("gbk") for info in archive.infolist()]
        assert all(not info.flag_bits & 0x800 for info in archive.infolist())
    assert names == ["张三/毕业证书.jpg", "李四/签到表.jpg"]
