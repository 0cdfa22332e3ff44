"""Values beside printed labels, by geometry: after the label on its line, right of it, or below it. Pure."""

import re
from collections.abc import Iterator, Sequence

from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run
from ocr.runs import words as words_of

AFTER_COLON = 1.0
AFTER_LABEL = 0.93
RIGHT_OF = 0.97
BELOW = 0.9
ABOVE = 0.88
STACKED = 0.96
# The farther of two neighbours, and how much farther it is.
FARTHER = 0.84
CLINGING = 2.0
# In a row of figures, each over or under its caption; less than right of it by more than rivals weigh.
IN_GRID = 0.86
# How far a value may stand from its label, in heights of the label.
RIGHT_REACH = 14.0
# A label and its value alone on their row, at its two ends.
PAIR_REACH = 45.0
PAIR = 2
NEAR_REACH = 3.0
# How far the left edges of a caption and its value may differ, in heights.
EDGE = 0.6
# Stray characters of a seal before a label.
STRAY = 1
COLONS = ":;"
# What parts a label from the words before it.
STOPS = "·"
BULLETS = "·*■◆○□>▪-"
# What a label asks for beside its value: 学校(公章):
_ASIDE = re.compile(r"\((?:公章|盖章|印章|签章|签名|签字|章|全称|中文)\)")
# What bilingual papers print beside a Chinese label, without spaces: 开课单位 Offered by.
_ENGLISH = re.compile(
    r"(?:(?i:certificate|course|offered|issued?|issuing|awarded|award|completed|completion|student|learner|nickname|username|session|teacher|participant|candidate|instructor|holder|"
    r"grades?|scores?|final|total|results?|credits?|hours?|class|study|duration|period|dates?|names?|title|number|no|id|"
    r"universit(?:y|ies)|school|institution|college|platform|provided|provider|awarding|start|end|time|level|type|full|"
    r"program(?:me)?|project|training|contents?|subject|topic|unit|work|gender|sex|birth|major|degree|conferred|specialt?y|assessment|evaluation|organi[sz]er|organi[sz]ation|authority|card|identity|this|is|to|certify|that|has|successfully|the|of|in|on|at|by|and|for)[.:]*)+(?![a-z])"
)
# Short words that only ask for a value, whatever they begin with.
_LABEL_SHAPED = re.compile(
    r"[\u3400-\u9fff]{2,4}(?:时间|时段|日期|周期|期限|编号|序号|编码|号码|姓名|昵称|时数|学时数|总评|得分|等[级第]|结论)"
)
# Labels joined by strokes before and behind one, and their values.
_JOINT = r"(?:总|课程|最终)?(?:学分|学时|课时|成绩|等级|分数)"
_JOINT_BEFORE = re.compile(rf"(?:{_JOINT}/)+$")
_JOINT_BEHIND = re.compile(rf"(?:/{_JOINT})+[:;]")
_JOINT_VALUES = re.compile(r"[^/:,;。]{1,16}(?:/[^/:,;。]{1,16})+")
# Labels whose values are numbers.
_NUMBERED = re.compile(r"(?:书|证|件)(?:编|件)?号码?:?$|编号:?$|(?:学时|课时)数?:?$")
_LONGER_LABEL = re.compile(r"[\u3400-\u9fff]{1,4}:")
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
# Words that end many a longer label.
GENERIC = frozenset(
    {
        "日期",
        "编号",
        "单位",
        "学校",
        "成绩",
        "课程",
        "时间",
        "学时",
        "学分",
        "等级",
        "结果",
        "证书号",
        "专业",
        "得分",
        "科目",
        "项目",
    }
)
# Those of them that stand whole behind another pair, since longer labels that end so are known.
FOLLOWING = frozenset({"课程", "学校", "等级"})


def beside_labels(
    document: DocumentText, words: Sequence[str], stops: Sequence[str]
) -> Iterator[tuple[Run, int, float]]:
    """Yield (value, rank of the label's word, closeness 0..1) for each place where a label of `words` has a value.

    `stops` are all labels known, longest first: a value ends where the next label with a colon begins.
    """
    for line in document.lines:
        for rank, start, end, closed in _labels_in(line.run.text, words, stops):
            if _joined(line.run.text, start, end - closed):
                joint = _of_joint(line.run, start, end - closed)
                if joint is not None:
                    yield joint, rank, AFTER_COLON
                continue
            rest = _until_next_label(line.run, end, stops)
            if rest.text:
                if not closed and _LONGER_LABEL.match(rest.text):
                    # 课程要求:3学时 begins a label that is not known
                    continue
                if (
                    closed
                    or start == 0
                    or not line.run.text[:start].strip(BULLETS)
                    or _ENGLISH.fullmatch(line.run.text, 0, start)
                ):
                    figure = _FIGURE.fullmatch(rest.text)
                    yield rest, rank, AFTER_COLON if closed else RIGHT_OF if figure else AFTER_LABEL
                else:
                    # a label that begins a word of its own in the line: 某某大学 学时24
                    yield from ((run, rank, near) for run, near in _in_own_word(line.run, start, end))
            elif start <= STRAY or closed or _ENGLISH.fullmatch(line.run.text, 0, start):
                yield from ((run, rank, near) for run, near in _neighbours(document, line, stops))


