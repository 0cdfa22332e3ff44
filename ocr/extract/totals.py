"""The total of a score page: beside, above or below its label, in a ring, a table or a line. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import DocType, FieldName
from ocr.choice import choose
from ocr.extract.gradetable import in_table
from ocr.extract.headings import Opened, standing
from ocr.extract.screenwords import screen_words
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found
from ocr.labels import is_label, without_english
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

Facts = dict[FieldName, Found]

TOTAL = 0.95
BESIDE = 1.0
# How far a total's number may stand from its label, in heights of the label.
RIGHT_REACH = 40.0
NEAR_REACH = 2.5
# How far the boxes of a label and its number may run into each other, in heights of the label.
TOUCHING = 0.6
# Of several numbers near a label, none larger than it.
SEVERAL_NEAR = 0.9
# A figure told so is the total whatever else stands on the page; and what is left of belief in any other where the
# total cannot be read.
TOTAL_TOLD = 0.96
PART = 0.6
_WHOSE = r"(?:我的|您的|你的|本人|本门|本课程|课程|当前|学习|最终)"
# A table's next row lies this many heights of its figure off at most.
COLUMN_REACH = 4.0
FULL = "100"
# Labels of a total, surest first; those that name a total whatever stands around them.
_TOTALS = (
    re.compile(
        rf"{_WHOSE}*(?:总成绩|总分数?|总评成绩|总评|综合成绩|综合评分|总得分|综合得分|(?:合计|总计)(?:得分|成绩)?)"
    ),
    re.compile(rf"{_WHOSE}*(?:最终|结课)(?:成绩|得分|分数)"),
    re.compile(rf"{_WHOSE}+(?:成绩|得分|分数)"),
    re.compile(r"成绩|得分"),
)
OF_TOTAL = frozenset({0, 1})
# What a sentence ends with before the figure on the next line: 张三,你的最终成绩为.
_TOLD_LAST = re.compile(rf"(?:[,。!]|^)({_WHOSE}*(?:最终|总|综合)(?:成绩|得分|分数?|评))[为是:]+$")
_RESULT = re.compile(r"成绩|[得总满]分|总评|分数")
_FULL_MARKS = re.compile(r"\((?:满分|百分制)[:为]?\d{0,3}分?\)|\(100分制\)")
UNPUBLISHED = re.compile(
    r"(?:总成绩|总分|最终成绩|课程得分|我的成绩|课程成绩|成绩|得分)[:]?\n?(?:将|尚?未|待|暂[无未]|还未|-{2,})(?:在|于)?.{0,6}?(?:公布|发布|出|\n|$)"
)
_SCORE = re.compile(
    r"(?P<score>\d{1,3}(?:\.\d{1,2})?)分?(?:/\d{2,3}(?:\.0+)?分?)?"
    r"[(,·]?(?:已通过|未通过|不?合格|不?及格|优秀|良好|通过)?\)?[>》›]?"
)


def with_total(document: DocumentText, facts: Facts, opened: Opened | None, headings: Sequence[PlacedLine]) -> Facts:
    """Take the total from beside, above or below its label: in a ring or a table the number stands on its own.

    Where a total is called for and none can be read, a figure told some other way may be a part of it.
    """
    found: list[Found] = []
    unread = False
    for label in document.lines:
        rank = _rank(label)
        if rank is None:
            continue
        weight = TOTAL * (1 - 0.03 * rank)
        own = [
            score
            for line, sure in _of_label(document, label, bare=rank == len(_TOTALS) - 1 and not _alone(document, label))
            if (score := _score_on(document, line, weight * sure, opened, headings))
        ]
        found.extend(own)
        unread = unread or (rank == 0 and not own)
    printed = facts.get(FieldName.SCORE)
    best = choose([*found, *([printed] if printed else [])], FieldName.SCORE, last=False)
    if best is None:
        return facts
    if unread and not any(f.value == best.value for f in found) and best.belief < TOTAL_TOLD * best.span.confidence:
        best = replace(best, belief=best.belief * PART)
    return {**facts, FieldName.SCORE: best}


def _rank(label: PlacedLine) -> int | None:
    """Return which kind of a total's label a line is or, after a pause, ends with (张三,你的最终成绩为)."""
    text = without_english(_FULL_MARKS.sub("", label.run.text).rstrip(":"))
    whole = next((i for i, words in enumerate(_TOTALS) if words.fullmatch(text)), None)
    if whole is not None:
        return whole
    ended = _TOLD_LAST.search(text)
    return next((i for i, words in enumerate(_TOTALS[:-1]) if words.fullmatch(ended[1])), None) if ended else None


