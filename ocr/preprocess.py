"""Page repair by OpenCV: the page cut out of a photo, small skew, uneven light, dark mode.

Pure image work on BGR arrays; what the models must say (orientation) stands in ocr/upright.py. Each repair is asked
for by a measurement and left out where it would not help: cutting or turning a good page wrongly costs more than it
gains.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.geometry import order_corners, quad_size

Image = NDArray[np.uint8]
Gray = NDArray[np.uint8]
Quad = NDArray[np.float32]

_LOOK_SIDE = 640
_LEAST_LOOK = 160
# A page in a photo: at least this share of the picture, but not the picture itself.
_PAGE_SHARE = (0.25, 0.97)
# The page must differ from what lies around it (Lab distance) on every side: a frame printed on paper does not.
_GROUND_DISTANCE = 18.0
# Corners this far (share of the longer side) from an upright rectangle make cutting out worth while.
_KEYSTONE = 0.012
# Pixels (of the small copy) on both sides of an edge at which the ground is compared.
_DEPTHS = (6, 12, 20)
_MAX_SKEW = 20.0
_DARK_LEVEL = 90
_BRIGHT_LEVEL, _MOST_BRIGHT = 150, 0.3
# About one short word in small print; what has more ink goes to the detector, which has the last word.
_BLANK_INK = 0.0001


def is_blank(image: Image) -> bool:
    """Return whether a page holds no ink to speak of: no dark strokes against their own surroundings."""
    gray = _look(image)
    if min(gray.shape) < 16:  # noqa: PLR2004 - too small to hold a character
        return True
    inner = gray[gray.shape[0] // 25 : -gray.shape[0] // 25 or None, gray.shape[1] // 25 : -gray.shape[1] // 25 or None]
    ground = cv2.medianBlur(np.ascontiguousarray(inner), 31)
    return float(np.mean(np.abs(inner.astype(np.int16) - ground) > 40)) < _BLANK_INK  # noqa: PLR2004 - clear strokes


def turn(image: Image, degrees: int) -> Image:
    """Turn an image clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -(degrees // 90) % 4)) if degrees % 360 else image


def find_page(image: Image) -> Quad | None:
    """Return the corners (clockwise from top left, pixels) of a page photographed askew on a ground, else None.

    None also where cutting would gain nothing: the page is an upright rectangle, fills the picture, or what looks like
    its edge is a frame printed on the paper (the same ground on both sides).
    """
    height, width = image.shape[:2]
    scale = min(_LOOK_SIDE / max(height, width), 1.0)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(cv2.medianBlur(small, 5), cv2.COLOR_BGR2LAB), dtype=np.uint8)
    candidates = [quad for mask in _masks(lab) for quad in _quads(mask)]
    candidates.sort(key=lambda quad: -cv2.contourArea(quad))
    for quad in candidates:
        if _stands_out(lab, quad):
            return quad / scale if _askew(quad) else None
    return None


def cut_out(image: Image, quad: Quad) -> Image:
    """Map a page's corners to an upright rectangle of about the same size in pixels."""
    grown = _grow(quad, 0.006, image.shape[1], image.shape[0])
    width, height = (max(round(side), 32) for side in quad_size(grown))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(grown, target)
    page = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(page, dtype=np.uint8)


def is_dark(image: Image) -> bool:
    """Return whether a page is light text on a flat dark ground, as screenshots in dark mode are.

    A shadow is not, nor a pale page on a dark table.
    """
    gray = _look(image)
    if float((gray > _BRIGHT_LEVEL).mean()) > _MOST_BRIGHT:
        return False
    histogram = np.bincount(gray.ravel(), minlength=256).astype(float) / gray.size
    peak = int(histogram[:_DARK_LEVEL].argmax())
    flat = float(histogram[max(peak - 8, 0) : peak + 9].sum())
    return flat > 0.35 and float(np.median(gray)) < _DARK_LEVEL  # noqa: PLR2004 - one shade holds a third of the page


def invert(image: Image) -> Image:
    """Swap light and dark."""
    return np.asarray(cv2.bitwise_not(image), dtype=np.uint8)


def uneven_light(image: Image) -> float:
    """Return the darkest part of the paper's brightness as a share of the brightest (1.0 = even light)."""
    ground = _ground(_look(image))
    low, high = np.percentile(ground, (5, 95))
    return float(low) / max(float(high), 1.0)


