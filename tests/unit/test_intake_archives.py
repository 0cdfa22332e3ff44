"""ZIP archives: names, limits, and what is refused as a whole or member by member."""

import struct
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Invalid, TooLarge, XuefenError
from core.i18n import error_text
from intake.archives import unpack
from intake.filetypes import inspect
from intake.limits import MIB, Limits
from intake.types import FileKind, IncomingFile

PDF = b"%PDF-1.4\n" + b"x" * 200
LIMITS = Limits()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data, method)
    return out.getvalue()


def handmade(*members: tuple[bytes, bytes], flags: int = 0, extra: bytes = b"", attributes: int = 0) -> bytes:
    """Return a ZIP of stored members whose names are raw bytes, as desktop packers write them."""
    body, directory = b"", b""
    for name, data in members:
        common = struct.pack(
            "<HHHHIIIHH", flags, 0, 0, 0, zlib.crc32(data), len(data), len(data), len(name), len(extra)
        )
        directory += (
            b"PK\1\2\x14\3\x14\0" + common + struct.pack("<HHHII", 0, 0, 0, attributes, len(body)) + name + extra
        )
        body += b"PK\3\4\x14\0" + common + name + extra + data
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def unpacked(tmp_path: Path, data: bytes, limits: Limits = LIMITS) -> list[IncomingFile]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    into = tmp_path / "members"
    for old in into.glob("*"):
        old.unlink()
    found = list(unpack(path, "batch.zip", into, limits))
    kept = {item.path for item in found if item.error is None}
    assert kept == set(into.glob("*"))
    for item in found:
        assert item.name.startswith("batch.zip!/")
        if item.error is not None:
            assert not item.path.exists()
            assert item.name in error_text(item.error, "zh")
    return found


def codes(found: list[IncomingFile]) -> dict[str, str | None]:
    return {item.name.removeprefix("batch.zip!/"): item.error.code if item.error else None for item in found}


def refused(tmp_path: Path, data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises((Invalid, TooLarge)) as caught:
        unpacked(tmp_path, data, limits)
    for language in ("zh", "en"):
        assert "batch.zip" in error_text(caught.value, language)
    return caught.value.code


def test_members_come_out_under_ordinals_with_the_names_they_had(tmp_path: Path) -> None:
    members = (("张三/a.pdf".encode(), PDF), (b"b.pdf", PDF + b"2"), (b"b.pdf", PDF + b"3"))
    found = unpacked(tmp_path, handmade(*members))
    assert [item.name for item in found] == ["batch.zip!/张三/a.pdf", "batch.zip!/b.pdf", "batch.zip!/b.pdf"]
    assert [item.path.read_bytes() for item in found] == [PDF, PDF + b"2", PDF + b"3"]
    assert all(item.kind is FileKind.PDF and item.sha256 for item in found)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("证书/欧阳娜.pdf".encode("gbk"), "证书/欧阳娜.pdf"),
        ("模.pdf".encode("gbk"), "模.pdf"),  # valid UTF-8 by accident
        ("赵䶮喆.pdf".encode("gb18030"), "赵䶮喆.pdf"),
        ("證書/歐陽.pdf".encode("gbk"), "證書/歐陽.pdf"),
        ("证书/欧阳娜.pdf".encode(), "证书/欧阳娜.pdf"),
        ("张三\\乙.pdf".encode("gbk"), "张三/乙.pdf"),
        ("Müller é.pdf".encode("cp437"), "Müller é.pdf"),
        (b"plain.pdf", "plain.pdf"),
    ],
)
def test_names_without_an_encoding_are_read_as_their_packer_wrote_them(tmp_path: Path, raw: bytes, name: str) -> None:
    assert codes(unpacked(tmp_path, handmade((raw, PDF)))) == {name: None}


def test_a_unicode_path_field_wins_if_it_was_made_for_the_name(tmp_path: Path) -> None:
    raw = b"???.pdf"
    path = "张三.pdf".encode()
    for crc, name in ((zlib.crc32(raw), "张三.pdf"), (0, "???.pdf")):
        field = struct.pack("<HHBI", 0x7075, 5 + len(path), 1, crc) + path
        assert codes(unpacked(tmp_path, handmade((raw, PDF), extra=field))) == {name: None}


