"""Reading order: a page's lines as flowing text whose every character knows its place. Pure.

Patterns run over normalised text without spaces (full-width letters and punctuation folded, one character for one); a
match is cut back to the characters as printed, with their box and the recogniser's confidence.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocr.glyphs import simple_forms
from ocr.types import Box, Line, PageText, Source

# Gaps in units of the line's height: wider parts columns, taller parts paragraphs.
COLUMN_GAP = 3.5
PARAGRAPH_GAP = 1.7
SIZE_STEP = 1.75
TOUCH = 0.3
SAME_ROW = 0.5
SAME_COLUMN = 0.3
BLOCK_END = "\n"
MAX_LINES = 2000
CRUMB = 2
CRUMB_BELIEF = 0.4
# Titles are larger than the body, and among the first lines.
SIZE_OF_HEAD = 1.35
HEAD_LINES = 4

_FOLD = str.maketrans(
    {
        "•": "·", "・": "·", "．": "·", "‧": "·", "∙": "·", "･": "·", "⋅": "·", "●": "·", "〈": "《", "〉": "》", "«": "《", "»": "》", "≪": "《", "≫": "》",
        "—": "-", "–": "-", "－": "-", "―": "-", "‐": "-", "−": "-", "～": "~", "∼": "~", "〜": "~", "﹕": ":", "∶": ":", "︰": ":",
        "﹒": ".", "｡": "。",
    }
)  # fmt: skip


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
        return Span(_joined(pieces), page_text.number, union(boxes), min(sureness), page_text.source)


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


def read_layout(pages: Sequence[PageText]) -> DocumentText:
    """Put the lines of a document's pages into reading order and join them."""
    lines: list[PlacedLine] = []
    blocks: list[tuple[PlacedLine, ...]] = []
    for number, page in enumerate(pages):
        placed = [p for p in (_place(number, i, page) for i in range(min(len(page.lines), MAX_LINES))) if _says(p)]
        rows = [_mended(row) for row in _rows(placed)]
        lines.extend(line for row in rows for line in row)
        blocks.extend(_blocks(rows))
    ordered = [line for block in blocks for line in block]
    large = SIZE_OF_HEAD * median(p.height for p in ordered) if ordered else 0.0
    first = sorted(ordered, key=lambda p: (p.page, p.box.top))[:HEAD_LINES]
    return DocumentText(
        pages=tuple(pages),
        lines=tuple(lines),
        blocks=tuple(blocks),
        flow=_run(blocks),
        by_line=_run([(line,) for line in lines]),
        head=_run([(p,) for p in lines if p.height >= large or p in first]),
    )


