"""A table straightened: every cell an upright rectangle, its ink parted from paper, shadows, seals and ruling lines."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.folds import lift_folds
from ocr.tables.grid import Grid
from ocr.tables.rings import stamp_ink
from ocr.tables.rules import Floats, Image, Ints
from ocr.tables.stamps import lift_stamps

Mask = NDArray[np.bool_]

PAD = 120
# Darkness (0..255 against the local paper) from which a pixel may be ink, and from which it surely is.
_WEAK = 16
_STRONG = 40
_NOISE_FACTOR = 4.5
_GRAIN = 24
# Against that: what stands under a stamp is seen less surely.
_UNDER_SEAL = 2.0
_BAND_REACH = 6
_BAND_INK = 0.3
_BAND_MARGIN = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """The straightened table.

    `dark`: darkness (0..255) of what is ink; `xs`, `ys`: where rules stand in it (pixels).
    `ink`: pen and print without rules; `strong`: its surely dark part; `seal`: where a seal's red ink was taken out;
    `bands_x`, `bands_y`: (start, end)
    of each rule's own ink, ends excluded.
    """

    dark: Image
    ink: Mask
    strong: Mask
    seal: Mask
    xs: Ints
    ys: Ints
    bands_x: tuple[tuple[int, int], ...]
    bands_y: tuple[tuple[int, int], ...]


def straighten(image: Image, grid: Grid) -> tuple[Image, Ints, Ints]:
    """Return the table cut out of a BGR image with its rules upright, and the rules' positions in it."""
    points = _padded(grid.points)
    xs = np.rint(points[:, :, 0].mean(0) - points[:, 0, 0].mean()).astype(np.int64)
    ys = np.rint(points[:, :, 1].mean(1) - points[0, :, 1].mean()).astype(np.int64)
    xs, ys = np.maximum.accumulate(xs), np.maximum.accumulate(ys)
    across = np.arange(xs[-1] + 1)
    down = np.arange(ys[-1] + 1)
    along_x = np.stack([np.interp(across, xs, row[:, 0]) for row in points])
    along_y = np.stack([np.interp(across, xs, row[:, 1]) for row in points])
    upper = np.clip(np.searchsorted(ys, down, side="right") - 1, 0, len(ys) - 2)
    share = ((down - ys[upper]) / np.maximum(ys[upper + 1] - ys[upper], 1))[:, None]
    map_x = (along_x[upper] * (1 - share) + along_x[upper + 1] * share).astype(np.float32)
    map_y = (along_y[upper] * (1 - share) + along_y[upper + 1] * share).astype(np.float32)
    flat = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return flat.astype(np.uint8), xs[1:-1], ys[1:-1]


def _padded(points: Floats) -> Floats:
    """Add a frame of points PAD pixels outside the grid, so that strokes that leave the table stay whole."""
    across, down = np.array([PAD, 0]), np.array([0, PAD])
    wide = np.concatenate([points[:, :1] - across, points, points[:, -1:] + across], axis=1)
    return np.concatenate([wide[:1] - down, wide, wide[-1:] + down], axis=0)


def read_sheet(image: Image, grid: Grid) -> Sheet:
    """Straighten the table and find its ink."""
    flat, xs, ys = straighten(lift_folds(image, *grid.folds), grid)
    row_height = float(np.median(np.diff(ys)))
    dark, seal = lift_stamps(flat, darkness(flat), row_height)
    threshold = max(_WEAK, int(_NOISE_FACTOR * _noise(dark)))
    limit = np.where(seal, _UNDER_SEAL * threshold, threshold)
    ink = dark >= limit
    strong = dark >= np.maximum(_STRONG, 1.5 * limit)
    bands_x, bands_y = tuple((int(x), int(x)) for x in xs), tuple((int(y), int(y)) for y in ys)
    if grid.ruled:
        bands_y = tuple(_band(ink, int(y)) for y in ys)
        bands_x = tuple(_band(ink.T, int(x)) for x in xs)
        for (start, end), drawn in zip(bands_y, grid.row_borders, strict=True):
            _clear(ink, start, end, xs, drawn)
        for (start, end), drawn in zip(bands_x, grid.column_borders.T, strict=True):
            _clear(ink.T, start, end, ys, drawn)
    stamp = stamp_ink(ink, dark, row_height)
    ink &= ~stamp
    return Sheet(dark * ink, ink, strong & ink, seal | stamp, xs, ys, bands_x, bands_y)


def darkness(image: Image) -> Image:
    """Return how dark each pixel's darkest channel is against the paper around it (0 paper .. 255 black)."""
    blue, green, red = cv2.split(image)
    value = cv2.GaussianBlur(cv2.min(cv2.min(blue, green), red), (3, 3), 0)
    small = cv2.resize(value, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 4)
    paper = cv2.resize(paper, (value.shape[1], value.shape[0]), interpolation=cv2.INTER_LINEAR)
    level = np.minimum(value.astype(np.float32) * (255.0 / np.maximum(paper, 1)), 255.0)
    dark: Image = (255.0 - level).astype(np.uint8)
    return dark


def _noise(dark: Image) -> float:
    """Return the standard deviation of the paper's grain, from the pixels lighter than most."""
    sample = dark[::3, ::3].astype(np.float32)
    middle = float(np.median(sample))
    near = sample[np.abs(sample - middle) < _GRAIN]
    return float(1.48 * np.median(np.abs(near - np.median(near)))) if near.size else 0.0


def _band(ink: Mask, place: int) -> tuple[int, int]:
    """Return the rows around `place` that a horizontal rule's ink fills."""
    low, high = max(place - _BAND_REACH, 0), min(place + _BAND_REACH + 1, len(ink))
    filled = ink[low:high].mean(axis=1)
    peak = int(np.argmax(filled))
    level = max(_BAND_INK, 0.4 * float(filled[peak])) if filled[peak] > _BAND_INK else 0.0
    if level == 0.0:
        return max(place - 2, 0), min(place + 3, len(ink))
    near = np.nonzero(filled >= level)[0]
    start, end = low + int(near[0]) - _BAND_MARGIN, low + int(near[-1]) + 1 + _BAND_MARGIN
    return max(min(start, place), 0), min(max(end, place + 1), len(ink))


def _clear(ink: Mask, start: int, end: int, stops: Ints, drawn: Floats) -> None:
    """Take a horizontal rule's ink out of the picture where the rule is drawn."""
    for j, share in enumerate(drawn):
        if share > 0.1:  # noqa: PLR2004 - less is a crossing stroke, not a rule
            ink[start:end, max(int(stops[j]) - 2, 0) : int(stops[j + 1]) + 3] = False
