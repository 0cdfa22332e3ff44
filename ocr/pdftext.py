"""The text layer of a born-digital PDF, with positions: the only import of pdfplumber.

A text layer says what the author wanted copied, not what people see: it may be invisible, stale or forged. So it is
used only where it agrees with what is read on the rendered page; what it lacks is read there too.
Runs only inside the reader child: pdfplumber raises on odd files and has hung on a few.
"""

import logging
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from core.errors import XuefenError
from ocr.geometry import crop_quad, pixel_box, quad_box, quad_size, reading_order
from ocr.paddle import Recognised
from ocr.types import Box, Line

Image = NDArray[np.uint8]
Quad = NDArray[np.float32]
Recognise = Callable[[Sequence[Image]], list[Recognised]]

# Lines read again from the rendered page: all of a certificate's, a spread of a long page's.
_SAMPLE = 16
_AGREES = 0.75
_SURE = 0.9
# A gap this wide (in ems) starts a new line: the next column or the next label.
_COLUMN_GAP = 1.6
_WORD_GAP = 0.22
_PLAIN_RANGES = (("\u2e80", "\u2fdf"), ("\uf900", "\ufaff"))


class TextLayer:
    """The text layer of one PDF; opens it at the first question and never raises on a broken one."""

    def __init__(self, path: Path) -> None:
        """Remember the file; nothing is opened yet."""
        self._path = path
        self._document: Any = None
        self._broken = False

    def lines(self, number: int) -> tuple[Line, ...]:
        """Return the lines of page `number` (from 1), boxes in fractions of the page as drawn; () if none."""
        if self._broken:
            return ()
        try:
            if self._document is None:
                logging.getLogger("pdfminer").setLevel(logging.ERROR)
                self._document = pdfplumber.open(self._path)
            page = self._document.pages[number - 1]
            try:
                return page_lines(page)
            finally:
                page.close()
        except (XuefenError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - pdfminer raises nearly anything on odd files; the pixels are read instead
            self._broken = True
            return ()

    def close(self) -> None:
        """Close the file if it was opened."""
        if self._document is not None:
            self._document.close()


def page_lines(page: Any) -> tuple[Line, ...]:
    """Return a pdfplumber page's characters as lines in reading order."""
    left, top, right, bottom = (float(v) for v in page.bbox)
    width, height = right - left, bottom - top
    glyphs = [
        (_plain(str(char["text"])), _box(char, left, top, width, height), float(char["size"]) / width)
        for char in page.dedupe_chars().chars
        if char.get("upright", True) and char["size"] > 0 and not str(char["text"]).startswith("(cid:")
    ]
    glyphs = [
        g for g in glyphs if g[0] and g[1].right > g[1].left and 0 <= g[1].center_x <= 1 and 0 <= g[1].center_y <= 1
    ]
    rows: list[list[tuple[str, Box, float]]] = []
    for glyph in sorted(glyphs, key=lambda g: g[1].center_y):
        if rows and _same_row(rows[-1][-1][1], glyph[1]):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return reading_order([line for row in rows for line in _split(sorted(row, key=lambda g: g[1].left))])


class Trust(StrEnum):
    """What the rendered page says of its text layer."""

    BORNE_OUT = "borne_out"
    UNCLEAR = "unclear"
    CONTRADICTED = "contradicted"


def trust(lines: Sequence[Line], image: Image, quads: Sequence[Quad], read: Recognise, *, every: bool = False) -> Trust:
    """Compare a text layer with the rendered page, by reading a sample of its lines (`every`: all of them).

    `quads` are the text regions the detector found on that page, in its pixels. Contradicted: a line clearly reads
    differently, or nothing can be read where the layer has a line (invisible text). Unclear: a line cannot be read
    surely (under a seal), or the layer holds less than half of the text seen.
    """
    missing = uncovered(lines, image, quads)
    if 2 * sum(quad_size(quad)[0] for quad in missing) > sum(quad_size(quad)[0] for quad in quads):
        return Trust.UNCLEAR
    height, width = image.shape[:2]
    seen = [quad_box(quad, width, height) for quad in quads]
    hidden = [line for line in lines if not any(_overlap(line.box, box) for box in seen)]
    plain = [line for line in lines if line not in hidden]
    sample = [*hidden[:_SAMPLE], *(plain if every else _sample(plain))]
    said = read([_crop(image, line.box) for line in sample])
    verdicts = {_verdict(line.text, one) for line, one in zip(sample, said, strict=True)}
    return max(verdicts, key=list(Trust).index, default=Trust.UNCLEAR)


def uncovered(lines: Sequence[Line], image: Image, quads: Sequence[Quad]) -> list[Quad]:
    """Return the text regions of a rendered page where its text layer has no line."""
    height, width = image.shape[:2]
    return [quad for quad in quads if not any(_overlap(quad_box(quad, width, height), line.box) for line in lines)]


def _verdict(layer: str, seen: Recognised) -> Trust:
    """Return whether a line of the layer is what the recogniser saw: nearly all characters, and every digit."""
    one, two = _compact(layer), _compact(seen.text)
    digits_one, digits_two = ("".join(c for c in text if c.isdigit()) for text in (one, two))
    if digits_one == digits_two and Levenshtein.normalized_similarity(one, two) >= _AGREES:
        return Trust.BORNE_OUT
    return Trust.CONTRADICTED if not two or seen.score >= _SURE else Trust.UNCLEAR


def _compact(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()).upper()


def _sample(lines: Sequence[Line]) -> list[Line]:
    """Return lines to check: those with digits first (hours, scores, dates, numbers), then a spread of the rest."""
    telling = [line for line in lines if any(c.isdigit() for c in line.text)]
    rest = [line for line in lines if line not in telling]
    room = max(_SAMPLE - len(telling), _SAMPLE // 2)
    spread = rest if len(rest) <= room else [rest[i * len(rest) // room] for i in range(room)]
    return telling[: 2 * _SAMPLE] + spread


def _crop(image: Image, box: Box) -> Image:
    """Cut a line out of the page with a little room around it."""
    height, width = image.shape[:2]
    left, top, right, bottom = pixel_box(box, width, height)
    room = max((bottom - top) // 8, 1)
    corners = [
        [left - room, top - room],
        [right + room, top - room],
        [right + room, bottom + room],
        [left - room, bottom + room],
    ]
    return crop_quad(image, np.array(corners, dtype=np.float32))


def _overlap(one: Box, two: Box) -> bool:
    """Return whether two boxes share a good part of the smaller one's height and some width."""
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    across = min(one.right, two.right) - max(one.left, two.left)
    return down > 0.4 * min(one.height, two.height) and across > 0


def _same_row(one: Box, two: Box) -> bool:
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    return down > 0.5 * min(one.height, two.height)


def _split(row: Sequence[tuple[str, Box, float]]) -> list[Line]:
    """Cut a row of characters into lines at wide gaps; put single spaces between Latin words only."""
    lines: list[Line] = []
    text = ""
    boxes: list[Box] = []
    for glyph, box, em in row:
        if glyph.isspace():
            continue
        if boxes:
            gap = (box.left - boxes[-1].right) / em
            if gap > _COLUMN_GAP:
                lines.append(_line(text, boxes))
                text, boxes = "", []
            elif gap > _WORD_GAP and text[-1].isascii() and glyph.isascii():
                text += " "
                boxes.append(Box(boxes[-1].right, box.top, box.left, box.bottom))
        text += glyph
        step = box.width / len(glyph)
        boxes += [Box(box.left + i * step, box.top, box.left + (i + 1) * step, box.bottom) for i in range(len(glyph))]
    if boxes:
        lines.append(_line(text, boxes))
    return lines


def _line(text: str, boxes: Sequence[Box]) -> Line:
    left, right = min(b.left for b in boxes), max(b.right for b in boxes)
    around = Box(left, min(b.top for b in boxes), right, max(b.bottom for b in boxes))
    return Line(text=text, confidence=1.0, box=around, chars=tuple(boxes))


def _box(char: dict[str, Any], left: float, top: float, width: float, height: float) -> Box:
    """Return a pdfplumber character's box as fractions of its page."""
    return Box(
        (float(char["x0"]) - left) / width,
        (float(char["top"]) - top) / height,
        (float(char["x1"]) - left) / width,
        (float(char["bottom"]) - top) / height,
    )


def _plain(text: str) -> str:
    """Replace radicals and compatibility ideographs, which some PDF fonts map to, by the characters people mean."""
    return "".join(
        unicodedata.normalize("NFKC", c) if any(low <= c <= high for low, high in _PLAIN_RANGES) else c for c in text
    )
