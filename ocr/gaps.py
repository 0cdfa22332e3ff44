"""Ink between the lines found: bands of a page that look like a line of text which the detector lost.

A line that runs into a stamp without colour, or into a pale one, is lost whole: the detector joins both to one region
and is not sure of it. Alone in its band, without its neighbours, it is found.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.bands import look_in_bands
from ocr.geometry import is_vertical, quad_size
from ocr.paddle import PaddleModels

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]
Mask = NDArray[np.uint8]

_LOOK_SIDE = 960
_LEAST_LOOK = 320
# Strokes stand out from their ground by this share of the page's contrast.
_STROKE = 0.3
# A line that was lost covers at least this share of the width, and is about as high as those that were found.
_LEAST_WIDTH = 0.12
_HEIGHTS = (0.45, 2.5)
_ROOM = 0.45
# A picture or a pattern has ink nearly everywhere; a page that has so many gaps is none of lost lines.
_MOST_BANDS = 5
_LEAST_LINES = 3


def missed_bands(image: Image, quads: Sequence[Quad]) -> list[tuple[int, int]]:
    """Return the bands of rows (top, bottom in pixels, with some room) whose ink no line found covers; () if many."""
    heights = [quad_size(quad)[1] for quad in quads if not is_vertical(quad)]
    if len(heights) < _LEAST_LINES:
        return []
    scale = min(max(_LOOK_SIDE / max(image.shape[:2]), _LEAST_LOOK / min(image.shape[:2])), 1.0)
    usual = float(np.median(heights)) * scale
    ink = _ink(image, scale)
    for quad in quads:
        cv2.fillConvexPoly(ink, _grown(quad * scale, usual / 4).astype(np.int32), (0,))
    # letters join to words, so that a row's ink is as wide as its text
    reach = max(round(usual), 3)
    words = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    wide = cv2.morphologyEx(words, cv2.MORPH_OPEN, np.ones((1, 2 * reach), np.uint8))
    rows = (wide > 0).mean(axis=1) > _LEAST_WIDTH
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rows.astype(np.int8), [0]])))
    bands = []
    for top, bottom in edges.reshape(-1, 2).tolist():
        if _HEIGHTS[0] * usual <= bottom - top <= _HEIGHTS[1] * usual:
            room = _ROOM * usual
            bands.append((max(int((top - room) / scale), 0), min(int((bottom + room) / scale), image.shape[0])))
    return bands if len(bands) <= _MOST_BANDS else []


def look_in_gaps(image: Image, quads: Sequence[Quad], models: PaddleModels) -> list[Quad]:
    """Return the text lines of a page with those added that are found where ink was left over."""
    return look_in_bands(image, quads, missed_bands(image, quads), models)


def _ink(image: Image, scale: float) -> Mask:
    """Return a small copy's strokes: what differs from its own ground, large dark areas left out."""
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    ground = cv2.medianBlur(gray, 41)
    depth = cv2.subtract(ground, gray)
    full = float(np.percentile(depth, 99.5))
    return np.where(depth > max(_STROKE * full, 12.0), 255, 0).astype(np.uint8)


def _grown(quad: Quad, room: float) -> Quad:
    """Move a line's corners outward by some pixels."""
    centre = quad.mean(axis=0)
    return np.asarray(quad + np.sign(quad - centre) * room, dtype=np.float32)
