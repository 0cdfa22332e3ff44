"""Tables of what one course's score is made of: the total in the column or the row that is called so. Pure."""

import re
from collections.abc import Sequence

from ocr.extract.screenwords import screen_words
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

ROW_SHARE = 0.4
# Cells of a column stand on each other, this part of the narrower one at least.
COLUMN_SHARE = 0.3
# How far down a column's figures go under its heading, in heights of the heading.
DEEP = 14.0
# How far under a figure its caption stands, in heights.
CAPTION_REACH = 2.5
CELLS = 3
NUMBERS = 2

_CELL = re.compile(r"\d{1,3}(?:\.\d{1,2})?分?(?:/\d{2,3}(?:\.0+)?分?)?")
# What a row or column holds that is nobody's score.
_NO_SCORE = re.compile(
    r"满分|总分值|分值|权重|占比|比例|平均|最[高低]|班级|全班|系数|次数|数量|题|时长|学时|排名|完成(?:数|情况|度)|序号"
)
# What it holds where the score itself stands, surest first.
_OWN = (
    re.compile(r"折算|加权|折合|最终|计入|综合"),
    re.compile(r"实[得际]|(?:我|你|您|本人|学员)的?|得分|成绩|分数|获得"),
)


def in_table(document: DocumentText, label: PlacedLine) -> list[PlacedLine] | None:
    """Return the scores that a total's label in a table of parts can mean; None where it stands in no such table.

    As a column's heading the label means what stands under it, as a row's what stands beside it under the heading of
    scores. More than one left: which counts is open.
    """
    row = _level(document, label)
    if len(row) < CELLS:
        return None
    numbers = [cell for cell in row if _CELL.fullmatch(cell.run.text)]
    if not numbers and any(screen_words().components.search(cell.run.text) for cell in row):
        return None if _under_figure(document, label) else _under(document, label) or None
    right = [cell for cell in numbers if cell.box.left > label.box.right]
    if len(right) >= NUMBERS:
        return _beside(document, label, right)
    return None


def _under_figure(document: DocumentText, label: PlacedLine) -> bool:
    """Return whether a figure stands right over a label: captions under figures head no columns."""
    return any(
        line.page == label.page
        and 0 < label.box.center_y - line.box.center_y < CAPTION_REACH * max(label.height, line.height)
        and _shares(line, label)
        and _CELL.fullmatch(line.run.text)
        for line in document.lines
    )


def _under(document: DocumentText, label: PlacedLine) -> list[PlacedLine]:
    """Return the figures under a column's heading, those of a row that holds the learner's scores if one is told."""
    cells = [
        line
        for line in document.lines
        if line.page == label.page
        and 0 < line.box.center_y - label.box.center_y < DEEP * label.height
        and _shares(line, label)
        and _CELL.fullmatch(line.run.text)
    ]
    leads = [(cell, _level(document, cell)[0].run.text) for cell in cells]
    return _likeliest([(cell, lead) for cell, lead in leads])


def _beside(document: DocumentText, label: PlacedLine, cells: Sequence[PlacedLine]) -> list[PlacedLine]:
    """Return the figures beside a row's label, the one under a column of scores if one is told."""
    return _likeliest([(cell, _heading(document, cell, label)) for cell in cells])


def _likeliest(cells: Sequence[tuple[PlacedLine, str]]) -> list[PlacedLine]:
    left = [(cell, told) for cell, told in cells if not _NO_SCORE.search(told)]
    for words in _OWN:
        own = [cell for cell, told in left if words.search(told)]
        if own:
            return own
    return [cell for cell, _ in left]


def _heading(document: DocumentText, cell: PlacedLine, label: PlacedLine) -> str:
    """Return the words at the head of a cell's column."""
    above = [
        line
        for line in document.lines
        if line.page == cell.page
        and line.box.center_y < cell.box.top
        and _shares(line, cell)
        and not _CELL.fullmatch(line.run.text)
        and re.search(r"[\u3400-\u9fff]", line.run.text)
        and line.box.left >= label.box.left
    ]
    nearest = max(above, key=lambda line: line.box.center_y, default=None)
    return nearest.run.text if nearest else ""


def _level(document: DocumentText, line: PlacedLine) -> list[PlacedLine]:
    """Return all pieces on a line's row, from left to right."""
    row = [
        other
        for other in document.lines
        if other.page == line.page
        and min(other.box.bottom, line.box.bottom) - max(other.box.top, line.box.top)
        > ROW_SHARE * min(other.height, line.height)
    ]
    return sorted(row, key=lambda other: other.box.left)


def _shares(one: PlacedLine, other: PlacedLine) -> bool:
    wide = min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
    return wide > COLUMN_SHARE * min(one.box.width, other.box.width)
