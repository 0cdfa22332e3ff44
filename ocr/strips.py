"""Long strips: screenshots stitched together are many screens high; shrunk as a whole, their print would be lost."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ocr.paddle import DETECTION_SIDE, PaddleModels

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]

# From this ratio of sides on, a picture is looked at piece by piece; a telephone's screen has 2.2.
_LONG = 3.0
_PIECE = 1.6
# Pieces share this part of their length, so that no line is cut in both.
_SHARED = 0.15


def find_lines(image: Image, models: PaddleModels) -> list[Quad]:
    """Return a page's text lines as the detector finds them, in a long strip piece by piece."""
    longer = int(np.argmax(image.shape[:2]))
    found: list[Quad] = []
    for start, end, own_start, own_end in pieces(image.shape[longer], image.shape[1 - longer]):
        piece = image[start:end] if longer == 0 else image[:, start:end]
        shift = np.array([0, start] if longer == 0 else [start, 0], dtype=np.float32)
        for quad in models.detect(np.ascontiguousarray(piece)):
            middle = float((quad + shift)[:, 1 - longer].mean())
            if own_start <= middle < own_end:
                found.append(quad + shift)
    return found


def pieces(length: int, breadth: int) -> Iterator[tuple[int, int, float, float]]:
    """Yield the pieces of a strip: start and end in pixels, and the part between which its lines' middles count."""
    size = max(round(_PIECE * breadth), DETECTION_SIDE)
    if length < _LONG * breadth or length <= size:
        yield 0, length, -np.inf, np.inf
        return
    step = round(size * (1 - _SHARED))
    half = (size - step) / 2
    start = 0
    while True:
        end = min(start + size, length)
        last = end == length
        yield start, end, start + half if start else -np.inf, np.inf if last else start + step + half
        if last:
            return
        start += step
