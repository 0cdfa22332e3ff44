"""Stamps on grey copies: the colour is lost, the ring is not. What is no darker than the ring is the stamp's."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.rules import Floats, Image

Mask = NDArray[np.bool_]
Circle = tuple[float, float, float]

# Pixels of the working image, where a seal's radius is about 150.
_RADIUS = (70.0, 260.0)
_ROWS = 1.8
_THICK = 4.0
_POINTS = 3000
_TRIES = 250
_BINS = 48
# How much of the ring must be seen, and how much of its piece of ink must lie on it.
_SEEN = 0.6
_ON_IT = 0.12
_OUTSIDE = 8.0
_DARKER = 1.3


def stamp_ink(ink: Mask, dark: Image, row_height: float) -> Mask:
    """Return the ink of round stamps without colour on a straightened table, rules already taken off."""
    stamped = np.zeros(ink.shape, bool)
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    least = max(_ROWS * row_height, _RADIUS[0])
    for label in range(1, len(stats)):
        left, top, wide, tall, _ = (int(value) for value in stats[label])
        if min(wide, tall) < least:
            continue
        part = np.s_[top : top + tall, left : left + wide]
        down, across = np.nonzero((labels[part] == label) & ink[part])
        circle = _ring(np.column_stack([across + left, down + top]).astype(np.float64), ink.shape)
        if circle is not None:
            stamped |= _within(circle, ink, dark)
    return stamped


def _within(circle: Circle, ink: Mask, dark: Image) -> Mask:
    """Return the ink inside a ring that is about as dark as the ring."""
    x, y, radius = circle
    down, across = np.ogrid[: ink.shape[0], : ink.shape[1]]
    off = np.sqrt((across - x) ** 2 + (down - y) ** 2)
    ring = ink & (np.abs(off - radius) <= _THICK / 2)
    if not ring.any():
        return np.zeros(ink.shape, bool)
    level = float(np.median(dark[ring]))
    stamp: Mask = ink & (off <= radius + _OUTSIDE) & (dark < _DARKER * level)
    return stamp


def _ring(points: Floats, shape: tuple[int, ...]) -> Circle | None:
    """Return the circle that most of a piece of ink's points lie on all around; None if there is none."""
    draw = np.random.default_rng(0)
    if len(points) > _POINTS:
        points = points[draw.choice(len(points), _POINTS, replace=False)]
    best: Circle | None = None
    best_count = _ON_IT * len(points)
    for _ in range(_TRIES):
        circle = _through(points[draw.choice(len(points), 3, replace=False)])
        if circle is None:
            continue
        on_it = np.abs(np.hypot(points[:, 0] - circle[0], points[:, 1] - circle[1]) - circle[2]) <= _THICK
        count = float(np.count_nonzero(on_it))
        if count > best_count and _all_around(points[on_it], circle, shape):
            best, best_count = circle, count
    return best


def _through(three: Floats) -> Circle | None:
    """Return the circle through three points, None if they stand in line or its size is no stamp's."""
    (ax, ay), (bx, by), (cx, cy) = three
    twice = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by))
    if abs(twice) < 1.0:
        return None
    a, b, c = ax**2 + ay**2, bx**2 + by**2, cx**2 + cy**2
    x = (a * (by - cy) + b * (cy - ay) + c * (ay - by)) / twice
    y = (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / twice
    radius = float(np.hypot(ax - x, ay - y))
    return (float(x), float(y), radius) if _RADIUS[0] <= radius <= _RADIUS[1] else None


def _all_around(points: Floats, circle: Circle, shape: tuple[int, ...]) -> bool:
    """Return whether points stand on most of the part of a circle that the picture shows."""
    x, y, radius = circle
    turns = (np.arange(_BINS) + 0.5) / _BINS * 2 * np.pi - np.pi
    shown = (
        (x + radius * np.cos(turns) >= 0)
        & (x + radius * np.cos(turns) < shape[1])
        & (y + radius * np.sin(turns) >= 0)
        & (y + radius * np.sin(turns) < shape[0])
    )
    bins = ((np.arctan2(points[:, 1] - y, points[:, 0] - x) + np.pi) / (2 * np.pi) * _BINS).astype(np.int64)
    hit = np.zeros(_BINS, bool)
    hit[np.clip(bins, 0, _BINS - 1)] = True
    return bool((hit & shown).sum() >= _SEEN * max(int(shown.sum()), _BINS // 4))
