"""Names on paper against the roster: exact, by ID number, by birth date, then by what the recogniser saw. Pure.

Only a match that a fact decides identifies a person. A similar or ambiguous name is never resolved silently: it goes to
a person with the candidates, each with its share of belief (`ocr.roster`).
"""

from collections.abc import Iterable, Sequence
from datetime import date

from core.vocabulary import FieldName, MatchKind
from intake.types import RosterTeacher
from ocr.evidence import plain, plain_name
from ocr.glyphs import likeness
from ocr.lattice import CERTAIN, Lattice, text_evidence
from ocr.numbers import id_number_valid
from ocr.roster import Belief, Roster
from ocr.runs import folded
from ocr.types import Candidate, DocumentReading, Evidence, FieldValue, SignInRow, TeacherMatch

__all__ = ["Roster", "match_document", "match_name", "match_row", "name_likeness"]

SHOWN = 5
# Belief that a name means just those teachers, below which another name of the roster competes with it.
EXACT = 0.98
# Belief by which one name is the guess, and from which a candidate is shown at all.
GUESS = 0.5
WORTH_SHOWING = 0.005
# Belief from which the roster's spelling is shown for what was read, and in a birth date that decides for it.
SPELLED = 0.9
DATE_SURE = 0.9
DATE_DECIDES = 0.99
# An ID number's owner may be spelled so differently, measured as by `name_likeness`.
OWNER_LIKE = 0.55
FULL_DATE = len("2019-07-01")
# Of calibrated confidences: what another fact contradicts lies below the first, a name that may be clipped below the
# second.
TRUSTED = 0.6
SURE_OF_END = 0.95
SHORTEST_UNIT = 3
# Likeness of twins (祎 and 袆), and what the recogniser must leave to the other one for a doubt: a stranger who is
# written with it stands on no roster to compete.
TWIN_LIKE = 0.95
TWIN_SEEN = 0.03
# Cost of a character that recognition dropped, or added, in units of a wholly different one.
DROPPED = 0.55
ADDED = 0.7
CLIPPED_END = 0.45


def name_likeness(read: str, known: str) -> float:
    """Return how well a reading can come from a known name, 0..1: alignment by likeness, drops cheaper than changes.

    A lost last character is cheapest, since seals and underlines clip it.
    """
    size = max(len(known), len(read))
    if not read or not known:
        return 0.0
    costs = [[0.0] * (len(known) + 1) for _ in range(len(read) + 1)]
    for j in range(1, len(known) + 1):
        costs[0][j] = costs[0][j - 1] + DROPPED
    for i in range(1, len(read) + 1):
        costs[i][0] = costs[i - 1][0] + ADDED
        for j in range(1, len(known) + 1):
            lost = CLIPPED_END if j == len(known) and i == len(read) else DROPPED
            costs[i][j] = min(
                costs[i - 1][j - 1] + 1 - likeness(read[i - 1], known[j - 1]),
                costs[i][j - 1] + lost,
                costs[i - 1][j] + ADDED,
            )
    return max(0.0, 1 - costs[-1][-1] / size)


def match_document(reading: DocumentReading, roster: Roster, school: str | None = None) -> TeacherMatch:
    """Return to whom a document belongs. `school` is the uploading school, None where the upload is a county's."""
    holder = reading.fields.get(FieldName.HOLDER_NAME)
    number = _trusted(reading.fields.get(FieldName.ID_NUMBER))
    if number and not id_number_valid(number):
        number = None
    birth = reading.fields.get(FieldName.BIRTH_DATE)
    born = _birth_date(_trusted(birth))
    if holder is None:
        return _by_id_alone(roster, number)
    seen = _seen(holder)
    # What was read, for the value can already be the roster's spelling: a guess never becomes a fact by being shown.
    name = seen.read if holder.evidence else holder.value
    namesakes = roster.named(name)
    owners = roster.with_id(number) if number else []
    beliefs = roster.believed(seen, school, born)
    if owners:
        return _with_owner(owners, namesakes, name, beliefs)
    if not namesakes:
        sure = birth is not None and birth.confidence >= DATE_SURE
        return _dated(beliefs, born, number) if born and sure else _similar(beliefs)
    fitting = [t for t in namesakes if not _contradicts(t, number, born)]
    if not fitting:
        return _ambiguous(namesakes)
    clipped = [] if born or holder.confidence >= SURE_OF_END else roster.longer_than(name)
    same_day = [t for t in fitting if born and t.birth_date == born]
    if len(fitting) > 1 and len(same_day) == 1 and _share(beliefs, fitting) >= EXACT:
        return _decided(MatchKind.BIRTH_DATE, same_day[0], beliefs)
    doubtful = not same_day and _maybe_twin(holder.evidence)
    return _similar(beliefs) if doubtful else _by_name(fitting, school, beliefs, clipped)


