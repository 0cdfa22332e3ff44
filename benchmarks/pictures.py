"""Keeps the page pictures of a run on disk, and cuts out what a miss is about."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import numpy as np

from core.errors import XuefenError
from intake.types import FileKind
from ocr.types import FileReading

T = TypeVar("T")
Source = tuple[Path, FileKind]
# Around a field's box, in shares of the page: enough to see the line that it stands in.
MARGIN_X, MARGIN_Y = 0.06, 0.015
CROP_WIDTH, PAGE_WIDTH = 900, 420
QUALITY = 60


class Reads(Protocol):
    """What a run reads with: a pool of readers, or kept page texts."""

    def map(self, items: Iterable[T], source: Callable[[T], Source]) -> Iterator[tuple[T, FileReading | XuefenError]]:
        """Yield each item with its reading."""
        ...


class Pictures:
    """Stands between a run and its reader; pages go to a folder as JPEGs, by the file's hash and the page's number."""

    def __init__(self, reader: Reads, folder: Path) -> None:
        """Pass readings of `reader` through; `folder` is the run's own scratch."""
        self._reader = reader
        self._folder = folder

    def map(self, items: Iterable[T], source: Callable[[T], Source]) -> Iterator[tuple[T, FileReading | XuefenError]]:
        """Yield each item with its reading."""
        for item, reading in self._reader.map(items, source):
            if isinstance(reading, FileReading):
                name = hashlib.sha256(source(item)[0].read_bytes()).hexdigest()
                for page in reading.images:
                    (self._folder / f"{name}-{page.number}.jpg").write_bytes(page.jpeg)
            yield item, reading

    def crop(self, sha256: str, page: int, box: Sequence[float] | None) -> str | None:
        """Return a box of a page, or the whole page where there is none, as a data URL; None without a picture."""
        path = self._folder / f"{sha256}-{page}.jpg"
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) if path.is_file() else None
        if image is None:
            return None
        height, width = image.shape[:2]
        widest = PAGE_WIDTH
        if box:
            left, right = max(box[0] - MARGIN_X, 0) * width, min(box[2] + MARGIN_X, 1) * width
            top, bottom = max(box[1] - MARGIN_Y, 0) * height, min(box[3] + MARGIN_Y, 1) * height
            image, widest = image[int(top) : int(bottom) + 1, int(left) : int(right) + 1], CROP_WIDTH
        scale = min(widest / image.shape[1], 1.0)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
