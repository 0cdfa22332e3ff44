"""Text whose every character knows its place: marks, runs, placed lines; folding characters to plain forms. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.types import Box, Line

BARS = "|丨"
# Middle dots, title quotes, dashes and the like, each set to one form.
_FOLD = str.maketrans(
    "•・．‧∙･⋅●〈〉«»≪≫—–－―‐−～∼〜﹕∶︰﹒｡",
    "········《》《》《》------~~~:::.。",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a character of a run stands: page and line as indices into the document, character within the line."""

    page: int
    line: int
    char: int


@dataclass(frozen=True, slots=True)
class Run:
    """Normalised text with the place of each character; None marks a seam that was added (end of a block)."""

    text: str
    marks: tuple[Mark | None, ...]

    def part(self, start: int, end: int) -> "Run":
        """Return text[start:end] with its places."""
        return Run(self.text[start:end], self.marks[start:end])


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line with its page, its run and its size in units that do not depend on the page's shape."""

    page: int
    index: int
    line: Line
    run: Run
    aspect: float

    @property
    def box(self) -> Box:
        """The line's box in fractions of the page."""
        return self.line.box

    @property
    def height(self) -> float:
        """Height as a fraction of the page's height."""
        return self.line.box.height

    @property
    def em(self) -> float:
        """The line's height as a fraction of the page's *width*: the width of one of its CJK characters, about."""
        return self.line.box.height / self.aspect


def normal(character: str) -> str:
    """Fold one character to its plain form, always one character: `：` -> `:`, `９` -> `9`, radicals to characters."""
    folded = character.translate(_FOLD)
    if folded != character:
        return folded
    composed = unicodedata.normalize("NFKC", character)
    return composed if len(composed) == 1 else character


def folded(text: str) -> str:
    """Return text as patterns see it: every character folded, spaces gone."""
    return "".join(normal(c) for c in text if not c.isspace())


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all boxes (at least one)."""
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )


def joined(pieces: Sequence[str]) -> str:
    """Return pieces of lines as one text, with a space only between Latin words."""
    text = pieces[0]
    for piece in pieces[1:]:
        latin = text[-1:].isascii() and text[-1:].isalnum() and piece[:1].isascii() and piece[:1].isalpha()
        text += f" {piece}" if latin else piece
    return text


def words(run: Run) -> list[tuple[int, int]]:
    """Return where the words of a line begin and end: what spaces or upright bars part."""
    spans: list[tuple[int, int]] = []
    start = 0
    for i in range(len(run.text) + 1):
        at_bar = i < len(run.text) and run.text[i] in BARS
        one, other = (run.marks[i - 1], run.marks[i]) if 0 < i < len(run.text) else (None, None)
        spaced = one is not None and other is not None and other.char > one.char + 1
        if i == len(run.text) or at_bar or spaced:
            if i > start:
                spans.append((start, i))
            start = i + at_bar
    return spans


def pieces(run: Run) -> list[Run]:
    """Return the words of a line."""
    return [run.part(start, end) for start, end in words(run)]
