"""Red stamps over a table: their ink taken off, so that what pens wrote under them is seen.

Ink absorbs light: under a stamp the pen's and the stamp's absorbance add up. A red stamp absorbs little in the red
channel, k times what it does in green and blue; pens (black, blue) absorb red as much as the rest. So where green
absorbs G and red R, the pen's share is (R - k G) / (1 - k), with k measured on the stamp's reddest places.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.rules import Floats, Image

Mask = NDArray[np.bool_]
Extent = tuple[int, int, int, int]

# Redness (red above the brighter of green and blue) of a stamp's body, and of its washed-out edges.
_RED = 24
_EDGE_RED = 9
_PALE_RED = 12
_HALF = 0.4
_REDDEST = 99.9
_SEAL_ROWS = 1.8
_LEAST_SIDE = 90
_SQUARE = 0.55
_CLOSE = 15
_MARGIN = 10
# Halved colour planes smear the colour of thin strokes; the channels are compared as smooth as that.
_SMEAR = 1.3
_MOST_RED_SHARE = 0.7
_LEAST_PIXELS = 40


def lift_stamps(flat: Image, dark: Image, row_height: float) -> tuple[Image, Mask]:
    """Return the darkness of a straightened BGR table without its red stamps, and where their ink was.

    `dark` is the darkness of all ink. Stamps are round or square and lie over several rows: red pens' writing stays.
    """
    redness = _redness(flat)
    seal = np.zeros(redness.shape, bool)
    lifted = dark.copy()
    for left, top, right, bottom in _stamps(redness, row_height):
        part = np.s_[top:bottom, left:right]
        inked = redness[part] > _EDGE_RED
        pen = _unmixed(flat[part], redness[part])
        near = cv2.dilate(inked.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
        lifted[part] = np.where(near, np.minimum(pen, dark[part]), dark[part])
        seal[part] |= near
    return lifted, seal


def _redness(flat: Image) -> NDArray[np.int16]:
    """Return how much redder than its paper each pixel is, as if the paper were white."""
    blue, green, red = (flat[:, :, channel].astype(np.float32) for channel in range(3))
    gain = 255.0 / max(float(np.percentile(red[::4, ::4], 80)), 1.0)
    redness = (red - np.maximum(blue, green)) * gain
    # warm light and yellowed paper are a little red everywhere
    shifted: NDArray[np.int16] = (redness - np.clip(np.median(redness[::4, ::4]), 0, _RED)).astype(np.int16)
    return shifted


def _stamps(redness: NDArray[np.int16], row_height: float) -> list[Extent]:
    """Return the boxes of stamps, with a little room."""
    # a washed-out copy's stamps are washed out, too
    red = redness > np.clip(_HALF * np.percentile(redness[::2, ::2], _REDDEST), _PALE_RED, _RED)
    if np.count_nonzero(red) < _LEAST_SIDE:
        return []
    closed = cv2.morphologyEx(red.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((_CLOSE, _CLOSE), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    height, width = redness.shape
    boxes = []
    for left, top, wide, high, _ in stats[1:].tolist():
        at_edge = top <= 1 or left <= 1 or top + high >= height - 1 or left + wide >= width - 1
        tall = high >= max(_SEAL_ROWS * row_height, _LEAST_SIDE)
        if tall and (wide >= _SQUARE * high or at_edge):
            boxes.append(
                (
                    max(left - _MARGIN, 0),
                    max(top - _MARGIN, 0),
                    min(left + wide + _MARGIN, width),
                    min(top + high + _MARGIN, height),
                )
            )
    return boxes


def _unmixed(part: Image, redness: NDArray[np.int16]) -> Image:
    """Return the darkness of what pens wrote in the box of a stamp."""
    smooth = cv2.GaussianBlur(part, (0, 0), _SMEAR).astype(np.float64)
    paper = np.percentile(smooth.reshape(-1, 3), 80, axis=0)
    absorbed = -np.log(np.clip(smooth / np.maximum(paper, 1.0), 0.01, 1.0))
    red, green = absorbed[:, :, 2], absorbed[:, :, :2].min(axis=2)
    reddest = redness >= max(_MOST_RED_SHARE * float(np.percentile(redness, 99)), _PALE_RED)
    share = _share(red[reddest], green[reddest])
    pen = np.clip((red - share * green) / (1.0 - share), 0.0, None)
    dark: Image = np.rint(255.0 * (1.0 - np.exp(-pen))).astype(np.uint8)
    return dark


def _share(red: Floats, green: Floats) -> float:
    """Return how much of the stamp's absorbance in green it has in red, too."""
    seen = green > 0.1  # noqa: PLR2004 - fainter ink tells nothing
    if np.count_nonzero(seen) < _LEAST_PIXELS:
        return 0.0
    return float(np.clip(np.median(red[seen] / green[seen]) * 1.15, 0.0, 0.8))
