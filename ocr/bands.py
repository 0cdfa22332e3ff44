"""Second looks for text lines in bands of a page: under seals, and where ink was left over.

In a seal the detector joins a line with the seal's own letters, cuts it at the ring, or finds nothing. Where only the
darkest print is left it finds the line alone; what it finds then replaces what it found at first where the first is a
part of it or merely fatter. Lines printed in red fade too, so they stay as they were found at first.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.geometry import crop_quad, is_vertical, quad_size
from ocr.paddle import PaddleModels
from ocr.seals import print_alone, seal_bands, without_red

Image = NDArray[np.uint8]
Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Quad = NDArray[np.float32]

_INSIDE = 0.6
# A line found in print alone is the first's own, well cut, if it is about as long and thinner, or longer.
_AS_LONG, _THINNER = 0.8, 1.15
# What is merely thinner by no more than this needs no reading to be told from what it stands for.
_TRIMMED = 1.5
# Beyond a line's end its print goes on if a column has some of it after a gap no wider than this share of the height;
# columns full of ink are rules and frames, and what has no end within so many heights is none of the line's.
_GAP = 0.6
_FULL = 0.95
_LONGEST = 5
_LEAST_STROKE = 0.04
_MARGIN = 0.12
# Strokes lie below this share of the way from ink to paper.
_STROKE = 0.6
_WORSE = 0.05
# Lines that slant by more degrees than a page's curl makes them; square ones have no direction.
_SLANT = 8.0
_OBLONG = 1.3
# A line goes on in another after no more than this share of the height: numerals of a date stand apart.
_APART = 1.0
# Two lines of one row differ in height by no more than this.
_ALIKE = 1.5
# Their corners lie on one level, but for this share of the height.
_LEVEL = 0.3


def look_under_seals(image: Image, quads: Sequence[Quad], models: PaddleModels) -> list[Quad]:
    """Return the text lines of a page with those under seals found again and made whole where only print is left."""
    lines = list(quads)
    for band in seal_bands(image):
        printed = print_alone(image[band.top : band.bottom])
        gray = np.asarray(printed[:, :, 0], dtype=np.uint8)
        found = [_whole(quad, gray, band.ink) for quad in models.detect(printed) if _touches(quad, band.ink)]
        for quad in _joined(found):
            moved = quad + np.array([0, band.top], dtype=np.float32)
            # slanting text holds no level line, though its corners may hold its middle
            level = [line for line in lines if _slants(moved) or not _slants(line)]
            if any(_share_inside(moved, line) > _INSIDE and not _fatter(line, moved) for line in level):
                continue
            gone = [_superseded(line, moved) for line in lines]
            if _reads_worse(image, moved, [line for line, part in zip(lines, gone, strict=True) if part], models):
                continue
            lines = [*(line for line, part in zip(lines, gone, strict=True) if not part), moved]
    return lines


def _reads_worse(image: Image, found: Quad, lines: Sequence[Quad], models: PaddleModels) -> bool:
    """Return whether a line found in print alone reads worse than the longest of those that it stands for."""
    if not lines:
        return False
    longest = max(lines, key=lambda line: quad_size(line)[0])
    (long, thick), (found_long, found_thick) = quad_size(longest), quad_size(found)
    if abs(found_long - long) < thick / 2 and found_thick < thick < _TRIMMED * found_thick:
        return False
    now, before = models.recognise([without_red(crop_quad(image, quad)) for quad in (found, longest)])
    return now.score < before.score - _WORSE


def _slants(quad: Quad) -> bool:
    """Return whether a line of text lies neither level nor upright on a straightened page."""
    long, thick = quad_size(quad)
    angle = float(np.degrees(np.arctan2(*(quad[1] - quad[0])[::-1]))) % 90
    return long > _OBLONG * thick and _SLANT < angle < 90 - _SLANT


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


def _superseded(line: Quad, found: Quad) -> bool:
    """Return whether a line is a part of one found in print alone, or the same with some of the seal."""
    return _share_inside(line, found) > _INSIDE or (_share_inside(found, line) > _INSIDE and _fatter(line, found))


def _fatter(line: Quad, found: Quad) -> bool:
    """Return whether a line found in print alone is cut better than the first look's that it lies in."""
    (long, thick), (found_long, found_thick) = quad_size(line), quad_size(found)
    return found_long > _AS_LONG * long and (found_long > long or thick > _THINNER * found_thick)


