"""Rows and blocks of a page: what stands beside, what runs on below, so that columns do not mix. Pure."""

import re
from collections.abc import Collection
from itertools import pairwise
from statistics import median

from ocr.runs import PlacedLine, Run, joined, union
from ocr.types import Line

# Gaps in units of the line's height: wider parts columns, taller parts paragraphs.
COLUMN_GAP = 3.5
PARAGRAPH_GAP = 1.7
SIZE_STEP = 1.75
INDENT = 2.2
TOUCH = 0.3
# A long dash in a name can be read as nothing, or as the beginning of what follows it.
DASH_GAP = 3.0
# So is a date's year from its month: 2017 年 6 月.
DATE_GAP = 1.5
_DATE_SEAM = re.compile(r"(?:(?:19|20)\d\d\|年|年\|\d|\d\|月|月\|\d|\d\|日)")
_ENDS_WORD = re.compile(r"[\u3400-\u9fff)”]$")
SAME_ROW = 0.5
SAME_COLUMN = 0.3
NEAREST_BLOCKS = 12
# A label of up to so many characters can be spread over a column so many heights wide.
SPREAD_LABEL = 5
SPREAD = 6.0
# A school right behind a title is a piece of its own.
_SCHOOL = re.compile(r"[\u3400-\u9fff]{2,12}(?:大学|学院)")
WORDS = 4
# Lines this many times as tall as wide run downwards; a page of mostly such lines is read from the right.
UPRIGHT = 2.0
UPRIGHT_SHARE = 0.7
_ORG = re.compile(r"(?:大学|学院|[局厅]|委员会|公司)$")
# A school's name with its last character, which a seal can part from the rest and leave small.
_LAST_OF_ORG = re.compile(r"[\u3400-\u9fff]{2}(?:大学|学[院校])$")
# A sentence in Latin letters: a translation beside or under the Chinese text is no part of it.
_LATIN_PROSE = re.compile(r"[^\u3400-\u9fff]*[A-Za-z]+[, ]+[A-Za-z]+[, ]+[^\u3400-\u9fff]*[a-z][^\u3400-\u9fff]*")
# A table without rules: at least so many columns, rows and cells apart by so many heights.
GRID_COLUMNS = 3
GRID_GAP = 2.5
GRID_SPACE = 0.8


def rows_of(lines: list[PlacedLine]) -> list[list[PlacedLine]]:
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


def mended(row: list[PlacedLine]) -> list[PlacedLine]:
    """Join neighbours in a row that touch: detection parts a line where a stroke or a fold crosses it."""
    whole = [row[0]]
    for line in row[1:]:
        last = whole[-1]
        gap = line.box.left - last.box.right
        stray = len(line.run.text) == 1 and _LAST_OF_ORG.search(last.run.text + line.run.text)
        parts = (_size_step(last.height, line.height) and not stray) or _named_apart(last.run.text, line.run.text)
        reach = DASH_GAP if line.run.text[0] == "-" and _ENDS_WORD.search(last.run.text) else TOUCH
        if _DATE_SEAM.search(f"{last.run.text[-4:]}|{line.run.text[0]}"):
            reach = DATE_GAP
        if -TOUCH * last.em < gap < reach * last.em and not parts:
            whole[-1] = _glued(last, line)
        else:
            whole.append(line)
    return whole


def is_upright_text(lines: list[PlacedLine]) -> bool:
    """Return whether a page is written downwards, in columns from the right: most it says stands in tall lines."""
    long = [line for line in lines if len(line.run.text) >= WORDS]
    said = sum(len(line.run.text) for line in long)
    down = sum(len(line.run.text) for line in long if line.height > UPRIGHT * line.box.width * line.aspect)
    return down > UPRIGHT_SHARE * max(said, 1)


def with_whole_labels(row: list[PlacedLine], labels: Collection[str]) -> list[PlacedLine]:
    """Join the pieces of a label that is spread over its column: 姓 and 名:张三 are 姓名:张三."""
    whole = [row[0]]
    for line in row[1:]:
        last = whole[-1]
        head, text = last.run.text, last.run.text + line.run.text
        ends = [at for at in range(len(head) + 1, min(len(text), SPREAD_LABEL) + 1) if text[:at] in labels]
        spread = (
            len(head) < SPREAD_LABEL and head not in labels and 0 < line.box.left - last.box.right < SPREAD * last.em
        )
        if (
            spread
            and not _size_step(last.height, line.height)
            and any(text[at:].isascii() or text[at] == ":" for at in ends)
        ):
            whole[-1] = _glued(last, line)
        else:
            whole.append(line)
    return whole


