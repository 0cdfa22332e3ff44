"""The text layer of a born-digital PDF, with positions: the only import of pdfplumber.

A text layer says what the author wanted copied, not what people see: it may be invisible, stale or forged. So it is
never read for itself; ocr/spelling.py lets it spell what was read on the rendered page.
Runs only inside the reader child: pdfplumber raises on odd files and has hung on a few.
"""

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber

from core.errors import XuefenError
from ocr.types import Box

# A gap this wide (in ems) starts a new line: the next column or the next label.
_COLUMN_GAP = 1.6
_WORD_GAP = 0.22
_PLAIN_RANGES = (("\u2e80", "\u2fdf"), ("\uf900", "\ufaff"))
# Radicals that fonts share with the simplified characters of the same form; Unicode gives them no compatibility form.
_RADICALS = str.maketrans(
    "\u2ec4\u2ec5\u2ec6\u2ec9\u2ecb\u2ed3\u2ed4\u2ed8\u2ed9\u2eda\u2edb\u2edc\u2edd"
    "\u2ee2\u2ee3\u2ee4\u2ee5\u2ee6\u2ee7\u2ee8\u2ee9\u2eec\u2eee\u2ef0\u2ef3",
    "西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character (or a ligature's) of a text layer: where it is drawn, and its em as a share of the page's width."""

    text: str
    box: Box
    em: float


class TextLayer:
    """The text layer of one PDF; opens it at the first question and never raises on a broken one."""

    def __init__(self, path: Path) -> None:
        """Remember the file; nothing is opened yet."""
        self._path = path
        self._document: Any = None
        self._broken = False

    def glyphs(self, number: int) -> tuple[Glyph, ...]:
        """Return the characters of page `number` (from 1), boxes in fractions of the page as drawn; () if none."""
        if self._broken:
            return ()
        try:
            if self._document is None:
                logging.getLogger("pdfminer").setLevel(logging.ERROR)
                self._document = pdfplumber.open(self._path)
            page = self._document.pages[number - 1]
            try:
                return page_glyphs(page)
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


def page_glyphs(page: Any) -> tuple[Glyph, ...]:
    """Return the characters of a pdfplumber page that stand on it, spaces left out."""
    left, top, right, bottom = (float(v) for v in page.bbox)
    width, height = right - left, bottom - top
    glyphs = (
        Glyph(_plain(str(char["text"])).strip(), _box(char, left, top, width, height), float(char["size"]) / width)
        for char in page.dedupe_chars().chars
        if char["size"] > 0 and not str(char["text"]).startswith("(cid:")
    )
    return tuple(g for g in glyphs if g.text and g.box.width > 0 and 0 <= g.box.center_x <= 1 >= g.box.center_y >= 0)


def rows_of(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Return characters row by row from the top, each row from the left."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: g.box.center_y):
        if rows and _same_row(rows[-1][-1].box, glyph.box):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [sorted(row, key=lambda g: g.box.left) for row in rows]


def spelled(row: Sequence[Glyph]) -> list[tuple[str, tuple[Box, ...]]]:
    """Cut a row of characters into pieces at wide gaps, single spaces between Latin words; one box a character."""
    pieces: list[tuple[str, tuple[Box, ...]]] = []
    text = ""
    boxes: list[Box] = []
    for glyph in row:
        box = glyph.box
        if boxes:
            gap = (box.left - boxes[-1].right) / glyph.em
            if gap > _COLUMN_GAP:
                pieces.append((text, tuple(boxes)))
                text, boxes = "", []
            elif gap > _WORD_GAP and text[-1].isascii() and glyph.text.isascii():
                text += " "
                boxes.append(Box(boxes[-1].right, box.top, box.left, box.bottom))
        text += glyph.text
        step = box.width / len(glyph.text)
        boxes += [
            Box(box.left + i * step, box.top, box.left + (i + 1) * step, box.bottom) for i in range(len(glyph.text))
        ]
    if boxes:
        pieces.append((text, tuple(boxes)))
    return pieces


def _same_row(one: Box, two: Box) -> bool:
    down = min(one.bottom, two.bottom) - max(one.top, two.top)
    return down > 0.5 * min(one.height, two.height)


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
        unicodedata.normalize("NFKC", c.translate(_RADICALS))
        if any(low <= c <= high for low, high in _PLAIN_RANGES)
        else c
        for c in text
    )