def _touches(quad: Quad, stamp: Mask) -> bool:
    """Return whether a seal's ink stands in a line or just beside it."""
    left, top = np.floor(quad.min(axis=0)).astype(int)
    right, bottom = np.ceil(quad.max(axis=0)).astype(int)
    room = int(bottom - top)
    return bool(stamp[max(top, 0) : bottom, max(left - room, 0) : right + room].any())


def _whole(quad: Quad, gray: Gray, stamp: Mask) -> Quad:
    """Return a line with its ends moved on as far as its print goes, where a seal's ring may have cut it."""
    long, thick = quad_size(quad)
    if is_vertical(quad) or long < thick:
        return quad
    along = (quad[1] - quad[0]) / long
    ink, paper = np.percentile(_levels(quad[[0, 3]], along, np.arange(long, dtype=np.float64), gray), (2, 80))
    print_level = float(ink + _STROKE * (paper - ink))
    grown = quad.copy()
    for corners, way in (([0, 3], -along), ([1, 2], along)):
        steps = np.arange(-thick, _LONGEST * thick, dtype=np.float64)
        near = _levels(quad[corners], way, steps[: int(3 * thick)], stamp).any()
        if near:
            strokes = _levels(quad[corners], way, steps, gray) < print_level
            grown[corners] += way * _goes_on(strokes[:, steps >= 0].mean(axis=0), thick)
    return np.asarray(grown, dtype=np.float32)


def _levels(end: Quad, way: Quad, steps: NDArray[Any], picture: NDArray[Any]) -> NDArray[Any]:
    """Return what a picture (a mask too) holds at steps from a line's end along its way: (places across, steps)."""
    across = np.linspace(0.12, 0.88, 24)[:, None, None]
    points = end[0] + (end[1] - end[0]) * across + way * steps[None, :, None]
    height, width = picture.shape
    x, y = points[..., 0].round().astype(int), points[..., 1].round().astype(int)
    return np.asarray(picture[y.clip(0, height - 1), x.clip(0, width - 1)])


def _goes_on(inked: NDArray[np.float64], thick: float) -> float:
    """Return by how many pixels print goes on, given the share of ink in each column beyond a line's end."""
    reach, gap = 0, 0
    for step, share in enumerate(inked.tolist()):
        gap = 0 if share > _LEAST_STROKE else gap + 1
        if gap > _GAP * thick:
            return reach + _MARGIN * thick if reach > _MARGIN * thick else 0.0
        if share > _FULL:
            return 0.0
        reach = reach if gap else step
    return 0.0


def _joined(quads: Sequence[Quad]) -> list[Quad]:
    """Return lines with those put together that go on in one another."""
    out: list[Quad] = []
    for quad in sorted(quads, key=lambda q: float(q[:, 0].min())):
        before = next((other for other in out if _follows(other, quad)), None)
        if before is None:
            out.append(quad)
        else:
            before[[1, 2]] = quad[[1, 2]] if quad[:, 0].max() > before[:, 0].max() else before[[1, 2]]
    return out


def _follows(line: Quad, other: Quad) -> bool:
    """Return whether a line begins where another, of about its height and on its row, ends or before that."""
    thick, other_thick = quad_size(line)[1], quad_size(other)[1]
    if is_vertical(line) or is_vertical(other) or max(thick, other_thick) > _ALIKE * min(thick, other_thick):
        return False
    level = float(np.abs(line[[1, 2], 1] - other[[0, 3], 1]).max()) < _LEVEL * thick
    return level and float(other[[0, 3], 0].mean() - line[[1, 2], 0].mean()) < _APART * thick


def _share_inside(quad: Quad, other: Quad) -> float:
    """Return the share of a quad's area that lies inside another."""
    area, _ = cv2.intersectConvexConvex(quad, other)
    return float(area) / max(float(cv2.contourArea(quad)), 1.0)