def _of_joint(run: Run, start: int, end: int) -> Run | None:
    """Return the part that is meant of the values of labels joined by a stroke: 学分/学时:2.0/32; None if unclear."""
    before, behind = _JOINT_BEFORE.search(run.text, 0, start), _JOINT_BEHIND.match(run.text, end)
    at = before[0].count("/") if before else 0
    first = behind.end() if behind else end + 1
    values = _JOINT_VALUES.match(run.text, first) if first < len(run.text) else None
    parts = values[0].split("/") if values else []
    if len(parts) <= at + (behind[0].count("/") if behind else 0):
        return None
    place = first + sum(len(part) + 1 for part in parts[:at])
    return run.part(place, place + len(parts[at]))


def _joined(text: str, start: int, end: int) -> bool:
    """Return whether a label shares its colon with others: 学时/学分:."""
    return bool(_JOINT_BEFORE.search(text, 0, start) or _JOINT_BEHIND.match(text, end))


def _in_own_word(run: Run, start: int, end: int) -> Iterator[tuple[Run, float]]:
    """Yield what follows a label in the word of a line that it begins; a figure right behind it is surely its."""
    for first, last in words_of(run):
        if (first == start or (first < start and run.text[start - 1] in STOPS)) and last > end:
            rest = run.part(end, last)
            yield rest, RIGHT_OF if _FIGURE.fullmatch(rest.text) else AFTER_LABEL


def without_english(text: str) -> str:
    """Return a label without the English that ends it: 总成绩FinalGrade -> 总成绩."""
    english = next((m for m in _ENGLISH.finditer(text) if m.end() == len(text)), None)
    return text[: english.start()] if english and english.start() else text


def is_label(text: str, stops: Sequence[str]) -> bool:
    """Return whether a line is nothing but a label: one that is known, or one by its last word (开课时段)."""
    plain = _gloss_before(text.strip(BULLETS).rstrip(COLONS))
    if _LABEL_SHAPED.fullmatch(plain):
        return True
    return plain in stops or without_english(plain) in stops


def _gloss_before(text: str) -> str:
    """Return a label without the English that stands before it: Institution单位 -> 单位."""
    english = _ENGLISH.match(text)
    return text[english.end() :] if english and english.end() < len(text) else text


def _labels_in(text: str, words: Sequence[str], stops: Sequence[str]) -> Iterator[tuple[int, int, int, bool]]:
    """Yield (rank, start, end, followed by a colon) of each label in a line; a longer label hides one inside it."""
    for rank, word in enumerate(words):
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not _inside_longer(text, start, end, word, stops) and not (
                word in GENERIC and _follows_word(text, start) and not _second_pair(text, word, start, end)
            ):
                aside = _ASIDE.match(text, end)
                end = aside.end() if aside else end
                closed = text[end : end + 1] in COLONS and end < len(text)
                yield rank, start, end + closed, closed
            start = text.find(word, end)


def _follows_word(text: str, start: int) -> bool:
    """Return whether a label stands right after another word: 日期 in 出生日期, or in what is left of it."""
    return start > 0 and ("\u3400" <= text[start - 1] <= "\u9fff" or text[start - 1] == ")")


def _second_pair(text: str, word: str, start: int, end: int) -> bool:
    """Return whether a label can follow the value of another on its line: 持证人:张三课程:教育学."""
    return word in FOLLOWING and text[end : end + 1] == ":" and ":" in text[:start]


def _inside_longer(text: str, start: int, end: int, word: str, stops: Sequence[str]) -> bool:
    for stop in stops:
        if len(stop) > len(word) and word in stop:
            offset = stop.index(word)
            if (
                start >= offset
                and text[start - offset : start - offset + len(stop)] == stop
                and end <= start - offset + len(stop)
            ):
                return True
    return False


def _until_next_label(run: Run, start: int, stops: Sequence[str]) -> Run:
    end = len(run.text)
    for stop in stops:
        for colon in COLONS:
            place = run.text.find(stop + colon, start)
            if start <= place < end:
                end = place
    english = _ENGLISH.match(run.text, start, end)
    if english:
        start = english.end()
    while start < end and run.text[start] in " .-_:|":
        start += 1
    return run.part(start, end)


