"""Fields of a document from its form: sentence patterns, and label and value by geometry.

Pure: a document's text and form in, candidates with confidence and place out. Nothing is invented: a field without
evidence is absent.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from statistics import median

from core.vocabulary import DocType, FieldName
from ocr.choice import AMOUNTS
from ocr.dates import SHORT_END, parse_date, parse_end
from ocr.formbook import Form, Label, Sentence
from ocr.found import Found
from ocr.labels import AFTER_LABEL, beside_labels, is_label
from ocr.layout import DocumentText
from ocr.officers import of_another
from ocr.runs import BARS, Run, normal
from ocr.types import Line
from ocr.values import GUESSED, HOURS_UNITS, UNSURE_NAME, Value, normal_value

_ORG_END = re.compile(
    r"(?:[大中小]学|[学书]院|学校|幼儿园|[局厅部院馆处室所站会社科股办]|中心|公司|平台|基地|政府|集团)\)?(?:\(?[A-Z][A-Za-z,.&'-]{4,}\)?)?$"
)
# A label later in its list is a little less telling.
RANK_STEP = 0.003
# A line of running prose is no shorter.
PROSE = 14
# Room for a lost character in a name, in widths of its characters, and what it costs in belief.
LOST_ROOM = 0.75
GAPPED = 0.92
# The same of an organisation: its name has this many characters, all but two this close.
FEWEST_CLOSE = 5
CLOSE = 0.4
PARTED = 0.75
TOLD = 0.92
# Room for a lost digit before an amount, in heights of its line (a colon brings some of its own), and what it costs.
DIGIT_ROOM = 0.65
COLON_ROOM = 1.0
BLANK_ROOM = 0.4
BAR_OFF = 0.25
CUT_SHORT = 0.72
# A name broken at its line's end is long; what follows a whole name is its last word at most.
SHORTEST_BROKEN = 12
LONGEST_TAIL = 3
LEADING = 1.25
_BROKEN_REST = re.compile(
    r"[\u3400-\u9fff()]{0,16}(?:培?训|研?修|班|项目|目|工程|程|活动|课程|计划|营|研讨会|工作坊|坊)"
)
_TRAINING_END = re.compile(r"(?:培训|研修|班|项目|工程|活动|课程|计划|营|会|工作坊)$")
# Room between a course and its school on one line, in heights of the line.
PART_ROOM = 0.5
# What makes hours those of a week or a day, and how far before them it can stand.
_WEEKLY = re.compile(r"(?:每一?(?:周|星期|天|日|教学周)|[周日]均)[^,。;:\n()\d]{0,14}$")
CLAUSE = 20
# A platform's name in quotes is no course.
_BRAND = re.compile(r"[\u3400-\u9fffA-Za-z（）() ]{2,14}(?:平台|学堂|MOOC|慕课网?|在线)")
_SCHOOL_END = re.compile(r"(?:大学|学院)$")


def find_candidates(document: DocumentText, form: Form) -> tuple[list[Found], tuple[str, ...]]:
    """Return every candidate for a field of `form`, and the note codes that its sentences carry."""
    found: list[Found] = []
    notes: list[str] = []
    for sentence in form.sentences:
        for candidates in _matches(document, sentence, form):
            found.extend(candidates)
            if sentence.note and sentence.note not in notes:
                notes.append(sentence.note)
    for label in form.labels:
        found.extend(_labelled(document, form, label))
    return [f for f in found if not of_another(document, f)], tuple(notes)


def _matches(document: DocumentText, sentence: Sentence, form: Form) -> Iterator[list[Found]]:
    """Yield the candidates of each match of a sentence; a match without one valid value does not count."""
    run: Run = {"flow": document.flow, "lines": document.by_line, "head": document.head}[sentence.view]
    for match in sentence.pattern.finditer(run.text):
        candidates = [
            candidate
            for group, text in match.groupdict().items()
            if text
            and not group.startswith("x_")
            and not (group == FieldName.HOLDER_NAME and run is document.by_line and _runs_on(document, match))
            and (candidate := _grouped(document, run, match, FieldName(group), sentence.weight, _drawn(form)))
        ]
        if FieldName.HOURS in match.groupdict() and not any(c.name is FieldName.HOURS for c in candidates):
            candidates = [c for c in candidates if c.name is not FieldName.HOURS_UNIT]
        unit = next((c.value for c in candidates if c.name is FieldName.HOURS_UNIT), None)
        candidates = [replace(c, unit=unit) if c.name is FieldName.HOURS else c for c in candidates]
        whole = document.span(run.part(*match.span()))
        if whole:
            candidates.extend(
                Found(name, value, sentence.weight * whole.confidence, whole, match.start())
                for name, value in sentence.sets.items()
            )
        if candidates or sentence.note:
            yield candidates


def _runs_on(document: DocumentText, match: re.Match[str]) -> bool:
    """Return whether a match begins with its line, but in a sentence that the long line above it breaks off."""
    mark = document.by_line.marks[match.start()]
    if mark is None or mark not in document.flow.marks:
        return False
    at = document.flow.marks.index(mark)
    before = document.flow.marks[at - 1] if at else None
    if before is None or before.page != mark.page or not "\u3400" <= document.flow.text[at - 1] <= "\u9fff":
        return False
    above, own = (document.pages[mark.page].lines[i] for i in (before.line, mark.line))
    wide = above.box.right > own.box.right - own.box.height
    return before.line != mark.line and wide and min(len(above.text), len(own.text)) >= PROSE


def _grouped(
    document: DocumentText, run: Run, match: re.Match[str], name: FieldName, weight: float, drawn: bool
) -> Found | None:
    """Return one group of a match as a candidate; a period's end may leave out what its start says."""
    start, end = match.span(name)
    if name is FieldName.HOURS and _WEEKLY.search(run.text, max(0, start - CLAUSE), start):
        # a load of each week is no total, however many words stand between
        return None
    piece = run.part(start, end)
    short = name is FieldName.PERIOD_END and SHORT_END.fullmatch(piece.text)
    candidate = None if short else candidate_at(document, name, piece, weight, start, drawn=drawn)
    if candidate or name is not FieldName.PERIOD_END:
        return candidate
    span = document.span(piece)
    began = parse_date(match[FieldName.PERIOD_START]) if FieldName.PERIOD_START in match.groupdict() else None
    ended = parse_end(piece.text, began) if began else None
    if span is None or ended is None:
        return None
    doubt = 1.0 if ended.certain else GUESSED
    return Found(name, ended.value, weight * span.confidence * doubt, span, start, ended)


