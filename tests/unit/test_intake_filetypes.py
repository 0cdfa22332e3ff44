"""What a file is by its bytes, and the coded reason why it is refused."""

import hashlib
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import XuefenError
from core.i18n import error_text
from intake.filetypes import inspect, kind_of
from intake.limits import Limits
from intake.types import FileKind, IncomingFile

LIMITS = Limits()
PICTURES = {
    FileKind.JPEG: "JPEG",
    FileKind.PNG: "PNG",
    FileKind.WEBP: "WEBP",
    FileKind.TIFF: "TIFF",
    FileKind.BMP: "BMP",
    FileKind.HEIC: "HEIF",
}


def picture(kind: FileKind, size: tuple[int, int] = (320, 128), **options: Any) -> bytes:
    if kind is FileKind.HEIC:
        pillow_heif.register_heif_opener()
    image = Image.effect_noise(size, 60).convert("RGB")
    out = BytesIO()
    image.save(out, PICTURES[kind], **options)
    return out.getvalue()


PICTURE_BYTES = {kind: picture(kind) for kind in PICTURES}


def png_of(width: int, height: int) -> bytes:
    """Return a PNG whose header claims a size that its few bytes do not hold."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def seen(tmp_path: Path, data: bytes, name: str = "张三.jpg", limits: Limits = LIMITS) -> IncomingFile:
    path = tmp_path / "upload"
    path.write_bytes(data)
    found = inspect(name, path, limits)
    assert (found.error is None) == (found.kind is not None) == (found.sha256 is not None)
    if found.error is not None:
        assert name in error_text(found.error, "zh")
        assert name in error_text(found.error, "en")
        assert error_text(found.error, "zh") != error_text(found.error, "en")
    return found


def refused(tmp_path: Path, data: bytes, name: str = "张三.jpg", limits: Limits = LIMITS) -> str:
    found = seen(tmp_path, data, name, limits)
    assert found.error is not None
    return found.error.code


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_known_by_their_bytes(tmp_path: Path, kind: FileKind) -> None:
    data = PICTURE_BYTES[kind]
    found = seen(tmp_path, data, f"张三.{kind}")
    assert (found.kind, found.size, found.notes) == (kind, len(data), ())
    assert found.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("kind", PICTURES)
def test_size_limits_are_met_at_the_header(tmp_path: Path, kind: FileKind) -> None:
    data = PICTURE_BYTES[kind]
    assert seen(tmp_path, data, limits=Limits(max_pixels=320 * 128, max_side=320)).error is None
    assert refused(tmp_path, data, limits=Limits(max_pixels=320 * 128 - 1)) == "image_too_large"
    assert refused(tmp_path, data, limits=Limits(max_side=319)) == "image_too_large"


@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG, FileKind.WEBP, FileKind.BMP, FileKind.HEIC])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_cut_off_pictures_say_so(tmp_path: Path, kind: FileKind, share: float) -> None:
    data = PICTURE_BYTES[kind]
    assert refused(tmp_path, data[: int(len(data) * share)]) == "image_truncated"


def test_a_tiff_without_its_directory_is_cut_off(tmp_path: Path) -> None:
    data = struct.pack("<2sHI", b"II", 42, 5000) + bytes(100)
    assert refused(tmp_path, data) == "image_truncated"


@pytest.mark.parametrize("kind", PICTURES)
def test_trailing_bytes_do_no_harm(tmp_path: Path, kind: FileKind) -> None:
    for tail in (bytes(5000), b"\xff\xd8\xff trailer \x00\x01" * 40, b"SEFT\x01\x02"):
        assert seen(tmp_path, PICTURE_BYTES[kind] + tail).kind is kind


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"quality": 100, "subsampling": 0},
        {"restart_marker_blocks": 4},
        {"exif": b"Exif\0\0" + b"\xff\xd9" * 50},
    ],
)
def test_jpegs_of_many_makers_are_taken(tmp_path: Path, options: dict[str, Any]) -> None:
    data = picture(FileKind.JPEG, **options)
    assert seen(tmp_path, data).kind is FileKind.JPEG
    assert refused(tmp_path, data[:-300]) == "image_truncated"


@pytest.mark.parametrize("options", [{"lossless": True}, {"exact": True, "lossless": True}, {"exif": b"Exif\0\0abc"}])
def test_webps_of_each_form_are_taken(tmp_path: Path, options: dict[str, Any]) -> None:
    found = seen(tmp_path, picture(FileKind.WEBP, (77, 55), **options), limits=Limits(max_pixels=77 * 55))
    assert found.kind is FileKind.WEBP
    assert (
        refused(tmp_path, picture(FileKind.WEBP, (77, 55), **options), limits=Limits(max_side=76)) == "image_too_large"
    )


def test_pages_of_a_tiff_are_counted_and_measured(tmp_path: Path) -> None:
    pages = [Image.new("L", (40 + 10 * number, 30)) for number in range(5)]
    out = BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], big_tiff=True)
    assert seen(tmp_path, out.getvalue(), limits=Limits(max_pages=5)).kind is FileKind.TIFF
    assert refused(tmp_path, out.getvalue(), limits=Limits(max_pages=4)) == "too_many_pages"
    found = seen(tmp_path, out.getvalue(), limits=Limits(max_side=75))
    assert found.error is not None
    assert found.error.page == 5


def test_an_80_megapixel_png_is_refused_without_decoding(tmp_path: Path) -> None:
    found = seen(tmp_path, png_of(10_000, 8_000), "大图.png")
    assert found.error is not None
    assert found.error.code == "image_too_large"
    assert found.error.facts["width"] == 10_000
    assert refused(tmp_path, png_of(4_000_000_000, 1)) == "image_too_large"
    assert refused(tmp_path, png_of(0, 10)) == "image_damaged"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        ("这是一份文字".encode(), "unsupported_type"),
        (b"BM is how this text begins, and it goes on for a while", "unsupported_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported_type"),
        (b"Rar!\x1a\x07\x01\x00", "unsupported_type"),
        (b"GIF89a" + bytes(100), "unsupported_type"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", "unsupported_type"),
        (b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2mp41", "unsupported_type"),
        (b"\xff\xd8\xff", "image_truncated"),
        (b"\xff\xd8\xff\xd9" + bytes(100), "image_damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "image_damaged"),
    ],
)
def test_each_bad_file_has_its_code(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(tmp_path, data) == code


def test_a_large_file_is_refused_by_its_size(tmp_path: Path) -> None:
    data = PICTURE_BYTES[FileKind.PNG]
    assert refused(tmp_path, data, limits=Limits(max_file_bytes=len(data) - 1)) == "file_too_large"
    assert seen(tmp_path, data, limits=Limits(max_file_bytes=len(data))).error is None


def test_a_missing_file_and_a_folder_are_coded(tmp_path: Path) -> None:
    missing, folder = inspect("a.jpg", tmp_path / "none", LIMITS), inspect("b.jpg", tmp_path, LIMITS)
    assert missing.error is not None
    assert folder.error is not None
    assert (missing.error.code, folder.error.code) == ("file_not_found", "file_unreadable")


def test_a_pdf_named_jpg_is_the_pdf_it_is_with_a_note(tmp_path: Path) -> None:
    found = seen(tmp_path, b"%PDF-1.7\n...", "证书.jpg")
    assert (found.kind, found.notes) == (FileKind.PDF, ("extension_mismatch",))
    assert seen(tmp_path, b"%PDF-1.7\n...", "证书.PDF").notes == ()
    assert seen(tmp_path, b"%PDF-1.7\n...", "张三.2019").notes == ()
    assert seen(tmp_path, b"%PDF-1.7\n...", "证书").notes == ()


def test_a_pdf_may_have_rubbish_before_its_mark() -> None:
    assert kind_of(b"\r\n\0" * 300 + b"%PDF-1.4") is FileKind.PDF
    assert kind_of((b"\0" * 1024 + b"%PDF-1.4")[:1024]) is None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0+", b"RIFF\0\0\0\0WEBP", b"PK\3\4"]
    ),
    rest=st.binary(max_size=400),
)
def test_random_bytes_give_a_kind_or_a_coded_error(tmp_path: Path, start: bytes, rest: bytes) -> None:
    seen(tmp_path, start + rest)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(list(PICTURES)), data=st.data())
def test_broken_pictures_give_a_kind_or_a_coded_error(tmp_path: Path, kind: FileKind, data: st.DataObject) -> None:
    whole = bytearray(PICTURE_BYTES[kind])
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6)):
        whole[at] = byte
    found = seen(tmp_path, bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert found.error is None or isinstance(found.error, XuefenError)
