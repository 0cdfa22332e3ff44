"""Fields of a document from its form: sentence patterns, label and value by geometry, then facts checked on each other.

Pure: a document's text and form in, fields with confidence and place out. Nothing is invented: a field without
evidence is absent.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from core.vocabulary import FieldName
from ocr.dates import SHORT_END, DateReading, parse_date, parse_end
from ocr.formbook import Form, Label, Sentence
from ocr.labels import beside_labels
from ocr.layout import DocumentText, Span
from ocr.runs import Run, folded
from ocr.types import Box, FieldValue
from ocr.values import GUESSED, HOURS_UNITS, UNSURE_NAME, Value, normal_value

OTHER_DATES = (FieldName.BIRTH_DATE, FieldName.PERIOD_START, FieldName.PERIOD_END)
ROW_SHARE = 0.5
OFFICER_REACH = 8.0
_OFFICER = re.compile(
    r"(?:主讲|授课|任课|主持|指导|课程)(?:教师|老师|人)?:?$|(?:讲师|负责人|校长|院长|\(院\)长|\(校\)长|主席|主任|(?:经办|证明|联系|记录)人|审核人?|团队|法人):?$|教师:$"
)
# Words before a date that is not the paper's own: when it was printed or looked up, how long it holds, what began.
_OTHER_DATE = re.compile(
    r"(?:打印|查询|复印|影印|下载|导出|申请|更新|有效|截[至止图]|工作|入职|入学|报名|报到|访问|登录|核验|扫描|拍摄|上传|注册|开课|开班|开始|样式|许可证?|出生)"
    r"(?:[日时]?[期间]|年月|[于自至到:])*$"
)
_OFFICER_LABEL = re.compile(
    r"(?:课程)?(?:(?:主讲|授课|任课|指导)(?:教师|老师|人)?|讲师|负责人|教学团队|(?:经办|证明|联系|审核|记录)人|[校院局]长|班?主任):?"
)
_LECTURES = re.compile(r"(?:老师|教授|副教授|讲师|同志)?(?:主讲|讲授|授课|主持|负责|开设)")
# A label's value stands this many heights below it at most.
BELOW_LABEL = 2.0
# A label later in its list is a little less telling.
RANK_STEP = 0.003
AGREEMENT = 0.5
DISAGREEMENT = 0.85
CLOSE_CALL = 0.9
EQUAL_CALL = 0.985
SEVERAL_AMOUNTS = 0.75
LEARNING_HOURS = "学时"
FULL_MARKS = frozenset({"100", "120", "150"})
AMOUNTS = frozenset({FieldName.HOURS, FieldName.SCORE})
# Room for a lost character in a name, in widths of its characters, and what it costs in belief.
LOST_ROOM = 0.75
GAPPED = 0.92
TOLD = 0.92
HIGHEST = 0.995


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate for a field: value, belief (0..1), place in the document; for dates what else it can be."""

    name: FieldName
    value: str
    belief: float
    span: Span
    place: int
    date: DateReading | None = None
    # of hours, the unit that stands with them
    unit: str | None = None

    def as_field(self, confidence: float | None = None) -> FieldValue:
        """Return the public value."""
        sure = self.belief if confidence is None else confidence
        span = self.span
        return FieldValue(self.value, round(min(sure, HIGHEST), 4), span.page, span.box, span.source, span.text)


def find_candidates(document: DocumentText, form: Form) -> tuple[list[Found], tuple[str, ...]]:
    """Return every candidate for a field of `form`, and the note codes that its sentences carry."""
    found: list[Found] = []
    notes: list[str] = []
    for sentence in form.sentences:
        for candidates in _matches(document, sentence):
            found.extend(candidates)
            if sentence.note and sentence.note not in notes:
                notes.append(sentence.note)
    for label in form.labels:
        found.extend(_labelled(document, form, label))
    return [f for f in found if not _of_another(document, f)], tuple(notes)


def _of_another(document: DocumentText, found: Found) -> bool:
    """Return whether a name is an officer's, or an issue date tells when something else was."""
    if found.name is FieldName.ISSUE_DATE:
        return any(_OTHER_DATE.search(words) for words in _words_before(document, found))
    return found.name is FieldName.HOLDER_NAME and of_officer(document, found)