def _neighbours(document: DocumentText, label: PlacedLine, stops: Sequence[str]) -> Iterator[tuple[Run, float]]:
    """Yield the line right of a label; where that is none or a label itself, the lines below and above it."""
    right = _nearest_right(document, label)
    if right is not None and _NUMBERED.search(label.run.text) and not _DIGIT.search(right.run.text):
        # a number has digits: what stands far right of its label is another's, or the next caption of a grid
        grid = [run for run, _ in _in_grid(document, label, right, stops) if _DIGIT.search(run.text)]
        if grid:
            yield from ((run, STACKED) for run in grid)
            return
        right = None
    if right is not None and not is_label(right.run.text, stops) and not _captions(document, label, right, stops):
        yield _until_next_label(right.run, 0, stops), RIGHT_OF
        yield from _in_grid(document, label, right, stops)
        return
    below, above = _nearest(document, label, 1), _nearest(document, label, -1)
    head = _nearest(document, above, -1) if above is not None else None
    choices: tuple[tuple[PlacedLine | None, float], ...]
    if above is not None and below is not None and _clings(label, above, below):
        # labels stand under their values: what is below is the value of the label under it
        choices = (above, STACKED), (below, FARTHER)
    elif below is not None and head is not None and is_label(head.run.text, stops):
        # values stand under their labels: what is above is the value of the label over it
        choices = ((below, STACKED),)
    else:
        choices = (below, BELOW), (above, ABOVE)
    for line, closeness in choices:
        if line is not None and not is_label(line.run.text, stops):
            yield _until_next_label(line.run, 0, stops), closeness


def _captions(document: DocumentText, label: PlacedLine, right: PlacedLine, stops: Sequence[str]) -> bool:
    """Return whether a label and what stands right of it are captions, each over its value.

    Both have a line of their own under their left edge, and so have two known labels on another row of the page.
    """
    if not (_over_value(document, label, stops) and _over_value(document, right, stops)):
        return False
    for other in document.lines:
        if other is label or other.page != label.page or not is_label(other.run.text, stops):
            continue
        second = _nearest_right(document, other)
        if second is None or not is_label(second.run.text, stops):
            continue
        if _over_value(document, other, stops) and _over_value(document, second, stops):
            return True
    return False


def _over_value(document: DocumentText, caption: PlacedLine, stops: Sequence[str]) -> bool:
    below = _nearest(document, caption, 1)
    return (
        below is not None
        and abs(below.box.left - caption.box.left) < EDGE * caption.em
        and not is_label(below.run.text, stops)
    )


def _clings(label: PlacedLine, above: PlacedLine, below: PlacedLine) -> bool:
    """Return whether a label stands so much nearer to what is above it than to what is below that it belongs there."""
    over, under = label.box.top - above.box.bottom, below.box.top - label.box.bottom
    return under > CLINGING * max(over, 0.0) + label.height / 2


def _in_grid(
    document: DocumentText, label: PlacedLine, right: PlacedLine, stops: Sequence[str]
) -> Iterator[tuple[Run, float]]:
    """Yield what stands over or under a caption where the caption beside it has the like on the same row."""
    for way in (-1, 1):
        own, others = _nearest(document, label, way), _nearest(document, right, way)
        if own is None or others is None or own is others or is_label(own.run.text, stops):
            continue
        if abs(own.box.center_y - others.box.center_y) < min(own.height, others.height) / 2:
            yield _until_next_label(own.run, 0, stops), IN_GRID


def _nearest_right(document: DocumentText, label: PlacedLine) -> PlacedLine | None:
    reach = RIGHT_REACH * label.em
    level = [
        other
        for other in document.lines
        if other.page == label.page and abs(other.box.center_y - label.box.center_y) < label.height / 2
    ]
    alone = len(level) == PAIR
    nearest: PlacedLine | None = None
    for line in document.lines:
        if line.page != label.page or line is label:
            continue
        overlap = min(line.box.bottom, label.box.bottom) - max(line.box.top, label.box.top)
        gap = line.box.left - label.box.right
        close = -label.em < gap < (PAIR_REACH * label.em if alone else reach) and overlap > 0.4 * min(
            line.height, label.height
        )
        if close and line.box.left > label.box.left and (nearest is None or line.box.left < nearest.box.left):
            nearest = line
    return nearest


def _nearest(document: DocumentText, label: PlacedLine, way: int) -> PlacedLine | None:
    """Return the nearest line below (`way` 1) or above (-1) that shares some of the label's width."""
    nearest: tuple[float, PlacedLine] | None = None
    for line in document.lines:
        if line.page != label.page or line is label or way * (line.box.center_y - label.box.center_y) <= 0:
            continue
        gap = line.box.top - label.box.bottom if way > 0 else label.box.top - line.box.bottom
        shared = min(line.box.right, label.box.right) - max(line.box.left, label.box.left)
        near = -0.3 * label.height < gap < NEAR_REACH * label.height
        if near and shared > 0 and (nearest is None or gap < nearest[0]):
            nearest = gap, line
    return nearest[1] if nearest else None
