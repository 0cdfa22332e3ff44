"""What the readers of image headers share. Pure."""

from typing import BinaryIO

Size = tuple[int, int]
"""Width and height in pixels."""


class HeaderError(Exception):
    """Base of the two ways in which an image's frame can be broken."""


class Truncated(HeaderError):
    """The file ends before its format says it may."""


class Damaged(HeaderError):
    """The file contradicts its format."""


def take(stream: BinaryIO, count: int) -> bytes:
    """Return the next `count` bytes; raise Truncated if there are fewer."""
    data = stream.read(count)
    if len(data) < count:
        raise Truncated
    return data


def positive(width: int, height: int) -> Size:
    """Return a size that has an area; raise Damaged otherwise."""
    if width <= 0 or height <= 0:
        raise Damaged
    return width, height
