"""Reads the directory of a ZIP archive (PKWARE APPNOTE 6.3.10), one entry at a time and without unpacking anything.

The standard library's reader holds a whole directory in memory however many entries it has, fails for all members when
one name is malformed, and (in 3.11) sees no overlapping members. This one yields entries until the caller has enough.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_END = b"PK\5\6"
_END_LENGTH = 22
_END64_LOCATOR = b"PK\6\7"
_END64_LOCATOR_LENGTH = 20
_END64 = b"PK\6\6"
_END64_LENGTH = 56
_ENTRY = b"PK\1\2"
_ENTRY_LENGTH = 46
_LOCAL = b"PK\3\4"
_LOCAL_LENGTH = 30
_MAX_COMMENT = 0xFFFF
_UNSET32 = 0xFFFFFFFF

_ZIP64_EXTRA = 0x0001
_UNICODE_PATH_EXTRA = 0x7075
_UNICODE_PATH_HEAD = 5
_MAX_NAME = 4_096

_FLAG_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_FLAG_UTF8 = 0x0800
_UNIX_MAKERS = frozenset({3, 19})
_FILE_TYPE, _REGULAR, _DIRECTORY = 0o170000, 0o100000, 0o040000
_DOS_DIRECTORY = 0x10

_OFFICE_ENTRIES_READ = 200
_OFFICE_FOLDERS = (b"word/", b"xl/", b"ppt/", b"visio/")
_OTHER_DOCUMENTS = (b"OFD.xml", b"META-INF/manifest.xml")


class ZipDamaged(Exception):
    """The archive's directory cannot be found or contradicts itself."""


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry as the directory states it; sizes in bytes, `offset` of its local header from the start of the file."""

    raw_name: bytes
    """Cut after 4,096 bytes: no limit takes such a name, and a directory of them would fill the memory."""

    utf8: bool
    unicode_name: str | None
    method: int
    crc: int
    packed: int
    unpacked: int
    offset: int
    encrypted: bool
    is_directory: bool
    is_special: bool
    """A symbolic link, device or the like."""


@dataclass(frozen=True, slots=True)
class ZipFrame:
    """Where the directory lies in the file: first byte, and first byte after it."""

    start: int
    end: int


def find_directory(stream: BinaryIO, length: int) -> ZipFrame:
    """Return where the central directory lies; raise ZipDamaged if there is none.

    It must lie where the archive says. Nothing stands before a file that begins with a ZIP's mark, so a difference
    means that the end was found of another archive: one packed inside this one, whose own end is lost.
    """
    tail_at = max(0, length - _END_LENGTH - _MAX_COMMENT)
    stream.seek(tail_at)
    tail = stream.read(length - tail_at)
    found = tail.rfind(_END)
    if found < 0 or len(tail) - found < _END_LENGTH:
        raise ZipDamaged
    size, offset = struct.unpack("<II", tail[found + 12 : found + 20])
    end = tail_at + found
    if _UNSET32 in (size, offset) or tail[found + 8 : found + 12] == b"\xff\xff\xff\xff":
        wide = _directory64(stream, end)
        if wide is not None:
            end, size, offset = wide
    start = end - size
    if start < 0 or start != offset:
        raise ZipDamaged
    return ZipFrame(start=start, end=end)


def _directory64(stream: BinaryIO, end: int) -> tuple[int, int, int] | None:
    """Return (end of directory, its size, its offset) from the ZIP64 records before `end`, if there are any."""
    if end < _END64_LOCATOR_LENGTH:
        return None
    stream.seek(end - _END64_LOCATOR_LENGTH)
    locator = stream.read(_END64_LOCATOR_LENGTH)
    if locator[:4] != _END64_LOCATOR:
        return None
    record_at = end - _END64_LOCATOR_LENGTH - _END64_LENGTH
    if record_at < 0:
        raise ZipDamaged
    stream.seek(record_at)
    record = stream.read(_END64_LENGTH)
    if record[:4] != _END64:
        raise ZipDamaged
    size, offset = struct.unpack("<QQ", record[40:56])
    return record_at, size, offset


def read_entries(stream: BinaryIO, frame: ZipFrame) -> Iterator[ZipEntry]:
    """Yield the entries in the directory's order; raise ZipDamaged where it breaks off."""
    position = frame.start
    while position < frame.end:
        stream.seek(position)
        fixed = stream.read(_ENTRY_LENGTH)
        if len(fixed) < _ENTRY_LENGTH or fixed[:4] != _ENTRY:
            raise ZipDamaged
        name_length, extra_length, comment_length = struct.unpack("<HHH", fixed[28:34])
        rest = stream.read(name_length + extra_length)
        position += _ENTRY_LENGTH + name_length + extra_length + comment_length
        if len(rest) < name_length + extra_length or position > frame.end:
            raise ZipDamaged
        yield _entry(fixed, rest[:name_length], rest[name_length:])


