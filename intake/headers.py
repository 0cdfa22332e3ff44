"""Reads the sizes of images from their headers, in plain Python: no decoder sees a file before its size is known.

Decoders take memory by what a header claims (a 124 KB PNG of 32,000 x 32,000 took OpenCV 5.9 GB and 56 s), and they are
native code that only the limited reader child may run on an upload. Each function takes an open stream and the file's
size in bytes, and returns the (width, height) of its pages in pixels.

They raise `Truncated` where the file ends too early and `Damaged` where a header contradicts its format.
"""

import struct
from collections.abc import Callable
from typing import BinaryIO

from intake.headerparts import Damaged, Size, Truncated, positive, take
from intake.heic import heic_size
from intake.types import FileKind

_CHUNK = 64 * 1024
_MAX_SEGMENTS = 20_000
_MAX_CHUNKS = 500_000
_IHDR_LENGTH = 13
_OS2_HEADER = 12
_BIG_TIFF = 43


def image_sizes(kind: FileKind, stream: BinaryIO, length: int, max_pages: int) -> list[Size]:
    """Return the sizes of an image's pages; of a TIFF at most `max_pages` + 1, enough to see that it has too many."""
    if kind is FileKind.TIFF:
        return _tiff(stream, length, max_pages)
    return [_READERS[kind](stream, length)]


# --- JPEG (ITU T.81) ---------------------------------------------------------------------------------------------

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _EOI = 0xDA, 0xD9


def _jpeg(stream: BinaryIO, _length: int) -> Size:
    stream.seek(2)
    size: Size | None = None
    for _ in range(_MAX_SEGMENTS):
        marker = _next_marker(stream)
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            raise Damaged
        (segment,) = struct.unpack(">H", take(stream, 2))
        if marker in _SOF:
            _, height, width = struct.unpack(">BHH", take(stream, 5))
            size = positive(width, height)
            stream.seek(segment - 7, 1)
        elif marker == _SOS:
            if size is None:
                raise Damaged
            _expect_end_of_image(stream)
            return size
        else:
            stream.seek(max(segment - 2, 0), 1)
    raise Damaged


def _next_marker(stream: BinaryIO) -> int:
    """Skip to the next marker; a little rubbish between segments is skipped, as the common decoder does."""
    before = b""
    for _ in range(_CHUNK):
        byte = take(stream, 1)
        if before == b"\xff" and byte not in (b"\xff", b"\0"):
            return byte[0]
        before = byte
    raise Damaged


def _expect_end_of_image(stream: BinaryIO) -> None:
    """Look for FF D9 after the start of the scan: entropy-coded data never holds it, whatever trails is allowed."""
    before = b""
    while chunk := stream.read(_CHUNK):
        if b"\xff\xd9" in before + chunk:
            return
        before = chunk[-1:]
    raise Truncated


# --- PNG (ISO/IEC 15948) -----------------------------------------------------------------------------------------


def _png(stream: BinaryIO, length: int) -> Size:
    stream.seek(8)
    first, name, width, height = struct.unpack(">I4sII", take(stream, 16))
    if name != b"IHDR" or first != _IHDR_LENGTH:
        raise Damaged
    size = positive(width, height)
    position, has_pixels = 8, False
    for _ in range(_MAX_CHUNKS):
        stream.seek(position)
        chunk, name = struct.unpack(">I4s", take(stream, 8))
        position += 12 + chunk
        if name == b"IEND":
            break
        if not name.isalpha():
            if has_pixels:  # rubbish after the pixels is the decoder's to forgive
                return size
            raise Damaged
        if position > length:
            raise Truncated
        has_pixels = has_pixels or name == b"IDAT"
    if not has_pixels:
        raise Damaged
    return size


# --- WebP (RFC 9649) ---------------------------------------------------------------------------------------------


def _webp(stream: BinaryIO, length: int) -> Size:
    stream.seek(4)
    (riff,) = struct.unpack("<I", take(stream, 4))
    if riff + 7 > length:  # one byte of padding is often missing
        raise Truncated
    stream.seek(12)
    name = take(stream, 4)
    take(stream, 4)
    if name == b"VP8X":
        data = take(stream, 10)
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if name == b"VP8L":
        data = take(stream, 5)
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 ":
        data = take(stream, 10)
        if data[3:6] != b"\x9d\x01\x2a":
            raise Damaged
        width, height = struct.unpack("<HH", data[6:10])
        return positive(width & 0x3FFF, height & 0x3FFF)
    raise Damaged


# --- BMP ---------------------------------------------------------------------------------------------------------


def _bmp(stream: BinaryIO, length: int) -> Size:
    stream.seek(10)
    offset, header = struct.unpack("<II", take(stream, 8))
    if header == _OS2_HEADER:
        width, height, _, depth = struct.unpack("<HHHH", take(stream, 8))
        compression = 0
    else:
        width, height, _, depth, compression = struct.unpack("<iiHHI", take(stream, 16))
    size = positive(width, abs(height))
    row = (width * depth + 31) // 32 * 4
    if compression == 0 and offset + row * abs(height) > length:
        raise Truncated
    return size


# --- TIFF 6.0 and BigTIFF ----------------------------------------------------------------------------------------

_WIDTH_TAG, _HEIGHT_TAG = 256, 257
_MAX_TAGS = 4_096
_VALUE_FORMATS = {1: "B", 3: "H", 4: "I", 16: "Q"}


def _tiff(stream: BinaryIO, length: int, max_pages: int) -> list[Size]:
    stream.seek(0)
    order = "<" if take(stream, 2) == b"II" else ">"
    big = struct.unpack(order + "H", take(stream, 2))[0] == _BIG_TIFF
    if big:
        stream.seek(8)
    pointer = order + ("Q" if big else "I")
    sizes: list[Size] = []
    seen: set[int] = set()
    (offset,) = struct.unpack(pointer, take(stream, struct.calcsize(pointer)))
    while offset and len(sizes) <= max_pages:
        if offset in seen:
            break
        if offset >= length:
            raise Truncated
        seen.add(offset)
        stream.seek(offset)
        sizes.append(_tiff_directory(stream, order, big=big))
        (offset,) = struct.unpack(pointer, take(stream, struct.calcsize(pointer)))
    if not sizes:
        raise Damaged
    return sizes


def _tiff_directory(stream: BinaryIO, order: str, *, big: bool) -> Size:
    """Read one page's directory; the stream then stands at the pointer to the next."""
    counter, entry_bytes, value_at = ("Q", 20, 12) if big else ("H", 12, 8)
    (count,) = struct.unpack(order + counter, take(stream, struct.calcsize(order + counter)))
    if count > _MAX_TAGS:
        raise Damaged
    found: dict[int, int] = {}
    for _ in range(count):
        entry = take(stream, entry_bytes)
        tag, kind = struct.unpack(order + "HH", entry[:4])
        if tag in (_WIDTH_TAG, _HEIGHT_TAG):
            if kind not in _VALUE_FORMATS:
                raise Damaged
            form = order + _VALUE_FORMATS[kind]
            value = entry[value_at : value_at + struct.calcsize(form)]
            if len(value) < struct.calcsize(form):
                raise Damaged
            found[tag] = struct.unpack(form, value)[0]
    return positive(found.get(_WIDTH_TAG, 0), found.get(_HEIGHT_TAG, 0))


_READERS: dict[FileKind, Callable[[BinaryIO, int], Size]] = {
    FileKind.JPEG: _jpeg,
    FileKind.PNG: _png,
    FileKind.WEBP: _webp,
    FileKind.BMP: _bmp,
    FileKind.HEIC: heic_size,
}
