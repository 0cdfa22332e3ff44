"""The strokes that strike rows out, taken off the picture: what is left in a signature's cell is the signature."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocr.tables.sheet import Mask, Sheet
from ocr.tables.strikes import RowStrip, Stroke, strokes_along

# A row may be struck by a double line.
_MOST_STROKES = 3
# Against the row's height: the thickest pen.
_THICKEST = 0.14
_EDGE = 1


def without_strikes(sheet: Sheet, strips: Sequence[RowStrip]) -> Sheet:
    """Return the sheet without the ink of the long strokes that run through the given rows."""
    if not strips:
        return sheet
    left = replace(sheet, ink=sheet.ink.copy())
    rows = list(strips)
    for _ in range(_MOST_STROKES):
        found = [(strip, stroke) for strip, stroke in zip(rows, strokes_along(left, rows), strict=True) if stroke.long]
        if not found:
            break
        for strip, stroke in found:
            _wipe(left.ink, strip, stroke)
        rows = [strip for strip, _ in found]
    return replace(left, strong=sheet.strong & left.ink, dark=sheet.dark * left.ink)


def _wipe(ink: Mask, strip: RowStrip, stroke: Stroke) -> None:
    """Take one stroke's ink out, in place: as thick as the pen is where it crosses nothing."""
    tops, bottoms = [], []
    for x, y in zip(stroke.across, stroke.down, strict=True):
        top = bottom = _nearest(ink[:, x], int(y))
        while top > strip.top and ink[top - 1, x]:
            top -= 1
        while bottom < strip.bottom and ink[bottom, x]:
            bottom += 1
        tops.append(top)
        bottoms.append(bottom)
    thick = np.array(bottoms) - np.array(tops)
    drawn = thick[thick > 0]
    if not len(drawn):
        return
    pen = int(np.clip(np.percentile(drawn, 35), 1, max(_THICKEST * (strip.bottom - strip.top), 3)))
    for x, y, top, bottom in zip(stroke.across, stroke.down, tops, bottoms, strict=True):
        if bottom - top <= 2 * pen:
            start, end = top - _EDGE, bottom + _EDGE
        else:
            middle = _nearest(ink[:, x], int(y))
            start, end = max(top, middle - pen // 2 - _EDGE), min(bottom, middle + pen // 2 + 1 + _EDGE)
        ink[max(start, strip.top) : min(end, strip.bottom), x] = False


def _nearest(column: Mask, y: int, reach: int = 3) -> int:
    """Return the inked pixel nearest to y in a column of pixels, or y itself if there is none within reach."""
    for off in range(reach + 1):
        for place in (y - off, y + off):
            if 0 <= place < len(column) and column[place]:
                return place
    return y
