"""Among the candidates of a document the likeliest of each field; how the others support or weaken it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from core.vocabulary import FieldName
from ocr.formbook import Form
from ocr.found import Found, same_place

OTHER_DATES = (FieldName.BIRTH_DATE, FieldName.PERIOD_START, FieldName.PERIOD_END)
AGREEMENT = 0.5
DISAGREEMENT = 0.85
TWO_NAMES = 0.65
CLOSE_CALL = 0.9
EQUAL_CALL = 0.985
SEVERAL_AMOUNTS = 0.75
LEARNING_HOURS = "学时"
FULL_MARKS = frozenset({"100", "120", "150"})
AMOUNTS = frozenset({FieldName.HOURS, FieldName.SCORE})


def choose_fields(found: Sequence[Found], form: Form) -> dict[FieldName, Found]:
    """Return the likeliest candidate of each field."""
    chosen: dict[FieldName, Found] = {}
    for name in FieldName:
        rivals: Sequence[Found] = _in_one_unit(found, name, chosen.get(FieldName.HOURS))
        if name is FieldName.ISSUE_DATE:
            # The last date on the paper is no issue date where it is the birth date or the period's.
            taken = [chosen[n] for n in OTHER_DATES if n in chosen]
            rivals = [f for f in found if not any(same_place(f, t) for t in taken)]
        if name is FieldName.CERTIFICATE_NO and (person := chosen.get(FieldName.ID_NUMBER)):
            rivals = [f for f in found if f.value != person.value or not same_place(f, person)]
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
    others = {f.place: f for f in of_field if not same_place(f, best)}.values()
    if any(f.value == best.value and f.belief > AGREEMENT for f in others):
        # equal parts of a larger total do not make each other surer
        part = name is FieldName.HOURS and any(
            Decimal(f.value) > Decimal(best.value) and f.belief >= CLOSE_CALL * best.belief for f in others
        )
        belief = belief * SEVERAL_AMOUNTS if part else 1 - (1 - belief) * AGREEMENT
    elif name in AMOUNTS:
        belief *= _amounts_agree(best, others)
    elif any(f.value != best.value and f.belief >= CLOSE_CALL * belief for f in others) and not last:
        belief *= DISAGREEMENT if name is not FieldName.HOLDER_NAME else _names_agree(best, others)
    return replace(best, belief=belief)


def _names_agree(best: Found, others: Iterable[Found]) -> float:
    """Return what other names on the paper leave of belief in the best one: misreadings of it share a character."""
    rivals = [f for f in others if f.value != best.value and f.belief >= CLOSE_CALL * best.belief]
    return TWO_NAMES if any(not set(f.value) & set(best.value) for f in rivals) else DISAGREEMENT


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
        if f.value != best.value and f.belief >= close * best.belief and not any(same_place(f, r) for r in rivals):
            rivals.append(f)
    parts = [Decimal(f.value) for f in rivals]
    # two equal parts count as two; a part told twice as one
    if not parts or (best.name is FieldName.HOURS and Decimal(best.value) in {sum(parts), sum(set(parts))}):
        return 1.0
    return SEVERAL_AMOUNTS