def _words_before(document: DocumentText, found: Found) -> Iterator[str]:
    """Yield what stands before a candidate on its own line, and what ends a little left of it on its row."""
    box = found.span.box
    for line in document.lines:
        if document.pages[line.page].number != found.span.page or _apart(line.box, box):
            continue
        at = line.run.text.find(folded(found.span.text))
        if line.box.left <= box.left <= line.box.right and at >= 0:
            yield line.run.text[:at]
        elif 0 <= box.left - line.box.right < OFFICER_REACH * line.em:
            yield line.run.text


def choose_fields(found: Sequence[Found], form: Form) -> dict[FieldName, Found]:
    """Return the likeliest candidate of each field."""
    chosen: dict[FieldName, Found] = {}
    for name in FieldName:
        rivals: Sequence[Found] = _in_one_unit(found, name, chosen.get(FieldName.HOURS))
        if name is FieldName.ISSUE_DATE:
            # The last date on the paper is no issue date where it is the birth date or the period's.
            taken = [chosen[n] for n in OTHER_DATES if n in chosen]
            rivals = [f for f in found if not any(_same_place(f, t) for t in taken)]
        best = choose(rivals, name, last=name in form.last)
        if best:
            chosen[name] = best
    return chosen


def _in_one_unit(found: Sequence[Found], name: FieldName, hours: Found | None) -> Sequence[Found]:
    """Return the candidates without hours in credits or clock hours where 学时 are printed too: they are no rivals.

    The unit is the chosen figure's own.
    """
    if name is FieldName.HOURS:
        hourly = [f for f in found if f.name is name and f.unit == LEARNING_HOURS and f.belief > AGREEMENT]
        return [f for f in found if f.name is not name or f.unit in {None, LEARNING_HOURS}] if hourly else found
    if name is FieldName.HOURS_UNIT and hours and hours.unit:
        return [f for f in found if f.name is not name or f.value == hours.unit]
    return found


def choose(found: Iterable[Found], name: FieldName, *, last: bool) -> Found | None:
    """Return the likeliest candidate of one field; ties go to the first place on the paper, or to the last.

    Another place that says the same makes it surer, one that says otherwise with nearly the same right less sure.
    """
    of_field = [f for f in found if f.name is name]
    if not of_field:
        return None
    order = -1 if last else 1
    best = min(of_field, key=lambda f: (-round(f.belief, 2), order * f.place))
    belief = best.belief
    others = {f.place: f for f in of_field if not _same_place(f, best)}.values()
    if any(f.value == best.value and f.belief > AGREEMENT for f in others):
        belief = 1 - (1 - belief) * AGREEMENT
    elif name in AMOUNTS:
        belief *= _amounts_agree(best, others)
    elif any(f.value != best.value and f.belief >= CLOSE_CALL * belief for f in others) and not last:
        belief *= DISAGREEMENT
    return replace(best, belief=belief)


def _amounts_agree(best: Found, others: Iterable[Found]) -> float:
    """Return what other figures on the paper leave of belief in the best one.

    Parts of the hours that make up the total support it; a different figure that is told as plainly does not: a person
    must see which one counts. Components of a score are told less plainly than its total, so they do not weigh,
    but a round hundred beside another figure may be what could be reached (总分100分，得分55分).
    """
    full = best.name is FieldName.SCORE and best.value in FULL_MARKS
    close = CLOSE_CALL if full or best.name is FieldName.HOURS else EQUAL_CALL
    rivals: list[Found] = []
    for f in others:
        if f.value != best.value and f.belief >= close * best.belief and not any(_same_place(f, r) for r in rivals):
            rivals.append(f)
    parts = [Decimal(f.value) for f in rivals]
    # two equal parts count as two; a part told twice as one
    if not parts or (best.name is FieldName.HOURS and Decimal(best.value) in {sum(parts), sum(set(parts))}):
        return 1.0
    return SEVERAL_AMOUNTS