def match_row(row: SignInRow, roster: Roster, school: str | None = None) -> TeacherMatch:
    """Return whom a row of a sign-in sheet means."""
    return match_name(
        row.name, roster, unit=row.unit or None, school=school, confidence=row.confidence, evidence=row.evidence
    )


def match_name(
    name: str,
    roster: Roster,
    *,
    unit: str | None = None,
    school: str | None = None,
    confidence: float = 1.0,
    evidence: Evidence | None = None,
) -> TeacherMatch:
    """Return whom a sign-in row means by name and the unit written beside it. `confidence` is the reader's."""
    if not plain_name(name):
        return TeacherMatch(MatchKind.NONE)
    seen = Lattice(evidence or text_evidence(plain_name(name), confidence))
    name = seen.read if evidence else name
    beliefs = roster.believed(seen, school)
    namesakes = roster.named(name)
    if not namesakes:
        return _similar(beliefs)
    at_unit = [t for t in namesakes if unit and same_unit(unit, t.school)]
    if unit and not at_unit and any(same_unit(unit, other) for other in roster.schools):
        # The row names another school of the roster: this is someone else, or someone who moved.
        return _ambiguous(namesakes)
    told = len(at_unit) == 1 and (len(namesakes) == 1 or school in {None, at_unit[0].school})
    if not told and _maybe_twin(evidence):
        return _similar(beliefs)
    clipped = [] if confidence >= SURE_OF_END else roster.longer_than(name)
    return _by_name(at_unit or namesakes, None if told else school, beliefs, clipped)


def same_unit(written: str, school: str) -> bool:
    """Return whether a unit as written can be a school: equal, contained, or short for it (溪一中 of 溪县第一中学)."""
    short, full = folded(written), folded(school)
    if len(short) > len(full):
        short, full = full, short
    if len(short) < SHORTEST_UNIT:
        return False
    if short in full:
        return True
    rest = iter(full)
    return all(c in rest for c in short)


def _seen(holder: FieldValue) -> Lattice:
    sure = holder.confidence if holder.source == "ocr" else CERTAIN
    return Lattice(holder.evidence or text_evidence(plain_name(holder.value), sure))


def _maybe_twin(evidence: Evidence | None) -> bool:
    """Return whether a character was read that may as well be its twin."""
    return evidence is not None and any(
        seen >= TWIN_SEEN and likeness(plain(slot.chars[0]), plain(other)) >= TWIN_LIKE
        for slot in evidence.slots
        for other, seen in zip(slot.chars[1:], slot.probs[1:], strict=False)
        if plain(other) and plain(slot.chars[0]) and plain(other) != plain(slot.chars[0])
    )


def _by_name(
    fitting: Sequence[RosterTeacher],
    school: str | None,
    beliefs: Sequence[Belief],
    clipped: Sequence[RosterTeacher],
) -> TeacherMatch:
    """Decide among teachers of exactly this name, the given school first, unless other names compete with it.

    `clipped` are teachers whose names begin with this one, where its end may be lost.
    """
    if _share(beliefs, fitting) < EXACT:
        return _several(beliefs)
    here = [t for t in fitting if school is None or t.school == school]
    if clipped or len(here) != 1:
        return _ambiguous([*(here or fitting), *clipped])
    return _decided(MatchKind.EXACT, here[0], beliefs)


def _by_id_alone(roster: Roster, number: str | None) -> TeacherMatch:
    owners = roster.with_id(number) if number else []
    if len(owners) == 1:
        return TeacherMatch(MatchKind.ID_NUMBER, owners[0].employee_no, (_candidate(owners[0], 1.0),))
    return _ambiguous(owners) if owners else TeacherMatch(MatchKind.NONE)