def _labelled(document: DocumentText, form: Form, label: Label) -> Iterator[Found]:
    for beside, rank, closeness in beside_labels(document, label.words, form.stops):
        if label.name is FieldName.ISSUER and closeness == AFTER_LABEL and not _ORG_END.search(beside.text):
            # 学校德育工作方法 is no school
            continue
        if label.name is FieldName.TITLE and closeness == AFTER_LABEL and re.search(r"[,。;]", beside.text):
            # 课程学习中成绩合格,特发此证 is no course
            continue
        parts = label.name in {FieldName.TITLE, FieldName.ISSUER}
        run = _parted(document, beside, label.name) if parts else beside
        if label.name is FieldName.TITLE and form.doc_type is DocType.TRAINING_CERTIFICATE:
            run = _continued(document, run, form)
        weight = label.weight * closeness * (1 - RANK_STEP * rank)
        place = document.by_line.text.find(run.text)
        candidate = candidate_at(document, label.name, run, weight, max(place, 0), told=True, drawn=_drawn(form))
        if candidate:
            if label.name is FieldName.HOURS:
                # The unit stands with the number, or the label is the unit.
                unit = next((u for text in (run.text, label.words[rank]) for u in HOURS_UNITS if u in text), None)
                if unit:
                    yield replace(candidate, unit=HOURS_UNITS[unit])
                    yield replace(candidate, name=FieldName.HOURS_UNIT, value=HOURS_UNITS[unit], date=None)
                    continue
            yield candidate


def _continued(document: DocumentText, run: Run, form: Form) -> Run:
    """Return a training's name with what stands on the next line where only both end as trainings do."""
    last = run.marks[-1] if run.marks else None
    first = run.marks[0] if run.marks else None
    if last is None or first is None or (first.page, first.line) != (last.page, last.line):
        return run
    line = document.pages[last.page].lines[last.line]
    if last.char < len(line.text.rstrip()) - 1 or len(run.text) < SHORTEST_BROKEN:
        return run
    lefts = (line.box.left, line.chars[first.char].left) if len(line.chars) == len(line.text) else (line.box.left,)
    for below in document.lines:
        gap = below.box.top - line.box.bottom
        if below.page != last.page or not -0.3 * below.height < gap < LEADING * below.height:
            continue
        aligned = any(abs(below.box.left - left) < below.em for left in lefts)
        rest = below.run.text
        if not aligned or is_label(rest, form.stops) or not _BROKEN_REST.fullmatch(rest):
            continue
        if _TRAINING_END.search(run.text) and len(rest) > LONGEST_TAIL:
            continue
        return Run(run.text + rest, run.marks + below.run.marks)
    return run


def _parted(document: DocumentText, run: Run, name: FieldName) -> Run:
    """Return a course without the school that stands behind it on its line with room between."""
    marks = [m for m in run.marks if m is not None]
    if not marks or len(marks) != len(run.text):
        return run
    line = document.pages[marks[0].page].lines[marks[0].line]
    if not line.chars or any((m.page, m.line) != (marks[0].page, marks[0].line) for m in marks):
        return run
    em = line.box.height * document.pages[marks[0].page].height / document.pages[marks[0].page].width
    for at in range(2, len(marks) - 3):
        gap = line.chars[marks[at].char].left - line.chars[marks[at - 1].char].right
        if gap > PART_ROOM * em and _SCHOOL_END.search(run.text):
            return run.part(0, at) if name is FieldName.TITLE else run.part(at, len(run.text))
    return run


