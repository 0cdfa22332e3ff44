"""An upright page image becomes a PageText: find lines, read each at native resolution, place every character."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.bands import look_under_seals
from ocr.gaps import look_in_gaps
from ocr.geometry import character_boxes, crop_quad, is_vertical, pixel_box, quad_box, quad_size, reading_order
from ocr.looks import look_again
from ocr.marks import says_no_paper
from ocr.models import ModelPaths
from ocr.paddle import PaddleModels, Quad, Recognised
from ocr.repairs import ALL_REPAIRS, Repairs
from ocr.simplify import simplified
from ocr.types import Box, Line, PageText, Slot
from ocr.upright import UprightPage, make_upright, on_its_head
from ocr.zeros import restore_zeros

Image = NDArray[np.uint8]

# The note of words that leave a paper to a person.
NO_PAPER = "doubtful_wording"
# A page whose characters read worse than this on average may stand on its head; it does if the other way reads better
# by this much.
_LEGIBLE = 0.8
_CLEARLY = 0.1


class Engine:
    """Reads upright page images. Owns its models; use one in each process, from one thread."""

    def __init__(self, paths: ModelPaths, scratch: Path, repairs: Repairs = ALL_REPAIRS) -> None:
        """Load the models; `scratch` is a directory the OCR library may write to."""
        self.models = PaddleModels(paths, scratch)
        self.repairs = repairs

    def read_raw(self, raw: Image, number: int = 1) -> tuple[PageText, UprightPage]:
        """Make a page as it lies in a file upright and read it; the PageText's boxes are those of the upright page."""
        upright = make_upright(raw, self.models, self.repairs)
        page = self._page(upright.image, upright.quads, number)
        if self.repairs.turn and page.lines and _legibility(page) < _LEGIBLE:
            # The orientation model is sure of a few pages that stand on their head; their text gives them away.
            turned = on_its_head(upright)
            other = self._page(turned.image, turned.quads, number)
            if _legibility(other) > _legibility(page) + _CLEARLY:
                page, upright = other, turned
        notes = upright.notes
        if self.repairs.marks and says_no_paper(upright.image, self.models):
            notes = (*notes, NO_PAPER)
        page = replace(page, rotation=upright.rotation, skew=upright.skew, dark=upright.dark, notes=notes)
        return page, upright

    def read(self, image: Image, number: int = 1) -> PageText:
        """Read one upright BGR page. Lines are in reading order, boxes in fractions of the page.

        Lines are found on a page shrunk to the detector's side, but read from the crops at native resolution.
        """
        return self._page(image, self.models.detect(image), number)

    def _page(self, image: Image, quads: Sequence[Quad], number: int) -> PageText:
        height, width = image.shape[:2]
        if self.repairs.under_seals:
            quads = look_under_seals(image, quads, self.models)
        if self.repairs.gaps:
            quads = look_in_gaps(image, quads, self.models)
        lines = self.read_lines(image, quads)
        return PageText(number=number, width=width, height=height, source="ocr", lines=reading_order(lines))

    def read_lines(self, image: Image, quads: Sequence[Quad]) -> list[Line]:
        """Read the lines at the given corners (pixels of an upright page); those that say nothing are left out."""
        height, width = image.shape[:2]
        read = self.recognise([crop_quad(image, quad) for quad in quads])
        return [_line(quad, said, width, height) for quad, said in zip(quads, read, strict=True) if said.text.strip()]

    def recognise(self, crops: Sequence[Image]) -> list[Recognised]:
        """Read crops; look again at those that a seal covers or that read unsurely, and put dropped zeros back."""
        read = look_again(crops, self.models.recognise(crops), self.models, self.repairs)
        whole = read
        if self.repairs.zeros:
            whole = [restore_zeros(crop, said) for crop, said in zip(crops, read, strict=True)]
        return [
            replace(said, text=simplified(said.text), slots=_moved(first, said))
            for first, said in zip(read, whole, strict=True)
        ]

    def read_crop(self, crop: Image) -> Recognised:
        """Read one level line cut out of a page."""
        (said,) = self.recognise([np.ascontiguousarray(crop)])
        return said

    def reread(self, image: Image, box: Box) -> Line:
        """Read a single line again from one region of the page, at native resolution and without looking for lines.

        Gives text "" and confidence 0 where nothing is read.
        """
        height, width = image.shape[:2]
        left, top, right, bottom = pixel_box(box, width, height)
        quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)
        (said,) = self.recognise([crop_quad(image, quad)])
        return _line(quad, said, width, height)


def _legibility(page: PageText) -> float:
    """Return how well a page reads: its lines' confidences, weighed by characters."""
    letters = sum(len(line.text) for line in page.lines)
    return sum(line.confidence * len(line.text) for line in page.lines) / max(letters, 1)


def _line(quad: Quad, said: Recognised, width: int, height: int) -> Line:
    """Place what was read in a quadrilateral on its page."""
    box = quad_box(quad, width, height)
    long, thick = quad_size(quad)
    vertical = is_vertical(quad)
    aspect = thick / max(long, 1.0) if vertical else long / max(thick, 1.0)
    chars = character_boxes(said.text, said.middles, box, aspect, vertical=vertical)
    return Line(text=said.text, confidence=said.score, box=box, chars=chars, slots=said.slots)


def _moved(before: Recognised, after: Recognised) -> tuple[Slot, ...]:
    """Return a line's slots with their places counted in its text after characters were put into it."""
    if len(before.text) == len(after.text):
        return after.slots
    place: list[int] = []
    for index, character in enumerate(after.text):
        if len(place) < len(before.text) and character == before.text[len(place)]:
            place.append(index)
    place.append(len(after.text))
    return tuple(replace(slot, at=place[min(slot.at, len(place) - 1)]) for slot in after.slots)