def test_a_malformed_utf8_name_stops_no_one(tmp_path: Path) -> None:
    found = unpacked(tmp_path, handmade(("张三.pdf".encode("gbk"), PDF), (b"b.pdf", PDF), flags=0x800))
    assert codes(found) == {"张三.pdf": None, "b.pdf": None}


def test_folders_and_leftovers_of_systems_are_passed_over(tmp_path: Path) -> None:
    data = zipped(
        ("甲/", b""), ("__MACOSX/._a.pdf", b"x"), ("甲/.DS_Store", b"x"), ("甲/Thumbs.db", b"x"), ("甲/a.pdf", PDF)
    )
    assert codes(unpacked(tmp_path, data)) == {"甲/a.pdf": None}


def test_an_archive_without_files_is_empty(tmp_path: Path) -> None:
    assert refused(tmp_path, zipped()) == "zip_empty"
    assert refused(tmp_path, zipped(("甲/", b""), ("__MACOSX/._a", b"x"))) == "zip_empty"
    path = tmp_path / "empty"
    path.write_bytes(zipped())
    assert inspect("empty.zip", path, LIMITS).kind is FileKind.ZIP


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_off_archive_is_damaged(tmp_path: Path, share: float) -> None:
    data = zipped(("a.pdf", PDF), ("b.pdf", PDF * 3))
    assert refused(tmp_path, data[: int(len(data) * share)]) == "zip_damaged"


def test_a_cut_off_archive_is_not_read_as_the_archive_inside_it(tmp_path: Path) -> None:
    inner = zipped(("inner.pdf", PDF))
    outer = zipped(("a.pdf", PDF), ("inner.zip", inner), method=zipfile.ZIP_STORED)
    assert refused(tmp_path, outer[: outer.index(inner) + len(inner)]) == "zip_damaged"


def test_overlapping_members_refuse_the_archive(tmp_path: Path) -> None:
    data = bytearray(handmade((b"a.pdf", PDF), (b"b.pdf", PDF)))
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    assert refused(tmp_path, bytes(data)) == "zip_overlap"
    quoted = bytearray(handmade((b"a.pdf", PDF), (b"b.pdf", PDF)))
    first = quoted.index(b"PK\1\2")
    quoted[first + 20 : first + 24] = struct.pack("<I", len(PDF) + 20)
    assert refused(tmp_path, bytes(quoted)) == "zip_overlap"
    running_over = bytearray(handmade((b"a.pdf", PDF)))
    only = running_over.index(b"PK\1\2")
    running_over[only + 20 : only + 24] = struct.pack("<I", len(PDF) + 1)
    assert refused(tmp_path, bytes(running_over)) == "zip_overlap"


def test_count_size_and_ratio_are_limited_from_the_directory(tmp_path: Path) -> None:
    three = zipped(*((f"{number}.pdf", PDF) for number in range(3)))
    assert refused(tmp_path, three, Limits(max_archive_members=2)) == "zip_too_many"
    assert len(unpacked(tmp_path, three, Limits(max_archive_members=3))) == 3
    assert refused(tmp_path, three, Limits(max_unpacked_bytes=3 * len(PDF) - 1)) == "zip_too_large"
    assert len(unpacked(tmp_path, three, Limits(max_unpacked_bytes=3 * len(PDF)))) == 3
    blanks = zipped(*((f"{number}.pdf", bytes(MIB)) for number in range(3)))
    assert refused(tmp_path, blanks) == "zip_ratio"


def test_a_bomb_is_refused_and_its_neighbours_go_on(tmp_path: Path) -> None:
    data = zipped(("bomb.pdf", PDF + bytes(20 * MIB)), ("large.pdf", bytes(60 * MIB)), ("a.pdf", PDF))
    assert codes(unpacked(tmp_path, data)) == {"bomb.pdf": "zip_ratio", "large.pdf": "file_too_large", "a.pdf": None}