def _with_owner(
    owners: Sequence[RosterTeacher], namesakes: Sequence[RosterTeacher], name: str, beliefs: Sequence[Belief]
) -> TeacherMatch:
    """Decide where the paper's ID number is on the roster: its owner, unless the paper names someone else."""
    if len(owners) > 1:
        return _ambiguous(owners)
    owner = owners[0]
    if owner in namesakes:
        return _decided(MatchKind.EXACT if len(namesakes) == 1 else MatchKind.ID_NUMBER, owner, beliefs)
    if not namesakes and name_likeness(plain_name(name), plain_name(owner.name)) >= OWNER_LIKE:
        return _decided(MatchKind.ID_NUMBER, owner, beliefs)
    return _ambiguous([owner, *namesakes])


def _dated(beliefs: Sequence[Belief], born: date, number: str | None) -> TeacherMatch:
    """Decide for a name that no teacher has by the printed birth date, if the page can show that teacher's name."""
    best = beliefs[0] if beliefs else None
    if (
        best is None
        or best.teacher.birth_date != born
        or best.share < DATE_DECIDES
        or best.spelled < SPELLED
        or _contradicts(best.teacher, number, born)
    ):
        return _similar(beliefs)
    return _decided(MatchKind.BIRTH_DATE, best.teacher, beliefs)


def _similar(beliefs: Sequence[Belief]) -> TeacherMatch:
    """Return the guess for a name that no teacher has, the several that it can be, or nobody."""
    if sum(b.share for b in beliefs) < GUESS:
        return TeacherMatch(MatchKind.NONE, None, _shown(beliefs))
    if beliefs[0].share < GUESS:
        return _several(beliefs)
    best = beliefs[0]
    spelled = best.share * best.spelled
    spelling = best.teacher.name if spelled >= SPELLED else None
    return TeacherMatch(MatchKind.SIMILAR, best.teacher.employee_no, _shown(beliefs), spelling, spelled)


def _several(beliefs: Sequence[Belief]) -> TeacherMatch:
    return TeacherMatch(MatchKind.AMBIGUOUS, None, _shown(beliefs))


def _shown(beliefs: Sequence[Belief]) -> tuple[Candidate, ...]:
    return tuple(_candidate(b.teacher, b.share) for b in beliefs[:SHOWN] if b.share >= WORTH_SHOWING)


def _share(beliefs: Iterable[Belief], teachers: Sequence[RosterTeacher]) -> float:
    """Return the belief that a name means one of some teachers of the same name."""
    names = {plain_name(t.name) for t in teachers}
    return sum(b.share for b in beliefs if plain_name(b.teacher.name) in names)


def _contradicts(teacher: RosterTeacher, number: str | None, born: date | None) -> bool:
    """Return whether a fact of the paper says that this is another person of the same name."""
    other_id = number is not None and teacher.id_number is not None and teacher.id_number.upper() != number
    other_day = born is not None and teacher.birth_date is not None and teacher.birth_date != born
    return other_id or other_day


def _trusted(field: FieldValue | None) -> str | None:
    return field.value if field and field.confidence >= TRUSTED else None


def _birth_date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value and len(value) == FULL_DATE else None


def _decided(kind: MatchKind, teacher: RosterTeacher, beliefs: Sequence[Belief]) -> TeacherMatch:
    """Return a match that is decided, with the roster's spelling where the page can be taken to show it."""
    same = [b for b in beliefs if plain_name(b.teacher.name) == plain_name(teacher.name)]
    spelled = max((b.spelled for b in same), default=0.0)
    share = sum(b.share for b in same) if kind is MatchKind.EXACT else 1.0
    spelling = teacher.name if spelled >= SPELLED else None
    return TeacherMatch(kind, teacher.employee_no, (_candidate(teacher, share),), spelling, share * spelled)


def _ambiguous(teachers: Iterable[RosterTeacher]) -> TeacherMatch:
    several = list(dict.fromkeys(teachers))[:SHOWN]
    share = 1 / max(len(several), 1)
    return TeacherMatch(MatchKind.AMBIGUOUS, None, tuple(_candidate(t, share) for t in several))


def _candidate(teacher: RosterTeacher, score: float) -> Candidate:
    return Candidate(teacher.employee_no, teacher.name, teacher.school, round(score, 4))