def of_officer(document: DocumentText, found: Found) -> bool:
    """Return whether a name stands right of an officer's label, below one, or before a word for lecturing."""
    box = found.span.box
    for line in document.lines:
        if document.pages[line.page].number != found.span.page:
            continue
        if _apart(line.box, box):
            if _OFFICER_LABEL.fullmatch(line.run.text) and _just_below(line.box, box):
                return True
            continue
        name_at = line.run.text.find(found.value)
        if line.box.left <= box.left <= line.box.right and name_at >= 0:
            if _OFFICER.search(line.run.text[:name_at]) or _LECTURES.match(line.run.text, name_at + len(found.value)):
                return True
        elif 0 <= box.left - line.box.right < OFFICER_REACH * line.em and _OFFICER.search(line.run.text):
            return True
    return False


def _just_below(label: Box, value: Box) -> bool:
    gap = value.top - label.bottom
    return 0 <= gap < BELOW_LABEL * label.height and value.left < label.right and label.left < value.right


def _apart(one: Box, other: Box) -> bool:
    """Return whether two boxes share less than half of the lower one's height: not on one row."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared < ROW_SHARE * min(one.height, other.height)


def _same_place(one: Found, other: Found) -> bool:
    first, second = one.span.box, other.span.box
    if one.span.page != other.span.page:
        return False
    wide = min(first.right, second.right) - max(first.left, second.left)
    tall = min(first.bottom, second.bottom) - max(first.top, second.top)
    return wide > 0 and tall > 0


def _matches(document: DocumentText, sentence: Sentence) -> Iterator[list[Found]]:
    """Yield the candidates of each match of a sentence; a match without one valid value does not count."""
    run: Run = {"flow": document.flow, "lines": document.by_line, "head": document.head}[sentence.view]
    for match in sentence.pattern.finditer(run.text):
        candidates = [
            candidate
            for group, text in match.groupdict().items()
            if text
            and not group.startswith("x_")
            and (candidate := _grouped(document, run, match, FieldName(group), sentence.weight))
        ]
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


def _grouped(document: DocumentText, run: Run, match: re.Match[str], name: FieldName, weight: float) -> Found | None:
    """Return one group of a match as a candidate; a period's end may leave out what its start says."""
    start, end = match.span(name)
    piece = run.part(start, end)
    short = name is FieldName.PERIOD_END and SHORT_END.fullmatch(piece.text)
    candidate = None if short else candidate_at(document, name, piece, weight, start)
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
    for run, rank, closeness in beside_labels(document, label.words, form.stops):
        weight = label.weight * closeness * (1 - RANK_STEP * rank)
        place = document.by_line.text.find(run.text)
        candidate = candidate_at(document, label.name, run, weight, max(place, 0), told=True)
        if candidate:
            if label.name is FieldName.HOURS:
                # The unit stands with the number, or the label is the unit.
                unit = next((u for u in HOURS_UNITS if u in run.text or u in label.words[rank]), None)
                if unit:
                    yield replace(candidate, unit=HOURS_UNITS[unit])
                    yield replace(candidate, name=FieldName.HOURS_UNIT, value=HOURS_UNITS[unit], date=None)
                    continue
            yield candidate


def candidate_at(
    document: DocumentText, name: FieldName, run: Run, weight: float, place: int, *, told: bool = False
) -> Found | None:
    """Return a piece of text as a candidate for a field, None where it cannot be one.

    `told` says that a label names the field: then a rare surname is little doubt.
    """
    span = document.span(run)
    if span is None:
        return None
    value: Value | None = normal_value(name, span.text)
    if value is None:
        return None
    gap = GAPPED if name is FieldName.HOLDER_NAME and _gapped(document, run) else 1.0
    factor = TOLD if told and value.factor == UNSURE_NAME else value.factor
    return Found(name, value.text, weight * span.confidence * factor * gap, span, place, value.date)


def _gapped(document: DocumentText, run: Run) -> bool:
    """Return whether room for a character that was not read stands inside a name or right behind it."""
    marks = [m for m in run.marks if m is not None]
    line = document.pages[marks[0].page].lines[marks[0].line]
    if not line.chars or any((m.page, m.line) != (marks[0].page, marks[0].line) for m in marks):
        return False
    boxes = line.chars[marks[0].char : marks[-1].char + 2]
    width = max(box.width for box in boxes[: len(marks)])
    return any(right.left - left.right > LOST_ROOM * width for left, right in pairwise(boxes))
