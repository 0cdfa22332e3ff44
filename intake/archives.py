"""Unpacks ZIP archives that may mean harm: all is checked from the directory first, and again while bytes come out.

Members are written under ordinals; their names are only ever shown, never used as paths. What is wrong with the archive
as a whole is raised; what is wrong with a member refuses that member and the rest goes on.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import Invalid, TooLarge, XuefenError
from intake.filetypes import inspect, too_large
from intake.limits import MIB, Limits
from intake.types import FileKind, IncomingFile
from intake.zipdirectory import ZipDamaged, ZipEntry, ZipFrame, data_start, find_directory, read_entries
from intake.zipnames import decode_names, is_junk, is_unsafe, shown_name

MEMBER_MARK = "!/"
"""Stands between an archive's name and its member's: `batch.zip!/张三/a.jpg`."""

_STORED, _DEFLATED = 0, 8
_RAW_DEFLATE = -15
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Member:
    """A member that is a file: what to call it, and where its packed bytes begin (None: no local header there)."""

    name: str
    shown: str
    entry: ZipEntry
    start: int | None


def unpack(path: Path, name: str, into: Path, limits: Limits) -> Iterator[IncomingFile]:
    """Yield the members of the ZIP at `path`, each written to a file of its own in the folder `into`, or refused.

    `name` is how the uploader knows the archive. Raises Invalid (zip_damaged, zip_empty, zip_overlap) or TooLarge
    (zip_too_many, zip_too_large, zip_ratio) before the first member. Folders and what operating systems leave behind
    are passed over. `into` is made if it is not there, and holds nothing else yet. The `path` of a refused member is
    where it would have been: no bytes of it stay on disk.
    """
    into.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as stream:
        members = _checked_members(stream, path.stat().st_size, name, limits)
        for ordinal, member in enumerate(members, start=1):
            yield _take_out(stream, member, into / f"{ordinal:05d}", limits)


def _checked_members(stream: BinaryIO, length: int, name: str, limits: Limits) -> list[_Member]:
    try:
        frame = find_directory(stream, length)
        entries = _limited_entries(stream, frame, name, limits)
    except ZipDamaged:
        raise Invalid("zip_damaged", "The archive {file} is damaged or cut off.", file=name) from None
    starts = [data_start(stream, entry, frame) for entry in entries]
    _refuse_overlap(entries, starts, frame, name)
    members = [
        _Member(decoded, shown_name(name + MEMBER_MARK + decoded, len(name) + limits.max_name_length), entry, start)
        for decoded, entry, start in zip(decode_names(entries), entries, starts, strict=True)
        if not (entry.is_directory or decoded.endswith("/") or is_junk(decoded))
    ]
    if not members:
        raise Invalid("zip_empty", "The archive {file} holds no files.", file=name)
    _refuse_bombs([member.entry for member in members], name, limits)
    return members


def _limited_entries(stream: BinaryIO, frame: ZipFrame, name: str, limits: Limits) -> list[ZipEntry]:
    entries: list[ZipEntry] = []
    for entry in read_entries(stream, frame):
        if len(entries) == limits.max_archive_members:
            raise TooLarge(
                "zip_too_many",
                "The archive {file} holds more than {most} files.",
                file=name,
                most=limits.max_archive_members,
            )
        entries.append(entry)
    return entries


def _refuse_overlap(entries: list[ZipEntry], starts: list[int | None], frame: ZipFrame, name: str) -> None:
    """Raise Invalid if two members share bytes or one runs into the directory: few bytes, unpacked many times."""
    extents = sorted(
        (entry.offset, start + entry.packed) for entry, start in zip(entries, starts, strict=True) if start is not None
    )
    following = [offset for offset, _ in extents[1:]] + [frame.start]
    if any(end > limit for (_, end), limit in zip(extents, following, strict=False)):
        raise Invalid("zip_overlap", "The archive {file} holds overlapping files: it is refused as a whole.", file=name)


def _refuse_bombs(entries: list[ZipEntry], name: str, limits: Limits) -> None:
    """Raise TooLarge if the members that will be unpacked come to too much, by themselves or for their packed size."""
    taken = [entry for entry in entries if not _is_swollen(entry, limits) and entry.unpacked <= limits.max_file_bytes]
    packed, unpacked = sum(entry.packed for entry in taken), sum(entry.unpacked for entry in taken)
    if unpacked > limits.max_unpacked_bytes:
        raise TooLarge(
            "zip_too_large",
            "The archive {file} unpacks to more than {most} MB.",
            file=name,
            most=f"{limits.max_unpacked_bytes / MIB:g}",
        )
    if unpacked > limits.ratio_floor_bytes and unpacked > limits.max_ratio * packed:
        raise _ratio_error(name, limits)


def _is_swollen(entry: ZipEntry, limits: Limits) -> bool:
    return entry.unpacked > limits.ratio_floor_bytes and entry.unpacked > limits.max_ratio * entry.packed


def _ratio_error(name: str, limits: Limits) -> TooLarge:
    return TooLarge(
        "zip_ratio",
        "The file {file} unpacks to more than {most} times its packed size: it is not unpacked.",
        file=name,
        most=limits.max_ratio,
    )


def _take_out(stream: BinaryIO, member: _Member, target: Path, limits: Limits) -> IncomingFile:
    """Return a member as a file on disk, or with the error that refuses it and nothing left on disk."""
    try:
        start = _checked_start(member, limits)
        _write(stream, member, start, target)
        found = inspect(member.shown, target, limits)
        if found.kind is FileKind.ZIP:
            raise Invalid(
                "nested_archive", "{file} is an archive inside an archive: send it by itself.", file=member.shown
            )
    except XuefenError as error:
        target.unlink(missing_ok=True)
        return IncomingFile(name=member.shown, path=target, size=member.entry.unpacked, error=error)
    if found.error is not None:
        target.unlink()
    return found


def _checked_start(member: _Member, limits: Limits) -> int:
    """Return where the packed bytes of an acceptable member begin; raise what refuses it by the directory alone."""
    entry, shown = member.entry, member.shown
    if len(member.name) > limits.max_name_length:
        raise Invalid(
            "name_too_long",
            "The name of {file} is longer than {most} characters.",
            file=shown,
            most=limits.max_name_length,
        )
    if entry.is_special or is_unsafe(member.name):
        raise Invalid(
            "unsafe_name",
            "{file} is a link or has an unsafe name: it is not unpacked.",
            file=shown,
        )
    if entry.encrypted:
        raise Invalid("zip_encrypted", "{file} is protected by a password: pack it without one.", file=shown)
    if entry.method not in (_STORED, _DEFLATED):
        raise Invalid(
            "zip_method", "{file} is packed by a method that is not read: pack it as an ordinary ZIP.", file=shown
        )
    if entry.unpacked > limits.max_file_bytes:
        raise too_large(shown, limits.max_file_bytes)
    if _is_swollen(entry, limits):
        raise _ratio_error(shown, limits)
    if member.start is None:
        raise _member_damaged(shown)
    return member.start


def _member_damaged(shown: str) -> Invalid:
    return Invalid("member_damaged", "{file} is damaged inside its archive.", file=shown)


def _write(stream: BinaryIO, member: _Member, start: int, target: Path) -> None:
    """Write a member's bytes; raise Invalid if they are not as many as the directory says, or not the same."""
    written, crc = 0, 0
    try:
        with target.open("xb") as out:
            for piece in _pieces(stream, member.entry, start):
                written += len(piece)
                if written > member.entry.unpacked:
                    break
                crc = zlib.crc32(piece, crc)
                out.write(piece)
    except zlib.error:
        raise _member_damaged(member.shown) from None
    if written != member.entry.unpacked or crc != member.entry.crc:
        raise _member_damaged(member.shown)


def _pieces(stream: BinaryIO, entry: ZipEntry, start: int) -> Iterator[bytes]:
    """Yield a member's bytes in pieces of bounded size, whatever its packed bytes would grow to."""
    stream.seek(start)
    left = entry.packed
    inflater = zlib.decompressobj(_RAW_DEFLATE) if entry.method == _DEFLATED else None
    while left > 0 and (packed := stream.read(min(left, _CHUNK))):
        left -= len(packed)
        if inflater is None:
            yield packed
            continue
        while packed and not inflater.eof:
            yield inflater.decompress(packed, _CHUNK)
            packed = inflater.unconsumed_tail
    if inflater is not None and not inflater.eof:
        yield inflater.flush(_CHUNK)
