"""Facts of one document checked against each other: numbers against dates, level and sex; periods against issue. Pure.

A contradiction takes the confidence of both facts below one half and leaves a note; agreement can prove a damaged date.
"""

from collections.abc import Callable
from datetime import date

from core.vocabulary import DocType, FieldName
from ocr.dates import as_day
from ocr.found import Found
from ocr.numbers import (
    NumberFacts,
    degree_number,
    diploma_number,
    id_birth_date,
    id_gender,
    id_number_valid,
    years_in,
)

Facts = dict[FieldName, Found]

DOUBTED = 0.4
PROVEN = 0.93
NO_SCHEME = 0.85
# A diploma is issued about the end of the studies; this many days off is odd, and costs this much belief.
LATE_DAYS = 200
# None is issued this long before the end of what it certifies.
EARLY_DAYS = 62
# Other certificates follow what they certify within about a year.
CERTIFIED_DAYS = 400
LATE = 0.8
DAY_HOURS = 24
SCHOOL_AGE = 14
OLDEST = 90


def cross_check(doc_type: DocType, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts with confidences as the others prove or contradict them, and notes of contradictions."""
    checked = dict(facts)
    notes: list[str] = []
    number = _number_facts(doc_type, checked)
    _prove_dates(checked, number)
    checks: tuple[Callable[[], str | None], ...] = (
        lambda: _number_year(checked, number),
        lambda: _number_level(checked, number),
        lambda: _number_shape(doc_type, checked, number),
        lambda: _identity(checked),
        lambda: _period(checked),
        lambda: _graduation(doc_type, checked),
        lambda: _born_before(checked),
        lambda: _score(checked),
        lambda: _hours_fit(doc_type, checked),
    )
    notes.extend(note for check in checks if (note := check()))
    return checked, tuple(notes)


def _doubt(facts: Facts, *names: FieldName) -> None:
    for name in names:
        if name in facts:
            f = facts[name]
            facts[name] = Found(f.name, f.value, min(f.belief, DOUBTED), f.span, f.place, f.date)


def _number_facts(doc_type: DocType, facts: Facts) -> NumberFacts | None:
    found = facts.get(FieldName.CERTIFICATE_NO)
    if found is None:
        return None
    if doc_type is DocType.DIPLOMA:
        return diploma_number(found.value)
    return degree_number(found.value) if doc_type is DocType.DEGREE_CERTIFICATE else None


def _prove_dates(facts: Facts, number: NumberFacts | None) -> None:
    """Settle a damaged year by the years that other facts state: the number's, then those of undamaged dates."""
    sure_years = {
        f.date.year for f in facts.values() if f.date and f.date.certain and f.name is not FieldName.BIRTH_DATE
    }
    stated = number and (number.year or number.hint_year)
    if stated:
        sure_years.add(stated)
    elif FieldName.CERTIFICATE_NO in facts:
        sure_years |= years_in(facts[FieldName.CERTIFICATE_NO].value)
    identity = facts.get(FieldName.ID_NUMBER)
    for name, found in list(facts.items()):
        if found.date is None or found.date.certain:
            continue
        years = frozenset(sure_years)
        if name is FieldName.BIRTH_DATE:
            born = id_birth_date(identity.value) if identity and id_number_valid(identity.value) else None
            years = frozenset({born.year}) if born else frozenset()
        proven = found.date.proven_by(years)
        if proven:
            belief = min(PROVEN, found.span.confidence)
            facts[name] = Found(name, proven, belief, found.span, found.place, found.date)


def _number_year(facts: Facts, number: NumberFacts | None) -> str | None:
    """Hold the number's year, that of graduation, against the issue date's and the end of study's."""
    issued = facts.get(FieldName.ISSUE_DATE)
    ended = facts.get(FieldName.PERIOD_END)
    if number is None or number.year is None or not (issued or ended):
        return None
    years = {int(f.value[:4]) for f in (issued, ended) if f}
    if number.year in years:
        return None
    _doubt(facts, FieldName.ISSUE_DATE if issued else FieldName.PERIOD_END, FieldName.CERTIFICATE_NO)
    return "date_contradicts_number"


def _number_level(facts: Facts, number: NumberFacts | None) -> str | None:
    level = facts.get(FieldName.EDUCATION_LEVEL)
    if number is None or number.level is None or level is None or level.value == number.level:
        return None
    _doubt(facts, FieldName.EDUCATION_LEVEL, FieldName.CERTIFICATE_NO)
    return "level_contradicts_number"


def _number_shape(doc_type: DocType, facts: Facts, number: NumberFacts | None) -> str | None:
    """Doubt a number without a known shape: it may have lost or gained a digit."""
    found = facts.get(FieldName.CERTIFICATE_NO)
    if found is None or number or doc_type not in {DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE}:
        return None
    belief = found.belief * NO_SCHEME
    facts[found.name] = Found(found.name, found.value, belief, found.span, found.place, found.date)
    return None


def _identity(facts: Facts) -> str | None:
    identity = facts.get(FieldName.ID_NUMBER)
    if identity is None:
        return None
    if not id_number_valid(identity.value):
        _doubt(facts, FieldName.ID_NUMBER)
        return "id_number_invalid"
    born = facts.get(FieldName.BIRTH_DATE)
    told = id_birth_date(identity.value)
    if born and told and not told.isoformat().startswith(born.value):
        _doubt(facts, FieldName.BIRTH_DATE, FieldName.ID_NUMBER)
        return "birth_date_contradicts_id"
    gender = facts.get(FieldName.GENDER)
    if gender and gender.value != id_gender(identity.value):
        _doubt(facts, FieldName.GENDER, FieldName.ID_NUMBER)
        return "gender_contradicts_id"
    return None


def _period(facts: Facts) -> str | None:
    start, end, issued = (_day(facts, n) for n in (FieldName.PERIOD_START, FieldName.PERIOD_END, FieldName.ISSUE_DATE))
    if start and end and start > end:
        _doubt(facts, FieldName.PERIOD_START, FieldName.PERIOD_END)
        return "period_reversed"
    if start and issued and start > issued:
        _doubt(facts, FieldName.PERIOD_START, FieldName.ISSUE_DATE)
        return "issued_before_period"
    return None


def _graduation(doc_type: DocType, facts: Facts) -> str | None:
    """Doubt a paper issued long after what it certifies; one issued long before it contradicts itself.

    十月 is also how 一月 is misread.
    """
    ended, issued = _day(facts, FieldName.PERIOD_END), _day(facts, FieldName.ISSUE_DATE)
    if not ended or not issued:
        return None
    days = (issued - ended).days
    if days < -EARLY_DAYS:
        _doubt(facts, FieldName.PERIOD_END, FieldName.ISSUE_DATE)
        return "issue_contradicts_period"
    if days > (LATE_DAYS if doc_type is DocType.DIPLOMA else CERTIFIED_DAYS):
        found = facts[FieldName.ISSUE_DATE]
        facts[found.name] = Found(found.name, found.value, found.belief * LATE, found.span, found.place, found.date)
    return None


def _hours_fit(doc_type: DocType, facts: Facts) -> str | None:
    """Doubt the hours of a training that are more than its days have."""
    start, end, hours = (facts.get(n) for n in (FieldName.PERIOD_START, FieldName.PERIOD_END, FieldName.HOURS))
    if doc_type is not DocType.TRAINING_CERTIFICATE or not start or not end or not hours:
        return None
    first, last = _day(facts, FieldName.PERIOD_START), _day(facts, FieldName.PERIOD_END)
    unit = facts.get(FieldName.HOURS_UNIT)
    if unit and unit.value == "学分":
        return None
    if first and last and float(hours.value) > DAY_HOURS * ((last - first).days + 1) > 0:
        _doubt(facts, FieldName.HOURS)
        return "hours_contradicts_period"
    return None


def _born_before(facts: Facts) -> str | None:
    born, issued = _day(facts, FieldName.BIRTH_DATE), _day(facts, FieldName.ISSUE_DATE)
    if born and issued and not SCHOOL_AGE <= issued.year - born.year <= OLDEST:
        _doubt(facts, FieldName.BIRTH_DATE, FieldName.ISSUE_DATE)
        return "birth_date_contradicts_issue"
    return None


def _score(facts: Facts) -> str | None:
    score, highest = facts.get(FieldName.SCORE), facts.get(FieldName.SCORE_MAX)
    if score is None:
        return None
    if float(score.value) > float(highest.value if highest else 150):
        _doubt(facts, FieldName.SCORE, FieldName.SCORE_MAX)
        return "score_above_maximum"
    return None


def _day(facts: Facts, name: FieldName) -> date | None:
    found = facts.get(name)
    return as_day(found.value, last=name is not FieldName.PERIOD_START) if found else None
