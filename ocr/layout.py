"""Reading order: a page's lines as flowing text whose every character knows its place. Pure.

Patterns run over normalised text without spaces (full-width letters and punctuation folded, one character for one); a
match is cut back to the characters as printed, with their box and the recogniser's confidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median

from ocr.blocks import blocks_of, is_upright_text, mended, rows_of, with_whole_labels
from ocr.formbook import formbook
from ocr.glyphs import simple_forms
from ocr.runs import Mark, PlacedLine, Run, joined, normal, union
from ocr.types import Box, PageText, Source

BLOCK_END = "\n"
# Set between a figure and a date or time of day that follows it after a space: 30 2017/09/11, 2019-06-20 10:22.
SEAM = ","
_SEAM = re.compile(r"(?<=\d)\s+(?=\d{1,2}[:：]\d\d(?!\d)|(?:19|20)\d\d[-/.年]\d)")
MAX_LINES = 2000
CRUMB = 2
CRUMB_BELIEF = 0.4
LATIN_CRUMB_BELIEF = 0.7
_WRITING_RULE = re.compile(r"_+(?![A-Za-z0-9])|(?<![A-Za-z0-9_])_+")
# The l of a Latin word read as 1: successful1y, individua1.
# The platforms' name with its two O read as figures.
_ZEROS = re.compile(r"M[O0oQ]{2}C(?![a-z])")
_ELL = re.compile(r"(?<=[a-z])1(?=[a-z])|(?<=[a-z]{3})1(?![0-9A-Za-z])")
# Titles are larger than the body, and among the first lines.
SIZE_OF_HEAD = 1.35
HEAD_LINES = 4
# Columns written downwards that begin within this share of the page's width are one column.
COLUMN_STEP = 0.025
# Labels of a column: their left edges, and how far one stands below the other, in heights.
STACK_EDGE = 0.5
STACK_REACH = 4.0


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the document as printed: text, box (of the page it begins on), confidence of its lines."""

    text: str
    page: int
    box: Box
    confidence: float
    source: Source


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document's pages as lines in reading order, and as running text in three views.

    `flow` joins the lines of a block and parts blocks with a newline; `by_line` ends every line with one; `head` is
    `by_line` of the large lines and the first few: where titles stand.
    """

    pages: tuple[PageText, ...]
    lines: tuple[PlacedLine, ...]
    blocks: tuple[tuple[PlacedLine, ...], ...]
    flow: Run
    by_line: Run
    head: Run

    def span(self, run: Run) -> Span | None:
        """Return a run as printed: its own characters and spaces, None for a run without characters."""
        marks = [m for m in run.marks if m is not None]
        if not marks:
            return None
        pieces: list[str] = []
        boxes: list[Box] = []
        sureness: list[float] = []
        for page, line_index, start, end in _stretches(marks):
            line = self.pages[page].lines[line_index]
            pieces.append(line.text[start:end])
            sureness.append(line.confidence)
            if page == marks[0].page:
                boxes.append(line.span_box(start, end))
        page_text = self.pages[marks[0].page]
        return Span(joined(pieces), page_text.number, union(boxes), min(sureness), page_text.source)


def read_layout(pages: Sequence[PageText]) -> DocumentText:
    """Put the lines of a document's pages into reading order and join them."""
    pages = [_respelled(page) for page in pages]
    lines: list[PlacedLine] = []
    blocks: list[tuple[PlacedLine, ...]] = []
    for number, page in enumerate(pages):
        placed = [p for p in (_place(number, i, page) for i in range(min(len(page.lines), MAX_LINES))) if _says(p)]
        if is_upright_text(placed):
            columns = sorted(placed, key=lambda p: (-round(p.box.center_x / COLUMN_STEP), p.box.top))
            lines.extend(columns)
            blocks.append(tuple(columns))
            continue
        rows = [with_whole_labels(mended(row), _labels()) for row in rows_of(placed)]
        lines.extend(line for row in rows for line in row)
        blocks.extend(blocks_of(rows))
    ordered = [line for block in blocks for line in block]
    large = SIZE_OF_HEAD * median(p.height for p in ordered) if ordered else 0.0
    first = sorted(ordered, key=lambda p: (p.page, p.box.top))[:HEAD_LINES]
    return DocumentText(
        pages=tuple(pages),
        lines=tuple(lines),
        blocks=tuple(blocks),
        flow=_run(blocks, _stacked(lines)),
        by_line=_run([(line,) for line in lines]),
        head=_run([(p,) for p in lines if p.height >= large or p in first]),
    )