def _drawn(form: Form) -> bool:
    return form.doc_type is DocType.SCORE_SCREENSHOT


def candidate_at(
    document: DocumentText,
    name: FieldName,
    run: Run,
    weight: float,
    place: int,
    *,
    told: bool = False,
    drawn: bool = False,
) -> Found | None:
    """Return a piece of text as a candidate for a field, None where it cannot be one.

    `told` says that a label names the field: then a rare surname is little doubt. `drawn` says that the page is a
    screen's, without seals: room before a figure has lost none of it.
    """
    span = document.span(run)
    if span is None:
        return None
    value: Value | None = normal_value(name, span.text)
    if value is None or (name is FieldName.TITLE and _BRAND.fullmatch(value.text)):
        return None
    gap = 1.0
    if name is FieldName.HOLDER_NAME and _gapped(document, run):
        gap = GAPPED
    elif name is FieldName.ISSUER and _opened(document, run):
        gap = PARTED
    elif name in AMOUNTS and not drawn and _cut_short(document, run):
        gap = CUT_SHORT
    factor = TOLD if told and value.factor == UNSURE_NAME else value.factor
    return Found(name, value.text, weight * span.confidence * factor * gap, span, place, value.date)


def _cut_short(document: DocumentText, run: Run) -> bool:
    """Return whether an amount can have lost its first digit: room before it, as on the edge of a seal, none behind.

    A number written into a blank has room on both sides.
    """
    marks = [m for m in run.marks if m is not None]
    page = document.pages[marks[0].page]
    line = page.lines[marks[0].line]
    if not line.chars or any((m.page, m.line) != (marks[0].page, marks[0].line) for m in marks):
        return False
    start, end = marks[0].char, marks[-1].char + 1
    before = next((i for i in range(start - 1, -1, -1) if not line.text[i].isspace()), None)
    after = next((i for i in range(end, len(line.text)) if not line.text[i].isspace()), None)
    if before is None or len(line.chars) != len(line.text):
        return False
    em = line.box.height * page.height / page.width
    if line.chars[start].left - line.chars[before].right <= _usual_room(line, before, em):
        return False
    return after is None or line.chars[after].left - line.chars[end - 1].right <= BLANK_ROOM * em


def _usual_room(line: Line, before: int, em: float) -> float:
    """Return how much room behind the character `before` is no sign of a lost digit, as a share of the page's width."""
    char = line.text[before]
    last = next((i for i in range(before - 1, -1, -1) if not line.text[i].isspace()), before)
    room = line.chars[before].left - line.chars[last].right
    if char in BARS:
        # a bar stands in the middle between what it parts
        return max(DIGIT_ROOM * em, room + BAR_OFF * em)
    word = char.isascii() and char.isalpha()
    # a label set wide has room about all its characters
    roomy = word or char in ":：;；" or room > DIGIT_ROOM * em
    return em * (COLON_ROOM if roomy else DIGIT_ROOM)


def _opened(document: DocumentText, run: Run) -> bool:
    """Return whether one character's room stands open inside a name that is else set close: one was not read."""
    marks = [m for m in run.marks if m is not None]
    line = document.pages[marks[0].page].lines[marks[0].line]
    if not line.chars or any((m.page, m.line) != (marks[0].page, marks[0].line) for m in marks):
        return False
    start, end = marks[0].char, marks[-1].char + 1
    boxes = line.chars[start:end]
    if len(boxes) < FEWEST_CLOSE or not line.text[start:end].isalpha():
        return False
    width = median(box.width for box in boxes)
    rooms = [after.left - before.right for before, after in pairwise(boxes)]
    return max(rooms) > LOST_ROOM * width and sorted(rooms)[-2] < CLOSE * width


def _gapped(document: DocumentText, run: Run) -> bool:
    """Return whether room for a character that was not read stands inside a name or right behind it."""
    marks = [m for m in run.marks if m is not None]
    line = document.pages[marks[0].page].lines[marks[0].line]
    if not line.chars or any((m.page, m.line) != (marks[0].page, marks[0].line) for m in marks):
        return False
    start, end = marks[0].char, marks[-1].char + 2
    boxes = line.chars[start:end]
    width = max(box.width for box in boxes[: len(marks)])
    # a middle dot is small in its place
    wide = [not normal(c).isalnum() for c in line.text[start:end]]
    return any(
        right.left - left.right > LOST_ROOM * width and not (dot or next_dot)
        for (left, right), (dot, next_dot) in zip(pairwise(boxes), pairwise(wide), strict=False)
    )
