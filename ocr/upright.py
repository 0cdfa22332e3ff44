"""A page as it lies in a file becomes an upright page with its text lines found.

Orientation is decided by the orientation model, by the direction of the lines found, and, whenever the two do not agree
that the page stands upright already, by reading a few lines each way: a page turned wrongly loses everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.geometry import VERTICAL_RATIO, crop_quad, is_vertical, quad_size
from ocr.paddle import PaddleModels
from ocr.preprocess import cut_out, find_page, invert, is_dark, level_light, skew, straighten, turn, uneven_light
from ocr.repairs import ALL_REPAIRS, Repairs
from ocr.strips import find_lines

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]

# The orientation model's certainty is about 0.92 on clear pages, below 0.7 on pages that it does not know.
_SURE = 0.8
_PROBES = 5
# Angles below this move the ends of a full-width line by less than half a character.
_LEAST_SKEW = 0.35
_UNEVEN = 0.5
_UPSIDE_DOWN = 180
CUT_OUT = "page_cut_out"


@dataclass(frozen=True, slots=True)
class UprightPage:
    """An upright page: `image` to read from, `shown` as people see it (not inverted), and the text lines on it.

    `rotation` is the quarter turn applied (degrees clockwise), `skew` the small angle corrected.
    """

    image: Image
    shown: Image
    quads: tuple[Quad, ...]
    rotation: int
    skew: float
    dark: bool
    notes: tuple[str, ...]

    @property
    def as_drawn(self) -> bool:
        """Whether every pixel still lies where it lay in the file."""
        return not self.rotation and not self.skew and CUT_OUT not in self.notes


def make_upright(raw: Image, models: PaddleModels, repairs: Repairs = ALL_REPAIRS) -> UprightPage:
    """Cut the page out of a photo, turn and straighten it, level its light; each step only where it helps."""
    notes = []
    image = raw
    corners = find_page(image) if repairs.cut_out else None
    if corners is not None and not _text_outside(corners, models.detect(image)):
        image = cut_out(image, corners)
        notes.append(CUT_OUT)
    if repairs.level_light and uneven_light(image) < _UNEVEN and not is_dark(image):
        image = level_light(image)
        notes.append("light_levelled")
    dark = repairs.invert_dark and is_dark(image)
    readable = invert(image) if dark else image
    quads = find_lines(readable, models)
    rotation = orientation(readable, quads, models) if repairs.turn else 0
    if rotation:
        readable = turn(readable, rotation)
        image = invert(readable) if dark else readable
        # Lines that lay on their side are found better upright; those on their head lie where they lay.
        quads = _turned_over(quads, readable) if rotation == _UPSIDE_DOWN else find_lines(readable, models)
    angle = skew(quads) if repairs.deskew else 0.0
    if abs(angle) >= _LEAST_SKEW:
        readable, quads = straighten(readable, quads, angle)
        image = invert(readable) if dark else readable
    else:
        angle = 0.0
    return UprightPage(readable, image, tuple(quads), rotation, angle, dark, tuple(notes))


def on_its_head(upright: UprightPage) -> UprightPage:
    """Return the page turned by 180 degrees more, its lines where they then lie."""
    image = turn(upright.image, _UPSIDE_DOWN)
    return replace(
        upright,
        image=image,
        shown=turn(upright.shown, _UPSIDE_DOWN),
        quads=tuple(_turned_over(upright.quads, image)),
        rotation=(upright.rotation + _UPSIDE_DOWN) % 360,
    )


def _text_outside(corners: Quad, quads: Sequence[Quad]) -> bool:
    """Return whether text stands outside the page found: then it is only a part, cut at a coloured band."""
    middles = [quad.mean(axis=0) for quad in quads]
    outside = [cv2.pointPolygonTest(corners, (float(x), float(y)), measureDist=False) < 0 for x, y in middles]
    return any(outside)


def orientation(image: Image, quads: Sequence[Quad], models: PaddleModels) -> int:
    """Return the quarter turn (degrees clockwise) that makes a page upright; 0 where nothing can be told."""
    turned, sure = models.orient(_small(image))
    sideways = _lines_run_down(quads)
    fix = -turned % 360
    if not quads or (fix == 0 and not sideways and sure >= _SURE):
        return 0
    choices = {fix, *((90, 270) if sideways else (0, 180))}
    return max(sorted(choices), key=lambda degrees: (_reads(image, quads, degrees, models), degrees == fix))


def _turned_over(quads: Sequence[Quad], image: Image) -> list[Quad]:
    """Return a page's lines as they lie once it is turned by 180 degrees, corners clockwise from top left again."""
    height, width = image.shape[:2]
    edge = np.array([width, height], dtype=np.float32)
    return [np.roll(edge - quad, 2, axis=0) for quad in quads]


def _lines_run_down(quads: Sequence[Quad]) -> bool:
    """Return whether most of the text, by length, runs across the page's short way: the page lies on its side."""
    down = sum(max(quad_size(quad)) for quad in quads if is_vertical(quad))
    across = sum(max(quad_size(quad)) for quad in quads if not is_vertical(quad))
    return down > across


def _reads(image: Image, quads: Sequence[Quad], degrees: int, models: PaddleModels) -> float:
    """Return how well a few long lines read after a quarter turn: mean score, weighed by characters."""
    longest = sorted(quads, key=lambda quad: -max(quad_size(quad)))[:_PROBES]
    crops = [_crop_turned(image, quad, degrees) for quad in longest]
    read = models.recognise(crops)
    letters = sum(len(said.text) for said in read)
    return round(sum(said.score * len(said.text) for said in read) / max(letters, 1), 3)


def _crop_turned(image: Image, quad: Quad, degrees: int) -> Image:
    """Cut out a line as it will lie once the page is turned."""
    crop = crop_quad(image, quad)
    # crop_quad lays text that runs downwards on its side by a quarter turn anticlockwise
    already = 270 if is_vertical(quad) else 0
    crop = turn(crop, (degrees - already) % 360)
    return turn(crop, 270) if crop.shape[0] > crop.shape[1] * VERTICAL_RATIO else crop


def _small(image: Image) -> Image:
    """Shrink for the orientation model, which looks at 256 pixels."""
    scale = min(512 / min(image.shape[:2]), 1.0)
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
