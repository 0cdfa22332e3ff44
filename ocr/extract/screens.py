"""Score pages: the course that the page is about, its total and hours, told from components and other courses. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.choice import choose_fields
from ocr.extract.courses import with_computed_hours, with_platform, with_real_name
from ocr.extract.coursetable import table_course
from ocr.extract.headings import belongs, headings, is_list, names_another, open_course
from ocr.extract.learners import with_learner
from ocr.extract.totals import UNPUBLISHED, with_total
from ocr.formbook import Form
from ocr.found import Found
from ocr.layout import DocumentText

Facts = dict[FieldName, Found]

SEVERAL_OPEN = 0.6
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
    opened = open_course(document)
    over = headings(document)
    own = [f for f in found if opened is None or f.name not in OF_COURSE or belongs(document, f, opened[0], over)]
    line = opened[0] if opened else None
    own = [_doubted(f) if f.name in OF_FIGURES and names_another(document, f, line) else f for f in own]
    facts = choose_fields(own, form)
    listed = table_course(document)
    if listed:
        course = {**{name: fact for name, fact in facts.items() if name not in OF_COURSE | OF_HEADING}, **listed}
        return with_real_name(with_learner(document, with_platform(document, course))), ()
    if opened:
        _, title, school = opened
        facts[FieldName.TITLE] = title
        if school:
            facts[FieldName.ISSUER] = school
    facts = with_platform(document, facts)
    if UNPUBLISHED.search(document.by_line.text):
        facts.pop(FieldName.SCORE, None)
    else:
        facts = with_total(document, facts, opened[0] if opened else None, over)
    if opened and is_list(document, opened[0], over):
        facts = {name: _doubted(fact) if name in OF_COURSE else fact for name, fact in facts.items()}
    facts = with_real_name(with_learner(document, facts))
    if FieldName.HOURS in facts:
        return facts, ()
    return with_computed_hours(document, facts)


def _doubted(fact: Found) -> Found:
    return replace(fact, belief=fact.belief * SEVERAL_OPEN)
