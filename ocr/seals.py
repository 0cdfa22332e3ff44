"""Red seals: where they lie, and pages without their ink. Pure image work.

A round seal over a line makes the detector lose the line or cut it short, and the recogniser read it wrongly. Both get
a second look (`ocr/bands.py`, `ocr/looks.py`) at an image in which red ink is faded.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_LOOK_SIDE = 640
_RED = 40
# Seals on certificates are 4 cm on pages of 20 to 42 cm; a red title's characters are smaller, a red frame larger.
_SEAL_SIDE = (0.07, 0.4)
# Seals side by side touch.
_SEAL_SHAPE = (0.55, 3.6)
_MOST_WIDTH = 0.8
_LEAST_FILL = 0.06
_ROOM = 0.15
# The paper's brightness is the median around a place, in windows of at most this side (pixels).
_AROUND = 99
# Below the first share of the way from print to paper a pixel is print, above the second it is stamp.
_DARK, _BRIGHT = 0.4, 0.65
_BLACK = 0.05
# The share of pixels that are print at its darkest is what lies above this percentile of depth; elsewhere on the page
# print is no paler than this share of it.
_INKED, _PALE = 99, 0.4
_NEAR = 151
# A ring on a copy: ink this much darker than its ground, this near an oval's line (share of its radius), for most of
# its ink and on nearly all of 36 sides; no oval is longer than this.
_FAINT = 12
_RIM, _ON_RIM, _SIDES = 0.15, 0.45, 30
_OVAL = 1.8
# A frame has this share of its ink in the corners.
_CORNERS = 0.1


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of a page (pixels, bottom excluded) in which a seal lies, and where in them its ink stands."""

    top: int
    bottom: int
    ink: Mask


def red_share(image: Image) -> float:
    """Return the share of clearly red pixels, as a seal leaves them."""
    return float(np.mean(_redness(image) > _RED)) if image.size else 0.0


def red_columns(image: Image) -> NDArray[np.bool_]:
    """Return for each column of an image whether red ink stands in it."""
    return np.asarray((_redness(image) > _RED).any(axis=0), dtype=np.bool_)


def without_red(image: Image) -> Image:
    """Return the image with red ink faded into the paper.

    A red stamp is bright in the red channel, while black print stays dark in all three, also under the stamp: where a
    pixel is redder than paper, its red channel alone is kept, and lifted to the paper around it unless it is dark.
    """
    channel = np.ascontiguousarray(image[:, :, 2])
    red, redness = channel.astype(np.float32), _redness(image)
    paper = _paper(channel)
    depth = _depth(np.where(redness < _RED / 2, channel, 255).astype(np.uint8), paper)
    # the edges of thin strokes lose their colour to JPEG's halved colour planes, so the mask reaches a little further
    near = cv2.dilate(redness.astype(np.float32), np.ones((3, 3), np.uint8))
    weight = np.clip(near / _RED, 0.0, 1.0)[:, :, None]
    lifted = np.clip((1 - (paper - red) / depth - _DARK) / (_BRIGHT - _DARK), 0.0, 1.0)
    faded = (red * (1 - lifted) + paper * lifted)[:, :, None]
    return np.asarray(image.astype(np.float32) * (1 - weight) + faded * weight, dtype=np.uint8)