def test_lying_sizes_and_checksums_refuse_the_member(tmp_path: Path) -> None:
    for field, value in ((16, 1), (24, len(PDF) - 1), (24, len(PDF) + 1)):
        data = bytearray(zipped(("a.pdf", PDF), ("b.pdf", PDF)))
        entry = data.index(b"PK\1\2")
        data[entry + field : entry + field + 4] = struct.pack("<I", value)
        assert codes(unpacked(tmp_path, bytes(data))) == {"a.pdf": "member_damaged", "b.pdf": None}


def test_broken_packed_bytes_refuse_the_member(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.pdf", PDF), ("b.pdf", PDF)))
    data[35:40] = b"\xff\xff\xff\xff\xff"
    assert codes(unpacked(tmp_path, bytes(data))) == {"a.pdf": "member_damaged", "b.pdf": None}


@pytest.mark.parametrize(
    "name",
    [
        "../a.pdf",
        "甲/../../a.pdf",
        "/etc/a.pdf",
        "C:\\a.pdf",
        "\\\\server\\a.pdf",
        "a\x1b[2J.pdf",
        "a\u202egpj.pdf",
        " ",
    ],
)
def test_unsafe_names_refuse_the_member(tmp_path: Path, name: str) -> None:
    found = unpacked(tmp_path, handmade((name.encode(), PDF), (b"b.pdf", PDF), flags=0x800))
    assert [item.error.code if item.error else None for item in found] == ["unsafe_name", None]
    assert "\x1b" not in found[0].name
    assert "\u202e" not in found[0].name


def test_long_names_are_shortened_and_refused(tmp_path: Path) -> None:
    (found,) = unpacked(tmp_path, handmade((b"a" * 60_000 + b".pdf", PDF)))
    assert found.error is not None
    assert found.error.code == "name_too_long"
    assert len(found.name) < 500


def test_links_are_refused(tmp_path: Path) -> None:
    data = handmade((b"link.pdf", b"/etc/passwd"), attributes=0o120777 << 16)
    assert codes(unpacked(tmp_path, data)) == {"link.pdf": "unsafe_name"}


def test_passwords_nesting_office_and_odd_methods_refuse_the_member(tmp_path: Path) -> None:
    office = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
    data = zipped(
        ("inner.zip", zipped(("x.pdf", PDF))), ("a.docx", office), ("b.pdf", PDF), ("c.jpg", b"text"), ("d", b"")
    )
    assert codes(unpacked(tmp_path, data)) == {
        "inner.zip": "nested_archive",
        "a.docx": "unsupported_type",
        "b.pdf": None,
        "c.jpg": "unsupported_type",
        "d": "file_empty",
    }
    assert codes(unpacked(tmp_path, handmade((b"a.pdf", PDF), flags=1))) == {"a.pdf": "zip_encrypted"}
    assert codes(unpacked(tmp_path, zipped(("a.pdf", PDF), method=zipfile.ZIP_LZMA))) == {"a.pdf": "zip_method"}


def test_office_documents_are_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>")))
    found = inspect("名单.zip", path, LIMITS)
    assert found.error is not None
    assert found.error.code == "unsupported_type"
    assert "Office" in error_text(found.error, "zh")


def test_zip64_archives_are_read(tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a.pdf", "w", force_zip64=True) as member:
        member.write(PDF)
    assert codes(unpacked(tmp_path, out.getvalue())) == {"a.pdf": None}


SOUND = zipped(("张三/a.pdf", PDF), ("b.pdf", PDF * 3), ("甲/", b""))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_archives_give_members_or_coded_errors(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(SOUND)
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8)):
        whole[at] = byte
    with suppress(XuefenError):
        assert unpacked(tmp_path, bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300))
def test_random_bytes_are_a_damaged_archive(tmp_path: Path, body: bytes) -> None:
    assert refused(tmp_path, b"PK\3\4" + body).startswith("zip_")