def _entry(fixed: bytes, name: bytes, extra: bytes) -> ZipEntry:
    maker, flags, method = fixed[5], *struct.unpack("<HH", fixed[8:12])
    crc, packed, unpacked = struct.unpack("<III", fixed[16:28])
    attributes, offset = struct.unpack("<II", fixed[38:46])
    fields = _extra_fields(extra)
    packed, unpacked, offset = _wide(fields.get(_ZIP64_EXTRA, b""), packed, unpacked, offset)
    file_type = attributes >> 16 & _FILE_TYPE if maker in _UNIX_MAKERS else 0
    return ZipEntry(
        raw_name=name[:_MAX_NAME],
        utf8=bool(flags & _FLAG_UTF8),
        unicode_name=_unicode_path(fields.get(_UNICODE_PATH_EXTRA, b""), name),
        method=method,
        crc=crc,
        packed=packed,
        unpacked=unpacked,
        offset=offset,
        encrypted=bool(flags & _FLAG_ENCRYPTED),
        is_directory=name.endswith(b"/")
        or file_type == _DIRECTORY
        or (bool(attributes & _DOS_DIRECTORY) and not unpacked),
        is_special=file_type not in (0, _REGULAR, _DIRECTORY),
    )


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    position = 0
    while position + 4 <= len(extra):
        tag, size = struct.unpack("<HH", extra[position : position + 4])
        fields.setdefault(tag, extra[position + 4 : position + 4 + size])
        position += 4 + size
    return fields


def _wide(field: bytes, packed: int, unpacked: int, offset: int) -> tuple[int, int, int]:
    """Replace what is set to all ones by the values of the ZIP64 field: unpacked, packed, offset, in this order."""
    values = [unpacked, packed, offset]
    at = 0
    for index, value in enumerate(values):
        if value == _UNSET32 and at + 8 <= len(field):
            (values[index],) = struct.unpack("<Q", field[at : at + 8])
            at += 8
    unpacked, packed, offset = values
    return packed, unpacked, offset


def _unicode_path(field: bytes, name: bytes) -> str | None:
    """Return the name of an Info-ZIP Unicode Path field if it was made for this very name."""
    if not _UNICODE_PATH_HEAD < len(field) <= _UNICODE_PATH_HEAD + _MAX_NAME:
        return None
    if field[0] != 1 or int.from_bytes(field[1:5], "little") != zlib.crc32(name):
        return None
    try:
        return field[5:].decode("utf-8")
    except UnicodeDecodeError:
        return None


def data_start(stream: BinaryIO, entry: ZipEntry, frame: ZipFrame) -> int | None:
    """Return where a member's packed bytes begin by its local header, or None if no header stands there."""
    if entry.offset + _LOCAL_LENGTH > frame.start:
        return None
    stream.seek(entry.offset)
    header = stream.read(_LOCAL_LENGTH)
    if len(header) < _LOCAL_LENGTH or header[:4] != _LOCAL:
        return None
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    return int(entry.offset + _LOCAL_LENGTH + name_length + extra_length)


def holds_office_document(stream: BinaryIO, length: int) -> bool:
    """Return whether the archive is a document itself (OOXML, OpenDocument, OFD), judged by its first entries."""
    entries = read_entries(stream, find_directory(stream, length))
    names = {entry.raw_name for _, entry in zip(range(_OFFICE_ENTRIES_READ), entries, strict=False)}
    if b"[Content_Types].xml" in names and any(name.startswith(_OFFICE_FOLDERS) for name in names):
        return True
    return any(name in names for name in _OTHER_DOCUMENTS)
