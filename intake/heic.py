"""Reads the size of a HEIC picture from its boxes (ISO/IEC 14496-12, ISO/IEC 23008-12), without its decoder. Pure."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from intake.headerparts import Damaged, Size, Truncated, positive, take

_MAX_BOXES = 20_000
_MAX_META = 8 * 1024 * 1024
_ISPE_LENGTH = 12


def heic_size(stream: BinaryIO, length: int) -> Size:
    """Return the largest `ispe` extent of the file: that of the whole grid, not of its tiles or thumbnail.

    Phones append trailers that are no boxes, so only the boxes that an image needs must lie inside the file.
    """
    extents: list[Size] = []
    for name, start, end in _boxes_of_file(stream, length):
        if end > length:
            if name in (b"ftyp", b"meta", b"mdat"):
                raise Truncated
            break
        if name == b"meta":
            if end - start > _MAX_META:
                raise Damaged
            stream.seek(start)
            meta = take(stream, end - start)
            extents.extend(_extents(meta))
    if not extents:
        raise Damaged
    return positive(*max(extents, key=lambda size: size[0] * size[1]))


def _boxes_of_file(stream: BinaryIO, length: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, start of contents, end) of the outermost boxes."""
    position = 0
    for _ in range(_MAX_BOXES):
        if position + 8 > length:
            return
        stream.seek(position)
        size, name = struct.unpack(">I4s", take(stream, 8))
        start = position + 8
        if size == 1:
            (size,) = struct.unpack(">Q", take(stream, 8))
            start += 8
        end = length if size == 0 else position + size
        if end < start:
            return
        yield name, start, end
        position = end


def _extents(meta: bytes) -> Iterator[Size]:
    """Yield the (width, height) of each `ispe` in meta/iprp/ipco; `meta` and `ispe` begin with version and flags."""
    for properties in _boxes_within(meta[4:], b"iprp"):
        for container in _boxes_within(properties, b"ipco"):
            for extent in _boxes_within(container, b"ispe"):
                if len(extent) >= _ISPE_LENGTH:
                    width, height = struct.unpack(">II", extent[4:12])
                    yield width, height


def _boxes_within(data: bytes, wanted: bytes) -> Iterator[bytes]:
    position = 0
    while position + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[position : position + 8])
        end = len(data) if size == 0 else position + size
        if end < position + 8:
            raise Damaged
        if name == wanted:
            yield data[position + 8 : end]
        position = end
