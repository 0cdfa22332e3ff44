"""The total of a score page: beside, above or below its label, in a ring, a table or a line. Pure."""

import re
from collections.abc import Sequence

from core.vocabulary import DocType, FieldName
from ocr.choice import choose
from ocr.extract.headings import belongs
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.labels import is_label
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

Facts = dict[FieldName, Found]

TOTAL = 0.95
BESIDE = 1.0
# A number so much larger than the bare word 得分 with it is the page's total, as in a ring.
IN_RING = 1.8
# How far a total's number may stand from its label, in heights of the label.
RIGHT_REACH = 40.0
NEAR_REACH = 2.5
# How far the boxes of a label and its number may run into each other, in heights of the label.
TOUCHING = 0.6
# Labels of a total, surest first; 我的, 课程 and the like may stand before them.
_TOTALS = (
    re.compile(
        r"(?:我的|您的|你的|本课程|课程|当前|最终|学习)*(?:总成绩|总分数?|总评成绩|总评|综合成绩|总得分|(?:合计|总计)(?:得分|成绩))"
    ),
    re.compile(r"(?:最终|综合)(?:成绩|得分)"),
    re.compile(r"(?:我的|您的|你的|本课程|课程|当前|学习)+(?:成绩|得分)"),
    re.compile(r"成绩|得分"),
)
_FULL_MARKS = re.compile(r"\((?:满分|百分制)[:为]?\d{0,3}分?\)|\(100分制\)")
UNPUBLISHED = re.compile(
    r"(?:总成绩|总分|最终成绩|课程得分|我的成绩|课程成绩|成绩|得分)[:]?\n?(?:将|尚?未|待|暂[无未]|还未|-{2,})(?:在|于)?.{0,6}?(?:公布|发布|出|\n|$)"
)
_SCORE = re.compile(r"(?P<score>\d{1,3}(?:\.\d{1,2})?)分?(?:/\d{2,3}分?)?(?:已通过|未通过|合格|及格)?")


def with_total(document: DocumentText, facts: Facts, title: PlacedLine | None, headings: Sequence[PlacedLine]) -> Facts:
    """Take the total from beside, above or below its label: in a ring or a table the number stands on its own."""
    found: list[Found] = []
    for label in document.lines:
        text = _FULL_MARKS.sub("", label.run.text).rstrip(":")
        rank = next((i for i, words in enumerate(_TOTALS) if words.fullmatch(text)), None)
        if rank is None:
            continue
        bare = rank == len(_TOTALS) - 1
        near = [
            (line, way)
            for line in document.lines
            if (way := _way_to(document, label, line)) and not (bare and way < BESIDE)
        ]
        if near:
            line, way = max(near, key=lambda pair: (round(pair[0].em / label.em, 1), pair[1]))
            weight = TOTAL * (1 - 0.03 * rank) * (1.0 if len(near) == 1 or line.em > label.em else 0.9)
            match = _SCORE.match(line.run.text)
            score = (
                candidate_at(document, FieldName.SCORE, line.run.part(*match.span("score")), weight, 0)
                if match
                else None
            )
            if score and (title is None or belongs(document, score, title, headings)):
                found.append(score)
    printed = facts.get(FieldName.SCORE)
    best = choose([*found, *([printed] if printed else [])], FieldName.SCORE, last=False)
    return {**facts, FieldName.SCORE: best} if best else facts


def _way_to(document: DocumentText, label: PlacedLine, line: PlacedLine) -> float:
    """Return how well a line of a bare score stands to a total's label (0: not beside it at all)."""
    if line.page != label.page or line is label or not _SCORE.fullmatch(line.run.text):
        return 0.0
    down = line.box.center_y - label.box.center_y
    if min(line.box.bottom, label.box.bottom) - max(line.box.top, label.box.top) > 0.4 * min(line.height, label.height):
        gap = line.box.left - label.box.right
        return BESIDE if -TOUCHING * label.em <= gap < RIGHT_REACH * label.em else 0.0
    overlap = min(line.box.right, label.box.right) - max(line.box.left, label.box.left)
    clear = max(line.box.top - label.box.bottom, label.box.top - line.box.bottom)
    if overlap <= 0 or clear > NEAR_REACH * max(label.height, line.height):
        return 0.0
    if _of_another_caption(document, label, line, below=down < 0):
        return 0.0
    return 0.9 if down < 0 else 0.8


def _of_another_caption(document: DocumentText, label: PlacedLine, line: PlacedLine, *, below: bool) -> bool:
    """Return whether a number over (`below` it is the label) or under a label has a caption of its own on its far side.

    In a grid of captions and figures the figure over a caption can be the one of the caption above.
    """
    stops = formbook().forms[DocType.SCORE_SCREENSHOT].stops
    return any(
        other is not label
        and other.page == line.page
        and is_label(other.run.text, stops)
        and min(other.box.right, line.box.right) > max(other.box.left, line.box.left)
        and 0
        < (line.box.center_y - other.box.center_y) * (1 if below else -1)
        <= abs(label.box.center_y - line.box.center_y)
        for other in document.lines
    )
