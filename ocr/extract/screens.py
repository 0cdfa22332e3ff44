"""Score pages: the course that the page is about, its total and hours, told from components and other courses. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.choice import choose_fields
from ocr.extract.courses import PLATFORM, with_computed_hours, with_platform, with_real_name
from ocr.extract.coursetable import lists_courses, table_course
from ocr.extract.headings import Opened, headings, is_list, names_another, open_course, standing, under_others
from ocr.extract.learners import with_learner
from ocr.extract.told import told_course
from ocr.extract.totals import UNPUBLISHED, with_total
from ocr.formbook import Form, formbook
from ocr.found import Found
from ocr.layout import DocumentText
from ocr.runs import PlacedLine

Facts = dict[FieldName, Found]

SEVERAL_OPEN = 0.6
PASS_MARK = 60
_PASSED = re.compile(
    r"已通过|(?:成绩|考核|结果|状态)[:为]?\n?(?:合格|通过|优秀|良好)|^(?:合格|通过|优秀)$", re.MULTILINE
)
_FAILED = re.compile(r"未通过|不合格|不及格|未达标|未合格")
SENT_BY = "来自"
OF_HEADING = frozenset({FieldName.TITLE, FieldName.ISSUER})
OF_FIGURES = frozenset({FieldName.SCORE, FieldName.HOURS, FieldName.HOURS_UNIT})
OF_COURSE = frozenset(
    {
        FieldName.SCORE,
        FieldName.SCORE_MAX,
        FieldName.HOURS,
        FieldName.HOURS_UNIT,
        FieldName.PERIOD_START,
        FieldName.PERIOD_END,
        FieldName.GRADE,
    }
)


def refine_screenshot(document: DocumentText, found: Sequence[Found], form: Form) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts of a score page: the course it is about is the one whose title stands largest.

    Scores, hours and dates that stand under another course's heading are not its own.
    """
    told = told_course(document)
    if told:
        return _of_sentence(document, found, form, told)
    opened = open_course(document)
    over = headings(document)
    own = _own(document, found, opened, over)
    own = [_doubted(f) if f.name in OF_FIGURES and names_another(document, f, opened) else f for f in own]
    facts = choose_fields(own, form)
    listed = table_course(document)
    if listed:
        course = {**{name: fact for name, fact in facts.items() if name not in OF_COURSE | OF_HEADING}, **listed}
        return with_real_name(with_learner(document, with_platform(document, course))), ()
    if opened:
        facts[FieldName.TITLE] = opened.title
        if opened.school:
            facts[FieldName.ISSUER] = opened.school
    facts = with_platform(document, facts)
    if UNPUBLISHED.search(document.by_line.text):
        facts.pop(FieldName.SCORE, None)
    else:
        facts = with_total(document, facts, opened, over)
    if opened and (is_list(document, opened, over) or lists_courses(document)):
        facts = {name: _doubted(fact) if name in OF_COURSE | OF_HEADING else fact for name, fact in facts.items()}
    facts = with_real_name(with_learner(document, _with_result(document, facts)))
    if FieldName.HOURS in facts:
        return facts, ()
    return with_computed_hours(document, facts)


def _own(
    document: DocumentText, found: Sequence[Found], opened: Opened | None, over: Sequence[PlacedLine]
) -> list[Found]:
    """Return what can be the open course's; what may be another's counts only where nothing else is told."""
    if opened is None:
        return list(found)
    ranked = [(f, standing(document, f, opened, over) if f.name in OF_COURSE else 1.0) for f in found]
    sure = {f.name for f, rank in ranked if rank == 1.0}
    return [replace(f, belief=f.belief * rank) for f, rank in ranked if rank == 1.0 or (rank and f.name not in sure)]


def _with_result(document: DocumentText, facts: Facts) -> Facts:
    """Doubt a score that the words beside it contradict: below the mark and passed, above it and failed."""
    score = facts.get(FieldName.SCORE)
    if score is None:
        return facts
    text = document.by_line.text
    below = float(score.value) < PASS_MARK
    if (_PASSED if below else _FAILED).search(text) and not (_FAILED if below else _PASSED).search(text):
        return {**facts, FieldName.SCORE: _doubted(score)}
    return facts


def _of_sentence(
    document: DocumentText, found: Sequence[Found], form: Form, told: Facts
) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts of a message about one course; figures under words over other courses are not its own."""
    title = told[FieldName.TITLE]
    place = next((line for line in document.lines if f"《{title.value[:2]}" in line.run.text), None)
    own = [f for f in found if f.name not in OF_HEADING and not (place and under_others(document, f, place))]
    facts = {**choose_fields(own, form), **told}
    if UNPUBLISHED.search(document.by_line.text):
        facts.pop(FieldName.SCORE, None)
    opened = open_course(document)
    if opened and opened.school and opened.title.value != title.value:
        # A course with its school stands on the page by itself: what the sentence tells may be beside the matter.
        facts = {name: _doubted(fact) if name in OF_COURSE | OF_HEADING else fact for name, fact in facts.items()}
    facts = with_real_name(with_learner(document, _with_sender(document, with_platform(document, facts))))
    return (facts, ()) if FieldName.HOURS in facts else with_computed_hours(document, facts)


def _with_sender(document: DocumentText, facts: Facts) -> Facts:
    """Believe the only platform of a message that it sent: 来自 中国大学MOOC alone on a line."""
    platform = facts.get(FieldName.PLATFORM)
    named = {name for name, pattern in formbook().platforms if pattern.search(document.flow.text)}
    senders = {
        name
        for name, pattern in formbook().platforms
        for line in document.lines
        if line.run.text.startswith(SENT_BY) and pattern.fullmatch(line.run.text.removeprefix(SENT_BY))
    }
    if platform is None or not named == senders == {platform.value}:
        return facts
    return {**facts, FieldName.PLATFORM: replace(platform, belief=PLATFORM * platform.span.confidence)}


def _doubted(fact: Found) -> Found:
    return replace(fact, belief=fact.belief * SEVERAL_OPEN)
