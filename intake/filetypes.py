"""Tells what a file is by its bytes and whether it may go on to be read; headers are looked at, nothing is decoded.

A PDF is known by its mark alone: it is opened in the limited reader child and nowhere else.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.errors import Invalid, NotFound, TooLarge, XuefenError
from intake.headerparts import Damaged, Truncated
from intake.headers import image_sizes
from intake.limits import MIB, Limits
from intake.types import FileKind, IncomingFile
from intake.zipdirectory import ZipDamaged, holds_office_document

EXTENSION_MISMATCH = "extension_mismatch"

_HEAD = 1024
_SUFFIXES: dict[FileKind, frozenset[str]] = {
    FileKind.JPEG: frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}),
    FileKind.PNG: frozenset({".png", ".apng"}),
    FileKind.WEBP: frozenset({".webp"}),
    FileKind.TIFF: frozenset({".tif", ".tiff"}),
    FileKind.BMP: frozenset({".bmp", ".dib"}),
    FileKind.HEIC: frozenset({".heic", ".heif", ".hif"}),
    FileKind.PDF: frozenset({".pdf"}),
    FileKind.ZIP: frozenset({".zip"}),
}
# What follows the last dot of a name such as 张三.2019 is no suffix.
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{1,4}")

_MARKS: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\0", FileKind.TIFF),
    (b"MM\0*", FileKind.TIFF),
    (b"II+\0", FileKind.TIFF),  # BigTIFF
    (b"MM\0+", FileKind.TIFF),
    (b"%PDF-", FileKind.PDF),
    (b"PK\3\4", FileKind.ZIP),
    (b"PK\5\6", FileKind.ZIP),  # without members
    (b"PK\7\x08PK\3\4", FileKind.ZIP),  # written as one volume
)
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1", b"mif2"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})

_NOT_TAKEN = "The file {file} is not a picture, a PDF or a ZIP archive by its content."
_OFFICE = "The file {file} is an Office document: save it as PDF, or send a scan or photo."
_OTHER_ARCHIVE = "The file {file} is an archive of another kind than ZIP: pack it as ZIP."
_OTHER_PICTURE = "The file {file} is a picture of a kind that is not read: save it as JPEG or PNG."
_LOOKALIKES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),  # DOC, XLS, PPT, WPS and encrypted DOCX
    (b"{\\rtf", _OFFICE),
    (b"Rar!\x1a\x07", _OTHER_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _OTHER_ARCHIVE),
    (b"\x1f\x8b", _OTHER_ARCHIVE),
    (b"BZh", _OTHER_ARCHIVE),
    (b"\xfd7zXZ\x00", _OTHER_ARCHIVE),
    (b"GIF8", _OTHER_PICTURE),
    (b"\x00\x00\x00\x0cjP  ", _OTHER_PICTURE),  # JPEG 2000
    (b"\xff\x0a", _OTHER_PICTURE),  # JPEG XL
    (b"\x00\x00\x00\x0cJXL ", _OTHER_PICTURE),
)


def kind_of(head: bytes) -> FileKind | None:
    """Return the kind of a file that begins with `head` (its first 1024 bytes), or None for what is not taken.

    Office documents are ZIP by this; `inspect` looks inside. A PDF may have up to 1024 bytes of rubbish before its mark
    (PDF 1.7, Annex H, implementation note 13).
    """
    known = next((kind for mark, kind in _MARKS if head.startswith(mark)), None)
    if known is not None:
        return known
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return FileKind.BMP
    if head[4:8] == b"ftyp":
        return FileKind.HEIC if _is_heic(head) else None
    lookalike = any(head.startswith(mark) for mark, _ in _LOOKALIKES)
    return FileKind.PDF if b"%PDF-" in head and not lookalike else None


def _is_heic(head: bytes) -> bool:
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & _HEIC_BRANDS:
        return True
    return bool(brands & _HEIF_BRANDS) and not brands & _AVIF_BRANDS


def inspect(name: str, path: Path, limits: Limits) -> IncomingFile:
    """Return what the file at `path` is, with its SHA-256, or with the coded error that refuses it; never raises.

    `name` is how the uploader knows the file and is all that errors say of it.
    """
    found = IncomingFile(name=name, path=path)
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            found = replace(found, size=size)
            kind = _checked_kind(name, stream, size, limits)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except XuefenError as error:
        return replace(found, error=error)
    except FileNotFoundError:
        return replace(found, error=NotFound("file_not_found", "There is no file {file}.", file=name))
    except OSError:
        return replace(found, error=Invalid("file_unreadable", "The file {file} cannot be opened.", file=name))
    return replace(found, kind=kind, sha256=digest, notes=_notes(name, kind))


def _checked_kind(name: str, stream: BinaryIO, size: int, limits: Limits) -> FileKind:
    """Return the kind of an acceptable file; raise Invalid or TooLarge for another."""
    if size == 0:
        raise Invalid("file_empty", "The file {file} is empty.", file=name)
    head = stream.read(_HEAD)
    kind = kind_of(head)
    if kind is None:
        raise Invalid("unsupported_type", _why_not_taken(head), file=name)
    most = limits.max_archive_bytes if kind is FileKind.ZIP else limits.max_file_bytes
    if size > most:
        raise too_large(name, most)
    if kind is FileKind.ZIP:
        _refuse_office(name, stream, size)
    elif kind is not FileKind.PDF:
        _check_image(name, kind, stream, size, limits)
    return kind


def too_large(name: str, most_bytes: int) -> TooLarge:
    """Return the error of a file of more than `most_bytes` bytes."""
    return TooLarge(
        "file_too_large", "The file {file} is larger than {most} MB.", file=name, most=f"{most_bytes / MIB:g}"
    )


def _why_not_taken(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS | _HEIF_BRANDS:
        return _OTHER_PICTURE
    return next((message for mark, message in _LOOKALIKES if head.startswith(mark)), _NOT_TAKEN)


def _refuse_office(name: str, stream: BinaryIO, size: int) -> None:
    try:
        office = holds_office_document(stream, size)
    except ZipDamaged:
        return  # the unpacking says so, with a code of its own
    if office:
        raise Invalid("unsupported_type", _OFFICE, file=name)


def _check_image(name: str, kind: FileKind, stream: BinaryIO, size: int, limits: Limits) -> None:
    try:
        pages = image_sizes(kind, stream, size, limits.max_pages)
    except Truncated:
        raise Invalid("image_truncated", "The picture {file} is cut off: its end is missing.", file=name) from None
    except Damaged:
        raise Invalid("image_damaged", "The picture {file} is damaged.", file=name) from None
    if len(pages) > limits.max_pages:
        raise TooLarge(
            "too_many_pages", "The file {file} has more than {most} pages.", file=name, most=limits.max_pages
        )
    for number, (width, height) in enumerate(pages, start=1):
        if width * height > limits.max_pixels or max(width, height) > limits.max_side:
            raise TooLarge(
                "image_too_large",
                "The picture {file} has {width} x {height} pixels: more than can be read.",
                page=number,
                file=name,
                width=width,
                height=height,
            )


def _notes(name: str, kind: FileKind) -> tuple[str, ...]:
    suffix = PurePosixPath(name).suffix.lower()
    if _SUFFIX.fullmatch(suffix) and suffix not in _SUFFIXES[kind]:
        return (EXTENSION_MISMATCH,)
    return ()