def _alone(document: DocumentText, label: PlacedLine) -> bool:
    """Return whether a bare label is the only word of results on its page: its figure is then no part of another."""
    return not any(
        line is not label and (_RESULT.search(line.run.text) or screen_words().components.search(line.run.text))
        for line in document.lines
    )


def _of_label(document: DocumentText, label: PlacedLine, *, bare: bool) -> list[tuple[PlacedLine, float]]:
    """Return the lines of the score that a label means, each with how surely: in a table all that can be meant."""
    table = in_table(document, label)
    if table is not None:
        return [(line, 1.0) for line in table]
    near = [
        (line, way)
        for line in document.lines
        if (way := _way_to(document, label, line)) and not (bare and way < BESIDE)
    ]
    if not near:
        return []
    line, _ = max(near, key=lambda pair: (round(pair[0].em / label.em, 1), pair[1]))
    return [(line, 1.0 if len(near) == 1 or line.em > label.em else SEVERAL_NEAR)]


def _score_on(
    document: DocumentText,
    line: PlacedLine,
    weight: float,
    opened: Opened | None,
    headings: Sequence[PlacedLine],
) -> Found | None:
    """Return the score on a line, None where it stands under another course."""
    match = _SCORE.match(line.run.text)
    if match is None:
        return None
    score = candidate_at(document, FieldName.SCORE, line.run.part(*match.span("score")), weight, 0)
    own = standing(document, score, opened, headings) if score and opened else 1.0
    return replace(score, belief=score.belief * own) if score and own else None


def with_row_total(document: DocumentText, facts: Facts) -> Facts:
    """Take the total from its row of a table of components, of which any other could be told for it.

    Of several figures on the row full marks and shares are left out; where more than one is left, none is taken.
    """
    for label in document.lines:
        if _rank(label) not in OF_TOTAL:
            continue
        row = in_table(document, label) or [line for line in document.lines if _way_to(document, label, line) == BESIDE]
        scores = {s.value: s for line in row if (s := _bare_score(document, line)) and s.value != FULL}
        if len(scores) != 1:
            continue
        total = next(iter(scores.values()))
        told = facts.get(FieldName.SCORE)
        if told is None or (told.value != total.value and (told.value == FULL or _in_column(document, told))):
            return {**facts, FieldName.SCORE: total}
    return facts


def _bare_score(document: DocumentText, line: PlacedLine) -> Found | None:
    match = _SCORE.match(line.run.text)
    return candidate_at(document, FieldName.SCORE, line.run.part(*match.span("score")), TOTAL, 0) if match else None


def _in_column(document: DocumentText, told: Found) -> bool:
    """Return whether a score stands over or under another bare figure, as in a table's column."""
    box = told.span.box
    return any(
        _SCORE.fullmatch(line.run.text)
        and document.pages[line.page].number == told.span.page
        and min(line.box.right, box.right) > max(line.box.left, box.left)
        and 0 < abs(line.box.center_y - box.center_y) < COLUMN_REACH * box.height
        for line in document.lines
    )


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
    if overlap <= 0 or clear > NEAR_REACH * max(label.height, line.height) or _of_component(document, line, clear):
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


def _of_component(document: DocumentText, line: PlacedLine, clear: float) -> bool:
    """Return whether words of a part of the total stand nearer over or under a number than the total's label."""
    return any(
        other.page == line.page
        and other is not line
        and min(other.box.right, line.box.right) > max(other.box.left, line.box.left)
        and max(other.box.top - line.box.bottom, line.box.top - other.box.bottom) < clear
        and screen_words().components.search(other.run.text)
        for other in document.lines
    )
