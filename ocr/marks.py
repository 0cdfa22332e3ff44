"""Large slanting words across a page that say it is no valid paper: SAMPLE, 样本, 作废.

The detector looks for lines of print and misses letters a fifth of the page tall. A page with long strokes that slant
all one way is turned back by their angle, small and without its print, and read once more.
"""

import re
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.geometry import crop_quad, quad_size
from ocr.paddle import PaddleModels, Quad

Image = NDArray[np.uint8]
Gray = NDArray[np.uint8]

# The longest side of the copy that is looked at (pixels).
_SIDE = 640
# Strokes thinner than this are print: closed up, only large letters and pictures are left.
_PRINT = 5
# Edges of what is left: their contrast, votes and least length (pixels), and the least length of all that slant one
# way, in lengths of the copy; with no more than fine print closed up, outlined letters stand out by more.
_CONTRAST = (8, 24)
_VOTES, _EDGE = 10, 12
_FINE = 3
_ENOUGH, _ENOUGH_FINE = 0.17, 0.33
# Degrees from level and from upright that no line of a straightened page has; edges this near are parallel.
_SLANT = 11
_PARALLEL = 5
# No mark is turned by more.
_STEEP = 60
# How the letters are looked at, one after the other: strokes closed up (pixels), and scale.
_VIEWS = ((5, 1.0), (5, 0.5), (7, 0.5), (3, 1.0))
# Letters are no lower than this share of the copy.
_TALL = 0.05
_LEVEL = 9
# What such words say, as large letters over print are read.
_SAID = re.compile(
    r"[样祥].{0,2}[本木张例稿件]|作[废度]|废|失效|无效|注销|草[稿案]|示例|模板|预[览觉覽]|供预|仅供[参内演测试学]|试用|演示|测试"
    r"|SAMP|SPECIM|VOID|INVALID|CANCEL|DRAFT|PREVIEW|DEMO|TEST",
    re.IGNORECASE,
)


def says_no_paper(image: Image, models: PaddleModels) -> bool:
    """Return whether large slanting words across an upright page say that it is a specimen or void."""
    scale = min(_SIDE / max(image.shape[:2]), 1.0)
    page = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return any(_SAID.search(_read(view, models)) for angle in slants(page) for view in _views(page, angle))


def slants(page: Image) -> list[float]:
    """Return the angles (degrees, positive = falling to the right) at which large letters can stand; [] as a rule."""
    for size, enough in ((_PRINT, _ENOUGH), (_FINE, _ENOUGH_FINE)):
        best, length = _slant(np.asarray(_closed(page, size).min(axis=2), dtype=np.uint8))
        if length > enough * max(page.shape[:2]):
            return [angle for angle in (best, best - 90) if abs(angle) <= _STEEP]
    return []


def _slant(gray: Gray) -> tuple[float, float]:
    """Return the angle (11..79 degrees, uprights count as levels) that most slanting edges share, and their length."""
    edges = cv2.Canny(cv2.GaussianBlur(gray, (5, 5), 0), *_CONTRAST)
    found = cv2.HoughLinesP(edges, 1, np.pi / 90, _VOTES, minLineLength=_EDGE, maxLineGap=2)
    if found is None:
        return 0.0, 0.0
    x1, y1, x2, y2 = found.reshape(-1, 4).astype(np.float64).T
    length, angle = np.hypot(x2 - x1, y2 - y1), np.degrees(np.arctan2(y2 - y1, x2 - x1)) % 90
    slanting = (angle > _SLANT) & (angle < 90 - _SLANT)
    tries = np.arange(_SLANT, 90 - _SLANT)
    near = np.abs(angle[slanting][None, :] - tries[:, None]) <= _PARALLEL
    along = (near * length[slanting][None, :]).sum(axis=1)
    return float(tries[int(along.argmax())]), float(along.max())


def _closed(page: Image, size: int) -> Image:
    """Return a page without the strokes that are thinner than `size` pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(page, cv2.MORPH_CLOSE, kernel), dtype=np.uint8)


def _views(page: Image, angle: float) -> Iterator[Image]:
    """Yield a page turned so that letters at an angle stand level, with less and less of its print closed up."""
    for size, scale in _VIEWS:
        view = cv2.resize(_closed(page, size), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = view.shape[:2]
        cos, sin = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
        wide, high = int(height * sin + width * cos), int(height * cos + width * sin)
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        matrix[0, 2] += (wide - width) / 2
        matrix[1, 2] += (high - height) / 2
        ground = tuple(float(v) for v in np.median(view, axis=(0, 1)))
        turned = cv2.warpAffine(view, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderValue=ground)
        low, top = np.percentile(turned, (1, 90))
        yield np.clip((turned.astype(np.float32) - low) * 255 / max(top - low, 1.0), 0, 255).astype(np.uint8)


def _read(view: Image, models: PaddleModels) -> str:
    """Return what the tall level words of a turned page say, from left to right."""
    least = _TALL * max(view.shape[:2])
    tall = [quad for quad in models.detect(view) if quad_size(quad)[1] > least and _level(quad)]
    read = models.recognise([crop_quad(view, quad) for quad in sorted(tall, key=lambda q: float(q[:, 0].min()))])
    return "".join(said.text for said in read).replace(" ", "")


def _level(quad: Quad) -> bool:
    """Return whether a word lies level; the page's own lines slant when it is turned."""
    across, down = quad[1] - quad[0]
    return abs(float(np.degrees(np.arctan2(down, across)))) < _LEVEL