def _named_apart(left: str, right: str) -> bool:
    """Return whether the right piece is a name of its own: a school behind a title, an issuer behind another."""
    school = _SCHOOL.fullmatch(right) and len(left) >= WORDS
    return bool(school or (_ORG.search(left) and _ORG.search(right)))


def _glued(left: PlacedLine, right: PlacedLine) -> PlacedLine:
    text = joined([left.line.text, right.line.text])
    line = Line(text, min(left.line.confidence, right.line.confidence), union([left.box, right.box]))
    run = Run(left.run.text + right.run.text, left.run.marks + right.run.marks)
    return PlacedLine(left.page, left.index, line, run, left.aspect)


def _beside(row: list[PlacedLine], line: PlacedLine) -> bool:
    nearest = min(row, key=lambda p: abs(p.box.center_x - line.box.center_x))
    overlap = min(nearest.box.bottom, line.box.bottom) - max(nearest.box.top, line.box.top)
    return overlap > SAME_ROW * min(nearest.height, line.height)


def blocks_of(rows: list[list[PlacedLine]]) -> list[tuple[PlacedLine, ...]]:
    """Chain pieces of rows that run on below each other into blocks, so that columns do not mix."""
    blocks: list[list[list[PlacedLine]]] = []
    grid = {at for upper in range(len(rows) - 1) if _of_grid(rows[upper], rows[upper + 1]) for at in (upper, upper + 1)}
    for at, row in enumerate(rows):
        for piece in [[line] for line in row] if at in grid else _pieces(row):
            home = _home(blocks, piece)
            if home is None:
                blocks.append([piece])
            else:
                home.append(piece)
    return [tuple(line for piece in block for line in piece) for block in blocks]


def _of_grid(upper: list[PlacedLine], lower: list[PlacedLine]) -> bool:
    """Return whether two rows are a table's: several pieces well apart, each under its own, and none beside another."""
    if len(upper) != len(lower) or len(upper) < GRID_COLUMNS:
        return False
    gap = lower[0].box.top - upper[0].box.bottom
    if upper[0].page != lower[0].page or gap > GRID_GAP * max(upper[0].height, lower[0].height):
        return False
    apart = all(
        right.box.left - left.box.right > GRID_SPACE * left.em
        for row in (upper, lower)
        for left, right in pairwise(row)
    )
    return apart and all(
        min(one.box.right, other.box.right) > max(one.box.left, other.box.left)
        for one, other in zip(upper, lower, strict=True)
    )


def _pieces(row: list[PlacedLine]) -> list[list[PlacedLine]]:
    """Part a row where the gap is as wide as between columns."""
    pieces = [[row[0]]]
    for left, right in pairwise(row):
        gap = right.box.left - left.box.right
        other = _translates(left) != _translates(right)
        if gap > COLUMN_GAP * max(left.em, right.em) or other or _size_step(left.height, right.height):
            pieces.append([right])
        else:
            pieces[-1].append(right)
    return pieces


def _home(blocks: list[list[list[PlacedLine]]], piece: list[PlacedLine]) -> list[list[PlacedLine]] | None:
    """Return the block whose last row this piece continues: just below, overlapping, of like size."""
    box = union([p.box for p in piece])
    height = median(p.height for p in piece)
    best: tuple[float, list[list[PlacedLine]]] | None = None
    for block in blocks[-NEAREST_BLOCKS:]:
        last = block[-1]
        above = union([p.box for p in last])
        size = median(p.height for p in last)
        gap = box.top - above.bottom
        # a paragraph's first line is indented: its second can end before that
        overlap = min(box.right, above.right) - max(box.left, above.left - INDENT * last[0].em)
        if gap > PARAGRAPH_GAP * max(height, size) or _size_step(height, size) or overlap <= 0:
            continue
        if _translates(last[-1]) != _translates(piece[0]):
            continue
        share = overlap / max(min(box.width, above.width), 1e-6)
        if share >= SAME_COLUMN and (best is None or share > best[0]):
            best = share, block
    return best[1] if best else None


def _translates(line: PlacedLine) -> bool:
    return _LATIN_PROSE.fullmatch(line.line.text) is not None


def _size_step(one: float, other: float) -> bool:
    low, high = sorted((one, other))
    return high > SIZE_STEP * max(low, 1e-6)