def level_light(image: Image) -> Image:
    """Divide out the slow changes of light, so that paper is equally bright everywhere; colours stay."""
    small = _ground(_look(image)).astype(np.float32)
    ground = cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    gain = np.clip(float(np.percentile(ground, 95)) / np.maximum(ground, 32.0), 1.0, 4.0)
    return np.asarray(cv2.multiply(image, cv2.merge([gain] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def skew(quads: Sequence[Quad]) -> float:
    """Return the angle (degrees, positive = lines fall to the right) of a page's text lines; 0 where none is long."""
    angles, weights = [], []
    for quad in quads:
        width, height = quad_size(quad)
        if width > 4 * height:
            middle = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
            angles.append(math.degrees(math.atan2(float(middle[1]), float(middle[0]))))
            weights.append(width)
    if not angles:
        return 0.0
    order = np.argsort(angles)
    upto = np.cumsum(np.array(weights)[order])
    angle = float(np.array(angles)[order][np.searchsorted(upto, upto[-1] / 2)])
    return angle if abs(angle) <= _MAX_SKEW else 0.0


def straighten(image: Image, quads: Sequence[Quad], angle: float) -> tuple[Image, list[Quad]]:
    """Rotate a page by its skew on a canvas large enough; the quads go with it."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = int(height * sin + width * cos), int(height * cos + width * sin)
    matrix[0, 2] += (new_width - width) / 2
    matrix[1, 2] += (new_height - height) / 2
    ground = tuple(float(v) for v in np.median(image[:: max(height // 64, 1), :: max(width // 64, 1)], axis=(0, 1)))
    page = cv2.warpAffine(image, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderValue=ground)
    moved = [cv2.transform(quad[None], matrix)[0].astype(np.float32) for quad in quads]
    return np.asarray(page, dtype=np.uint8), moved


def _look(image: Image) -> Gray:
    """Return a small grey copy to measure on; that of a long strip is long, so that its print stays."""
    scale = min(max(_LOOK_SIDE / max(image.shape[:2]), _LEAST_LOOK / min(image.shape[:2])), 1.0)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _ground(gray: Gray) -> Gray:
    """Return the brightness of the paper without its print: strokes closed, then smoothed."""
    closed = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25)))
    return np.asarray(cv2.GaussianBlur(closed, (0, 0), 15), dtype=np.uint8)


def _masks(lab: Image) -> list[Gray]:
    """Return views in which a page may stand out: brighter than its ground, unlike the picture's rim, or edged."""
    light = np.ascontiguousarray(lab[:, :, 0])
    _, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    rim = np.concatenate([lab[:6].reshape(-1, 3), lab[-6:].reshape(-1, 3), lab[:, :6].reshape(-1, 3)])
    distance = np.linalg.norm(lab.astype(np.float32) - np.median(rim, axis=0), axis=2)
    _, unlike = cv2.threshold(np.clip(distance, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edges = cv2.dilate(cv2.Canny(light, 40, 120), np.ones((5, 5), np.uint8))
    kernel = np.ones((9, 9), np.uint8)
    closed = [cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel) for mask in (bright, unlike)]
    return [np.asarray(mask, dtype=np.uint8) for mask in (*closed, edges)]


def _quads(mask: Gray) -> list[Quad]:
    """Return the large four-cornered outlines of a mask, corners in order."""
    found = []
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        hull = cv2.convexHull(contour)
        share = cv2.contourArea(hull) / mask.size
        if not _PAGE_SHARE[0] <= share <= _PAGE_SHARE[1]:
            continue
        outline = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, closed=True), closed=True)
        if len(outline) == 4 and _right_angled(outline[:, 0, :].astype(np.int32)):  # noqa: PLR2004 - a page has four corners
            found.append(order_corners(outline[:, 0, :].astype(np.float32)))
    return found


def _right_angled(points: NDArray[np.int32]) -> bool:
    """Return whether all four angles lie between 60 and 120 degrees: a page seen at a slant."""
    for index in range(4):
        before = points[index - 1] - points[index]
        after = points[(index + 1) % 4] - points[index]
        cosine = float(np.dot(before, after)) / max(float(np.linalg.norm(before) * np.linalg.norm(after)), 1.0)
        if abs(cosine) > 0.5:  # noqa: PLR2004 - cos 60 degrees
            return False
    return True


def _stands_out(lab: Image, quad: Quad) -> bool:
    """Return whether paper lies inside and something else outside, on every side that has an outside.

    Each side is looked at in several depths: beyond the line of a printed frame, the same paper goes on.
    """
    centre = quad.mean(axis=0)
    seen = 0
    for index in range(4):
        start, end = quad[index], quad[(index + 1) % 4]
        along = start + (end - start) * np.linspace(0.1, 0.9, 25, dtype=np.float32)[:, None]
        outward = (start + end) / 2 - centre
        outward /= max(float(np.linalg.norm(outward)), 1.0)
        outside = [_shade(lab, along + depth * outward) for depth in _DEPTHS]
        inside = [_shade(lab, along - depth * outward) for depth in _DEPTHS]
        if outside[0] is None:
            continue
        pairs = [(one, two) for one in outside for two in inside if one is not None and two is not None]
        if min(float(np.linalg.norm(one - two)) for one, two in pairs) < _GROUND_DISTANCE:
            return False
        seen += 1
    return seen >= 3  # noqa: PLR2004 - one side may be cut off by the picture's rim


def _shade(lab: Image, points: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """Return the median colour at points of an image; None where they leave it."""
    columns, rows = points[:, 0].astype(int), points[:, 1].astype(int)
    if min(columns.min(), rows.min()) < 0 or columns.max() >= lab.shape[1] or rows.max() >= lab.shape[0]:
        return None
    return np.asarray(np.median(lab[rows, columns].astype(float), axis=0))


def _askew(quad: Quad) -> bool:
    """Return whether the corners lie off an upright rectangle by more than a little."""
    box = np.array([quad[[0, 3], 0].mean(), quad[[0, 1], 1].mean(), quad[[1, 2], 0].mean(), quad[[2, 3], 1].mean()])
    level = np.array([[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]])
    return float(np.abs(quad - level).max()) > _KEYSTONE * max(quad_size(quad))


def _grow(quad: Quad, share: float, width: int, height: int) -> Quad:
    """Move the corners outward a little, inside the picture, so that no edge of the page is lost."""
    centre = quad.mean(axis=0)
    grown = centre + (quad - centre) * (1 + 2 * share)
    return np.asarray(np.clip(grown, 0, [width - 1, height - 1]), dtype=np.float32)