def print_alone(image: Image) -> Image:
    """Return an image with nothing but its darkest print left, black on white: no seal, watermark or shadow."""
    gray = np.asarray(cv2.cvtColor(without_red(image), cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    paper = _paper(gray)
    level = (1 - (paper - gray) / _depth(gray, paper) - _BLACK) / (_BRIGHT - _BLACK)
    return np.asarray(cv2.cvtColor((np.clip(level, 0, 1) * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def seal_bands(image: Image) -> list[Band]:
    """Return the bands of rows, with some room, in which round seals lie: red ones, and the rings of grey copies."""
    height, width = image.shape[:2]
    scale = min(_LOOK_SIDE / max(height, width), 1.0)
    small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    red = (_redness(small) > _RED / 2).astype(np.uint8)
    seals = _red_seals(red)
    stamp = red
    if not seals:
        seals, stamp = _rings(small)
    room = [(top - _ROOM * (bottom - top), bottom + _ROOM * (bottom - top)) for top, bottom in sorted(seals)]
    bands: list[Band] = []
    full = cv2.resize(stamp, (width, height), interpolation=cv2.INTER_NEAREST) > 0 if room else stamp > 0
    for top, bottom in _merged([(max(int(t / scale), 0), min(int(b / scale), height)) for t, b in room]):
        bands.append(Band(top, bottom, np.asarray(full[top:bottom], dtype=np.bool_)))
    return bands


def _red_seals(red: Gray) -> list[tuple[int, int]]:
    """Return the rows (top, bottom) of what looks like a round seal, or like seals side by side."""
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found = []
    for left, top, wide, high, _ in stats[1:].tolist():
        share = high / max(red.shape)
        fits = _SEAL_SIDE[0] <= share <= _SEAL_SIDE[1] and _SEAL_SHAPE[0] <= wide / high <= _SEAL_SHAPE[1]
        filled = float(red[top : top + high, left : left + wide].mean())
        if fits and wide < _MOST_WIDTH * red.shape[1] and filled > _LEAST_FILL:
            found.append((top, top + high))
    return found


def _rings(small: Image) -> tuple[list[tuple[int, int]], Gray]:
    """Return the rows of rings without colour, as copies show seals, and a mask of their insides."""
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    ink = (cv2.subtract(cv2.medianBlur(gray, 41), gray) > _FAINT).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    inside = np.zeros_like(ink)
    found = []
    for label, (left, top, wide, high, _) in enumerate(stats.tolist()):
        share = max(wide, high) / max(gray.shape)
        if not label or not _SEAL_SIDE[0] <= share <= _SEAL_SIDE[1] or not 1 / _OVAL <= wide / high <= _OVAL:
            continue
        if _is_ring(labels[top : top + high, left : left + wide] == label):
            found.append((top, top + high))
            inside[top : top + high, left : left + wide] = 1
    return found, inside


def _is_ring(part: Mask) -> bool:
    """Return whether ink lies along the oval that its bounding box holds, on nearly every side."""
    y, x = np.nonzero(part)
    across, down = x / part.shape[1] * 2 - 1, y / part.shape[0] * 2 - 1
    far = np.hypot(across, down)
    near = np.abs(far - 1) < _RIM
    sides = np.unique((np.arctan2(down, across)[near] / np.pi * 18).astype(int))
    corners = (far > 1 + _RIM).mean()
    return bool(near.mean() > _ON_RIM and sides.size > _SIDES and corners < _CORNERS)


def _merged(rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return bands of rows with those that overlap put together."""
    out: list[tuple[int, int]] = []
    for top, bottom in rows:
        if out and top <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], bottom))
        else:
            out.append((top, bottom))
    return out


def _depth(channel: Gray, paper: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much print is darker than the paper around each place: as print near it is, within limits."""
    depth = paper - channel
    usual = max(float(np.percentile(depth, _INKED)), 1.0)
    reach = (_NEAR, _NEAR)
    nearest = cv2.blur(cv2.dilate(cv2.blur(depth, (2, 2)), np.ones(reach, np.uint8)), reach)
    return np.asarray(np.clip(nearest, _PALE * usual, usual), dtype=np.float32)


def _paper(channel: Gray) -> NDArray[np.float32]:
    """Return the brightness of the paper around each place."""
    around = max(min(*channel.shape, _AROUND + 1) // 2 * 2 - 1, 3)
    return np.asarray(cv2.medianBlur(channel, around), dtype=np.float32)


def _redness(image: Image) -> NDArray[np.int16]:
    """Return how much the red channel exceeds the stronger of the other two."""
    wide = image.astype(np.int16)
    return np.asarray(wide[:, :, 2] - np.maximum(wide[:, :, 0], wide[:, :, 1]), dtype=np.int16)
