"""Red seals: where they lie, what stands under them, and pages without their ink.

A round seal over a line makes the detector lose the line or cut it short, and the recogniser read it wrongly. Both get
a second look at an image in which red ink is faded; what is printed in red itself is found by the first look.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.paddle import PaddleModels

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]

_LOOK_SIDE = 640
_RED = 40
# Seals on certificates are 4 cm on pages of 20 to 42 cm; a red title's characters are smaller, a red frame larger.
_SEAL_SIDE = (0.07, 0.4)
_ROOM = 0.15
_INSIDE = 0.6
# The paper's brightness is that of the brightest fifth; below these shares of it ink is print, above it is stamp.
_PAPER = 80
_DARK, _BRIGHT = 0.35, 0.6


def red_share(image: Image) -> float:
    """Return the share of clearly red pixels, as a seal leaves them."""
    return float(np.mean(_redness(image) > _RED)) if image.size else 0.0


def red_columns(image: Image) -> NDArray[np.bool_]:
    """Return for each column of an image whether red ink stands in it."""
    return np.asarray((_redness(image) > _RED).any(axis=0), dtype=np.bool_)


def without_red(image: Image) -> Image:
    """Return the image with red ink faded into the paper.

    A red stamp is bright in the red channel, while black print stays dark in all three, also under the stamp: where a
    pixel is redder than paper, its red channel alone is kept, and lifted to the paper's own unless it is dark.
    """
    red = image[:, :, 2].astype(np.float32)
    paper = float(np.percentile(red, _PAPER))
    # the edges of thin strokes lose their colour to JPEG's halved colour planes, so the mask reaches a little further
    near = cv2.dilate(_redness(image).astype(np.float32), np.ones((3, 3), np.uint8))
    weight = np.clip(near / _RED, 0.0, 1.0)[:, :, None]
    lifted = np.clip((red / max(paper, 1.0) - _DARK) / (_BRIGHT - _DARK), 0.0, 1.0)
    faded = (red * (1 - lifted) + paper * lifted)[:, :, None]
    return np.asarray(image.astype(np.float32) * (1 - weight) + faded * weight, dtype=np.uint8)


def seal_bands(image: Image) -> list[tuple[int, int]]:
    """Return the bands of rows (top, bottom in pixels, with some room) in which round red seals lie."""
    height, width = image.shape[:2]
    scale = min(_LOOK_SIDE / max(height, width), 1.0)
    small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    red = (_redness(small) > _RED / 2).astype(np.uint8)
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    bands: list[tuple[int, int]] = []
    for left, top, wide, high, _ in sorted(stats[1:].tolist(), key=lambda row: row[1]):
        share = max(wide, high) / max(small.shape[:2])
        filled = float(red[top : top + high, left : left + wide].mean())
        if not (_SEAL_SIDE[0] <= share <= _SEAL_SIDE[1] and 0.55 <= wide / high <= 1.8 and filled > 0.06):  # noqa: PLR2004
            continue
        room = _ROOM * high
        band = (max(int((top - room) / scale), 0), min(int((top + high + room) / scale), height))
        if bands and band[0] <= bands[-1][1]:
            bands[-1] = (bands[-1][0], max(bands[-1][1], band[1]))
        else:
            bands.append(band)
    return bands


def look_under_seals(image: Image, quads: Sequence[Quad], models: PaddleModels) -> list[Quad]:
    """Return the text lines of a page with those added or made whole that are found once red ink is faded."""
    return look_in_bands(image, quads, seal_bands(image), models)


def look_in_bands(
    image: Image, quads: Sequence[Quad], bands: Sequence[tuple[int, int]], models: PaddleModels
) -> list[Quad]:
    """Return text lines with those that are found in bands of the page without its red ink; longer ones replace."""
    whole = list(quads)
    for top, bottom in bands:
        for quad in models.detect(without_red(image[top:bottom])):
            moved = quad + np.array([0, top], dtype=np.float32)
            if not any(_share_inside(moved, other) > _INSIDE for other in whole):
                whole = [other for other in whole if _share_inside(other, moved) <= _INSIDE]
                whole.append(moved)
    return whole


def _share_inside(quad: Quad, other: Quad) -> float:
    """Return the share of a quad's area that lies inside another."""
    area, _ = cv2.intersectConvexConvex(quad, other)
    return float(area) / max(float(cv2.contourArea(quad)), 1.0)


def _redness(image: Image) -> NDArray[np.int16]:
    """Return how much the red channel exceeds the stronger of the other two."""
    wide = image.astype(np.int16)
    return np.asarray(wide[:, :, 2] - np.maximum(wide[:, :, 0], wide[:, :, 1]), dtype=np.int16)
