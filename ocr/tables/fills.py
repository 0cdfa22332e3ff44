"""Filled bands of a table (a header in white on blue): turned into dark text on paper within a ruled frame.

Where a header is filled no rule parts it from the first row, and its ground would count as everybody's ink.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.rules import Image

Mask = NDArray[np.bool_]

# Looked for on a picture of a quarter of the working image's size; sizes in its pixels.
_SHRINK = 0.25
# Against the paper: what is darker is filled, if it is as high and wide as a row of a table, and no larger.
_FILLED = 0.72
_TEXT = 7
_LOWEST = 6
_SHORTEST = 30
_LEAST_WIDTH = 0.15
_MOST_HEIGHT = 0.12
_SOLID = 0.7
_FRAME = 3
_PEN = 0.2
# Pixels of the working image: how far beside a rule there is paper, how thick it is at most; its contrast.
_BESIDE = 25
_AROUND = 41
_EDGE = 11
_THICKEST = 10
_CONTRAST = 12.0
_ALL_ALONG = 85


def lift_fills(image: Image) -> tuple[Image, Image]:
    """Return a BGR working image whose filled bands are paper with dark text, twice: framed by rules, and without.

    The first is to find rules on, the second to find ink on. Both are the same image if it has no such bands.
    """
    small = cv2.cvtColor(
        cv2.resize(image, None, fx=_SHRINK, fy=_SHRINK, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY
    )
    split, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = small[small > split]
    if not bright.size:
        return image, image
    dark = (small < _FILLED * float(np.median(bright))).astype(np.uint8)
    # the majority: light text in a dark ground goes, and so does dark text on paper
    bands = cv2.medianBlur(dark, _TEXT)
    bands = cv2.morphologyEx(bands, cv2.MORPH_OPEN, np.ones((_LOWEST, _SHORTEST), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bands, connectivity=8)
    height, width = small.shape
    framed = clean = image
    for number in range(1, count):
        left, top, wide, high, area = (int(v) for v in stats[number])
        inside = left > 0 and top > 0 and left + wide < width and top + high < height
        if not inside or wide < _LEAST_WIDTH * width or high > _MOST_HEIGHT * height or 2 * area < wide * high:
            continue
        own = (labels == number) & (dark > 0)
        if np.count_nonzero(own) < _SOLID * area:
            continue
        if framed is image:
            framed, clean = image.copy(), image.copy()
        _lift(framed, clean, labels == number, own)
    return framed, clean


def _lift(image: Image, clean: Image, band: Mask, own: Mask) -> None:
    """Turn one band of the shrunk picture into paper, in place: framed in the first image, not in the other."""
    size = (image.shape[1], image.shape[0])
    mask: Mask = cv2.resize(band.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    ground: Mask = cv2.resize(own.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    beside = (cv2.dilate(mask.astype(np.uint8), np.ones((_AROUND, _AROUND), np.uint8)) > 0) & ~mask
    paper = np.percentile(image[beside], 80, axis=0)
    fill = np.median(image[ground], axis=0)
    away = np.abs(image[mask].astype(np.float32) - fill)
    image[mask] = np.clip(paper - away, 0, 255).astype(np.uint8)
    clean[mask] = image[mask]
    edge = np.ones((_EDGE, _EDGE), np.uint8)
    solid = mask.astype(np.uint8)
    clean[(cv2.dilate(solid, edge) > 0) & (cv2.erode(solid, edge) == 0)] = paper.astype(np.uint8)
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    pen = tuple(float(v) * _PEN for v in paper)
    cv2.drawContours(image, outlines, -1, pen, _FRAME)
    rows = np.nonzero(mask.any(axis=1))[0]
    top, bottom = int(rows[0]), int(rows[-1])
    inside = np.asarray(mask.any(axis=0))
    for x in _plumb_rules(image, top, bottom):
        if inside[x]:
            cv2.line(image, (x, top), (x, bottom), pen, _FRAME)


def _plumb_rules(image: Image, top: int, bottom: int) -> list[int]:
    """Return where plumb rules come up to a band from the row below it: on its ground they are seldom seen."""
    strip = image[bottom + _FRAME + 1 : 2 * bottom - top].min(axis=2)
    if not len(strip):
        return []
    along = np.median(cv2.blur(strip, (1, 5)), axis=0).astype(np.int16)
    beside = cv2.dilate(along.reshape(1, -1).astype(np.uint8), np.ones((1, _BESIDE), np.uint8)).ravel()
    # a rule is dark all along, its darkest part nearly as much as its lightest
    lightest = np.percentile(strip, _ALL_ALONG, axis=0)
    dark = (beside - along > _CONTRAST) & (beside - lightest > _CONTRAST)
    edges = np.flatnonzero(np.diff(np.r_[False, dark, False].astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start + end) // 2 for start, end in runs if end - start <= _THICKEST]