def _run(blocks: Sequence[Sequence[PlacedLine]], starts: frozenset[tuple[int, int]] = frozenset()) -> Run:
    """Join the lines of each block; `starts` are (page, index) of lines that begin anew within their block."""
    text: list[str] = []
    marks: list[Mark | None] = []
    for block in blocks:
        for line in block:
            numbers = bool(text) and text[-1][-1:].isdigit() and line.run.text[:1].isdigit()
            if numbers or (text and text[-1] != BLOCK_END and (line.page, line.index) in starts):
                # Numbers of two lines are two numbers; what stands beside labels in a column is no sentence.
                text.append(BLOCK_END)
                marks.append(None)
            text.append(line.run.text)
            marks.extend(line.run.marks)
        text.append(BLOCK_END)
        marks.append(None)
    return Run("".join(text), tuple(marks))


def _stacked(lines: Sequence[PlacedLine]) -> frozenset[tuple[int, int]]:
    """Return a form's cells that begin anew, as (page, index), since none runs on as a sentence does.

    They are the labels that stand under each other at one left edge, and what stands right of each of them.
    """
    labels = [line for line in lines if line.run.text.rstrip(":") in _labels()]
    stacked = [
        one
        for one in labels
        if any(
            other is not one
            and other.page == one.page
            and abs(other.box.left - one.box.left) < STACK_EDGE * one.em
            and abs(other.box.center_y - one.box.center_y) < STACK_REACH * one.height
            for other in labels
        )
    ]
    beside = [_right_of(lines, label) for label in stacked]
    return frozenset((cell.page, cell.index) for cell in (*stacked, *beside) if cell is not None)


def _right_of(lines: Sequence[PlacedLine], label: PlacedLine) -> PlacedLine | None:
    """Return what stands next to a label on its row."""
    level = [
        line
        for line in lines
        if line.page == label.page
        and line.box.left >= label.box.right
        and abs(line.box.center_y - label.box.center_y) < label.height / 2
    ]
    return min(level, key=lambda line: line.box.left, default=None)


@cache
def _labels() -> frozenset[str]:
    return frozenset(word for form in formbook().forms.values() for word in form.stops)


def _respelled(page: PageText) -> PageText:
    """Return a page with MOOC in place of M00C: no word or number holds two figures between those letters."""
    if not any(_ZEROS.search(line.text) for line in page.lines):
        return page
    return replace(page, lines=tuple(replace(line, text=_ZEROS.sub("MOOC", line.text)) for line in page.lines))


def _place(page: int, index: int, source: PageText) -> PlacedLine:
    line = source.lines[index]
    simple = simple_forms()
    dropped = _dropped(line.text)
    ells = {match.start() for match in _ELL.finditer(line.text)}
    seams = {match.start() for match in _SEAM.finditer(line.text)}
    kept: list[tuple[str, Mark | None]] = []
    for i, c in enumerate(line.text):
        if i in seams:
            kept.append((SEAM, None))
        elif not c.isspace() and i not in dropped:
            kept.append(("l" if i in ells else normal(c).translate(simple), Mark(page, index, i)))
    run = Run("".join(c for c, _ in kept), tuple(m for _, m in kept))
    return PlacedLine(page, index, line, run, source.width / max(source.height, 1))


def _dropped(text: str) -> set[int]:
    """Return the places of what is no text: rules to write on read as `_`, and the English of a label (学时 Hours:)."""
    rules = {i for match in _WRITING_RULE.finditer(text) for i in range(*match.span())}
    return rules | {i for match in _gloss().finditer(text) for i in range(*match.span("gloss"))}


@cache
def _gloss() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{'|'.join(sorted(_labels(), key=len, reverse=True))})\s*(?P<gloss>/?\s*[A-Za-z][A-Za-z .()/]*)[:：]"
    )


def _says(line: PlacedLine) -> bool:
    """Return whether a line is text: crumbs of seals and patterns read as a character or two with no belief."""
    text = line.run.text
    least = CRUMB_BELIEF if any(c > "\u2e7f" for c in text) else LATIN_CRUMB_BELIEF
    return bool(text) and not (len(text) <= CRUMB and line.line.confidence < least)


def _stretches(marks: Sequence[Mark]) -> list[tuple[int, int, int, int]]:
    """Group places into (page, line, first character, past the last) in order."""
    found: list[tuple[int, int, int, int]] = []
    for mark in marks:
        if found and found[-1][:2] == (mark.page, mark.line) and mark.char >= found[-1][3]:
            found[-1] = (*found[-1][:3], mark.char + 1)
        else:
            found.append((mark.page, mark.line, mark.char, mark.char + 1))
    return found
