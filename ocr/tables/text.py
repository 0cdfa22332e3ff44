"""The page's text, character by character, put into the cells of a grid."""

from collections.abc import Iterable, Sequence

from ocr.tables.glyph import Glyph
from ocr.types import PageText

# Characters stand in one line of a cell if their middles differ by less than this share of their height.
_SAME_LINE = 0.6
_WORD_GAP = 0.35


def page_glyphs(page: PageText, scale_x: float, scale_y: float) -> list[Glyph]:
    """Return the page's characters in pixels (fractions times the scales). Spaces are left out."""
    glyphs = []
    for number, line in enumerate(page.lines):
        for index, char in enumerate(line.text):
            if char.isspace():
                continue
            box = line.span_box(index, index + 1)
            glyphs.append(
                Glyph(
                    char,
                    box.left * scale_x,
                    box.top * scale_y,
                    box.right * scale_x,
                    box.bottom * scale_y,
                    line.confidence,
                    number,
                )
            )
    return glyphs


def words(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Return the characters of each line of the page parted at gaps wider than a good part of a character."""
    result: list[list[Glyph]] = []
    for glyph in glyphs:
        last = result[-1][-1] if result else None
        if last is None or last.line != glyph.line or glyph.left - last.right > _WORD_GAP * glyph.height:
            result.append([glyph])
        else:
            result[-1].append(glyph)
    return result


def join_glyphs(glyphs: Iterable[Glyph]) -> str:
    """Return the text of one cell: its lines from the top, each from the left, without spaces."""
    return "".join(glyph.char for line in text_lines(glyphs) for glyph in line)


def text_lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Return characters as lines from the top, each from the left."""
    lines: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda item: item.center_y):
        if lines and glyph.center_y - _middle(lines[-1]) < _SAME_LINE * min(glyph.height, lines[-1][0].height):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [sorted(line, key=lambda item: item.left) for line in lines]


def _middle(line: Sequence[Glyph]) -> float:
    return sum(glyph.center_y for glyph in line) / len(line)


def mean_confidence(glyphs: Sequence[Glyph]) -> float:
    """Return the mean confidence of characters; 0 if there are none."""
    return sum(glyph.confidence for glyph in glyphs) / len(glyphs) if glyphs else 0.0
