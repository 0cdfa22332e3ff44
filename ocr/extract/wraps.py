"""A course's name that runs over several lines of its own: headings in the middle, cards and cells that wrap. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace

from core.vocabulary import DocType, FieldName
from ocr.fields import candidate_at
from ocr.formbook import formbook
from ocr.found import Found, apart
from ocr.labels import is_label
from ocr.layout import DocumentText
from ocr.runs import PlacedLine, Run, folded

Facts = dict[FieldName, Found]

# Lines of one heading: how much their heights may differ, and the room between them in heights of the lower one.
ALIKE = 0.78
LEADING = 0.8
# How far their left edges or middles may lie apart, in widths of a character.
ALIGNED = 0.9
MOST_LINES = 2
JOINED = 0.98
LONGEST = 60

_OPEN = re.compile(r"[(《“「『][^)》”」』]*$")
# What begins a line of its own beside a course, or goes on with the sentence around it.
_OTHER = re.compile(
    r"[,。;@]|^.{0,6}:$|^[\u3400-\u9fff]{2,6}:|^已|(?:完成|学完|修完|修读|通过|获得|课程|学习)(?:了|以下)?$|^(?:的|由|课程|学习|并且?|经|成绩|共|计|开课|主讲|授课|特|完成|在|于|学时)|证书|证明|编号|"
    r"(?:大学|学院)(?:$|[^\u3400-\u9fff])|老师|教师:|教授|实名|认证|平台|\d学时|\d{4}[年.\-/]|\d分|^[\d.:/%]+$|"
    r"(?i:^(?:an?|the)(?=[a-z-]*(?:course|online|program|study))|offered|authori[sz]ed|verif|certif|complet|instructor|university|course$)"
)


def with_whole_title(document: DocumentText, facts: Facts) -> Facts:
    """Join a title that ends a line, or fills one, with the lines below and above that go on with it."""
    title = facts.get(FieldName.TITLE)
    line = _line_of(document, title) if title else None
    if title is None or line is None:
        return facts
    start = line.run.text.find(folded(title.span.text).replace(" ", ""))
    run = line.run.part(start, len(line.run.text))
    whole = run
    for below in _following(document, facts, line, title.span.box.left, run.text, 1):
        whole = Run(whole.text + below.run.text, whole.marks + below.run.marks)
    if start == 0:
        for above in _following(document, facts, line, line.box.left, run.text, -1):
            whole = Run(above.run.text + whole.text, above.run.marks + whole.marks)
    if len(whole.text) == len(run.text) or len(whole.text) > LONGEST:
        return facts
    found = candidate_at(document, FieldName.TITLE, whole, 1.0, title.place)
    if found is None:
        return facts
    return {**facts, FieldName.TITLE: replace(title, value=found.value, span=found.span, belief=title.belief * JOINED)}


def _line_of(document: DocumentText, title: Found) -> PlacedLine | None:
    """Return the line that a title ends; None where it stands in a sentence or over lines."""
    text = folded(title.span.text).replace(" ", "")
    for line in document.lines:
        same = document.pages[line.page].number == title.span.page and not apart(line.box, title.span.box)
        if same and line.run.text.endswith(text) and line.box.left <= title.span.box.center_x <= line.box.right:
            return line
    return None


def _following(
    document: DocumentText, facts: Facts, line: PlacedLine, left: float, text: str, way: int
) -> Iterator[PlacedLine]:
    """Yield the lines below (`way` 1) or above (-1) that go on with a title whose line is given, nearest first."""
    others = [f for name, f in facts.items() if name is not FieldName.TITLE]
    at = line
    for _ in range(MOST_LINES):
        opened = way > 0 and bool(_OPEN.search(text))
        following = next((other for other in document.lines if _goes_on(document, at, left, other, way, opened)), None)
        if following is None or any(_stands_on(document, following, other) for other in others):
            return
        yield following
        text, at, left = text + following.run.text, following, following.box.left


def _goes_on(document: DocumentText, line: PlacedLine, left: float, other: PlacedLine, way: int, opened: bool) -> bool:
    if other is line or other.page != line.page or way * (other.box.center_y - line.box.center_y) <= 0:
        return False
    gap = other.box.top - line.box.bottom if way > 0 else line.box.top - other.box.bottom
    if gap > LEADING * min(line.height, other.height) or min(line.height, other.height) < ALIKE * max(
        line.height, other.height
    ):
        return False
    edge = ALIGNED * line.em
    if (
        abs(other.box.left - left) > edge
        and abs(other.box.center_x - line.box.center_x) > edge
        and abs(other.box.right - line.box.right) > edge
    ):
        return False
    stops = formbook().forms[DocType.MOOC_CERTIFICATE].stops
    if is_label(other.run.text, stops) or (_OTHER.search(other.run.text) and not (opened and ")" in other.run.text)):
        return False
    # what has a neighbour on its row is a cell or a value of its own
    return not any(
        third not in (line, other) and third.page == other.page and not apart(third.box, other.box)
        for third in document.lines
        if apart(third.box, line.box)
    )


def _stands_on(document: DocumentText, line: PlacedLine, found: Found) -> bool:
    box = found.span.box
    return (
        document.pages[line.page].number == found.span.page
        and not apart(line.box, box)
        and min(box.right, line.box.right) > max(box.left, line.box.left)
    )
