"""Small conversions between corner points, crops and boxes. Pixels in, fractions out where it says so."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.types import Box, Line

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]

# Recognition rotates crops at least this much taller than wide: text that runs downwards.
VERTICAL_RATIO = 1.5
# Two boxes stand in one row of text if they share this part of the lower one's height.
_SAME_ROW = 0.5
_ASCII_END = 128


def order_corners(points: NDArray[np.float32]) -> Quad:
    """Return four points clockwise from the top left one."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1], kind="stable")]
    top_right, bottom_right = right[np.argsort(right[:, 1], kind="stable")]
    return np.array([top_left, top_right, bottom_right, bottom_left], dtype=np.float32)


def quad_size(quad: Quad) -> tuple[float, float]:
    """Return the longer of each pair of opposite sides: width, height in pixels."""
    width = max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2]))
    height = max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2]))
    return width, height


def is_vertical(quad: Quad) -> bool:
    """Return whether the line's text runs downwards."""
    width, height = quad_size(quad)
    return height >= VERTICAL_RATIO * width


def crop_quad(image: Image, quad: Quad) -> Image:
    """Cut a quadrilateral out of the image as a level line; text that runs downwards is laid on its side."""
    rect = cv2.boxPoints(cv2.minAreaRect(quad.astype(np.float32)))
    corners = order_corners(np.asarray(rect, dtype=np.float32))
    width, height = (max(round(side), 1) for side in quad_size(corners))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    crop = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if height >= VERTICAL_RATIO * width:
        crop = np.rot90(crop)
    return np.ascontiguousarray(crop, dtype=np.uint8)


def quad_box(quad: Quad, width: int, height: int) -> Box:
    """Return the upright rectangle around a quadrilateral, in fractions of a page of that size."""
    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    return Box(
        left=_fraction(left, width),
        top=_fraction(top, height),
        right=_fraction(right, width),
        bottom=_fraction(bottom, height),
    )


def pixel_box(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom in whole pixels inside an image of that size, at least one pixel each way."""
    left, top = min(int(box.left * width), width - 1), min(int(box.top * height), height - 1)
    right, bottom = math.ceil(box.right * width), math.ceil(box.bottom * height)
    return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


def character_boxes(text: str, middles: Sequence[float], box: Box, aspect: float, *, vertical: bool) -> tuple[Box, ...]:
    """Return one box for each character of a line.

    `middles` are the characters' middles as fractions of the line's length, `aspect` is length / thickness of the line
    in pixels. A character reaches half way to its neighbours, but no further than a Chinese (or half a Latin) em.
    """
    if len(middles) != len(text):
        return ()
    spans = []
    for index, (char, middle) in enumerate(zip(text, middles, strict=True)):
        reach = (0.55 if ord(char) >= _ASCII_END else 0.35) / max(aspect, 0.1)
        before = (middle - middles[index - 1]) / 2 if index else reach
        after = (middles[index + 1] - middle) / 2 if index + 1 < len(text) else reach
        spans.append((max(middle - min(before, reach), 0.0), min(middle + min(after, reach), 1.0)))
    if vertical:
        return tuple(Box(box.left, box.top + a * box.height, box.right, box.top + b * box.height) for a, b in spans)
    return tuple(Box(box.left + a * box.width, box.top, box.left + b * box.width, box.bottom) for a, b in spans)


def reading_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines row by row from the top, each row from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: item.box.center_y):
        if rows and _shares_row(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda item: item.box.left))


def _shares_row(row: Sequence[Line], line: Line) -> bool:
    """Return whether a line stands in the row of the last line put there."""
    other = row[-1].box
    shared = min(other.bottom, line.box.bottom) - max(other.top, line.box.top)
    return shared > _SAME_ROW * min(other.height, line.box.height)


def _fraction(value: float, size: int) -> float:
    return min(max(float(value) / size, 0.0), 1.0)