def _run(blocks: Sequence[Sequence[PlacedLine]]) -> Run:
    text: list[str] = []
    marks: list[Mark | None] = []
    for block in blocks:
        for line in block:
            text.append(line.run.text)
            marks.extend(line.run.marks)
        text.append(BLOCK_END)
        marks.append(None)
    return Run("".join(text), tuple(marks))


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all boxes (at least one)."""
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )


def _place(page: int, index: int, source: PageText) -> PlacedLine:
    line = source.lines[index]
    simple = simple_forms()
    kept = [(normal(c).translate(simple), Mark(page, index, i)) for i, c in enumerate(line.text) if not c.isspace()]
    run = Run("".join(c for c, _ in kept), tuple(m for _, m in kept))
    return PlacedLine(page, index, line, run, source.width / max(source.height, 1))


def _says(line: PlacedLine) -> bool:
    """Return whether a line is text: crumbs of seals and patterns read as a character or two with no belief."""
    return bool(line.run.text) and not (len(line.run.text) <= CRUMB and line.line.confidence < CRUMB_BELIEF)


def _stretches(marks: Sequence[Mark]) -> list[tuple[int, int, int, int]]:
    """Group places into (page, line, first character, past the last) in order."""
    found: list[tuple[int, int, int, int]] = []
    for mark in marks:
        if found and found[-1][:2] == (mark.page, mark.line) and mark.char >= found[-1][3]:
            found[-1] = (*found[-1][:3], mark.char + 1)
        else:
            found.append((mark.page, mark.line, mark.char, mark.char + 1))
    return found


def _joined(pieces: Sequence[str]) -> str:
    text = pieces[0]
    for piece in pieces[1:]:
        latin = text[-1:].isascii() and text[-1:].isalnum() and piece[:1].isascii() and piece[:1].isalpha()
        text += f" {piece}" if latin else piece
    return text


def _rows(lines: list[PlacedLine]) -> list[list[PlacedLine]]:
    """Group lines that stand beside each other; rows from top to bottom, lines in a row from left to right."""
    rows: list[list[PlacedLine]] = []
    for line in sorted(lines, key=lambda p: p.box.center_y):
        row = next((r for r in reversed(rows[-3:]) if _beside(r, line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    for row in rows:
        row.sort(key=lambda p: p.box.left)
    return rows


def _mended(row: list[PlacedLine]) -> list[PlacedLine]:
    """Join neighbours in a row that touch: detection parts a line where a stroke or a fold crosses it."""
    mended = [row[0]]
    for line in row[1:]:
        last = mended[-1]
        gap = line.box.left - last.box.right
        if -TOUCH * last.em < gap < TOUCH * last.em and not _size_step(last.height, line.height):
            mended[-1] = _glued(last, line)
        else:
            mended.append(line)
    return mended


def _glued(left: PlacedLine, right: PlacedLine) -> PlacedLine:
    text = _joined([left.line.text, right.line.text])
    line = Line(text, min(left.line.confidence, right.line.confidence), union([left.box, right.box]))
    run = Run(left.run.text + right.run.text, left.run.marks + right.run.marks)
    return PlacedLine(left.page, left.index, line, run, left.aspect)


def _beside(row: list[PlacedLine], line: PlacedLine) -> bool:
    nearest = min(row, key=lambda p: abs(p.box.center_x - line.box.center_x))
    overlap = min(nearest.box.bottom, line.box.bottom) - max(nearest.box.top, line.box.top)
    return overlap > SAME_ROW * min(nearest.height, line.height)


def _blocks(rows: list[list[PlacedLine]]) -> list[tuple[PlacedLine, ...]]:
    """Chain pieces of rows that run on below each other into blocks, so that columns do not mix."""
    blocks: list[list[list[PlacedLine]]] = []
    for row in rows:
        for piece in _pieces(row):
            home = _home(blocks, piece)
            if home is None:
                blocks.append([piece])
            else:
                home.append(piece)
    return [tuple(line for piece in block for line in piece) for block in blocks]


def _pieces(row: list[PlacedLine]) -> list[list[PlacedLine]]:
    """Part a row where the gap is as wide as between columns."""
    pieces = [[row[0]]]
    for left, right in pairwise(row):
        gap = right.box.left - left.box.right
        if gap > COLUMN_GAP * max(left.em, right.em) or _size_step(left.height, right.height):
            pieces.append([right])
        else:
            pieces[-1].append(right)
    return pieces


def _home(blocks: list[list[list[PlacedLine]]], piece: list[PlacedLine]) -> list[list[PlacedLine]] | None:
    """Return the block whose last row this piece continues: just below, overlapping, of like size."""
    box = union([p.box for p in piece])
    height = median(p.height for p in piece)
    best: tuple[float, list[list[PlacedLine]]] | None = None
    for block in blocks[-12:]:
        last = block[-1]
        above = union([p.box for p in last])
        size = median(p.height for p in last)
        gap = box.top - above.bottom
        overlap = min(box.right, above.right) - max(box.left, above.left)
        if gap > PARAGRAPH_GAP * max(height, size) or _size_step(height, size) or overlap <= 0:
            continue
        share = overlap / max(min(box.width, above.width), 1e-6)
        if share >= SAME_COLUMN and (best is None or share > best[0]):
            best = share, block
    return best[1] if best else None


def _size_step(one: float, other: float) -> bool:
    low, high = sorted((one, other))
    return high > SIZE_STEP * max(low, 1e-6)
