"""Names on paper against the roster: exact, by ID number, by birth date, then by the look of the characters. Pure.

Only a match that a fact decides identifies a person. A similar or ambiguous name is never resolved silently: it goes to
a person with the candidates. A share of equal characters is the wrong measure for names of three characters, so
candidates are weighed by how alike the differing characters look, and by what recognition drops.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from core.vocabulary import FieldName, MatchKind
from intake.types import RosterTeacher
from ocr.glyphs import likeness
from ocr.numbers import id_number_valid
from ocr.runs import folded
from ocr.types import Candidate, DocumentReading, FieldValue, TeacherMatch

MIDDLE_DOT = "·"
SHOWN = 5
# Belief below which a roster name is no candidate, and by which the best must lead to be the guess.
LEAST = 0.55
LEAD = 0.12
MOST_LOST = 2
ELSEWHERE = 0.85
# Cost of a character that recognition dropped, or added, in units of a wholly different one.
DROPPED = 0.55
ADDED = 0.7
CLIPPED_END = 0.45
FULL_DATE = len("2019-07-01")
TRUSTED = 0.5
SURE_OF_END = 0.9
SHORTEST_UNIT = 3


class Roster:
    """The teachers of a roster, found by name, ID number and first characters. Build once, use for many documents."""

    def __init__(self, teachers: Sequence[RosterTeacher]) -> None:
        """Index the teachers; order does not matter."""
        self.teachers = tuple(teachers)
        self._by_name: dict[str, list[RosterTeacher]] = defaultdict(list)
        self._by_id: dict[str, list[RosterTeacher]] = defaultdict(list)
        for teacher in self.teachers:
            self._by_name[plain_name(teacher.name)].append(teacher)
            if teacher.id_number:
                self._by_id[teacher.id_number.upper()].append(teacher)
        self.schools = frozenset(t.school for t in self.teachers)

    def named(self, name: str) -> list[RosterTeacher]:
        """Return the teachers of exactly this name, spaces and middle dots aside."""
        return list(self._by_name.get(plain_name(name), ()))

    def with_id(self, number: str) -> list[RosterTeacher]:
        """Return the teachers with this ID number."""
        return list(self._by_id.get(number.upper(), ()))

    def longer_than(self, name: str) -> bool:
        """Return whether another teacher's name begins with this one: a clipped reading would look exact."""
        plain = plain_name(name)
        return any(other != plain and other.startswith(plain) for other in self._by_name)

    def similar(self, name: str, school: str | None) -> list[Candidate]:
        """Return teachers whose names this reading could be, likeliest first; those of `school` before others."""
        plain = plain_name(name)
        scored = []
        for other, teachers in self._by_name.items():
            if abs(len(other) - len(plain)) > MOST_LOST:
                continue
            score = name_likeness(plain, other)
            if score >= LEAST:
                for t in teachers:
                    near = score if school is None or t.school == school else score * ELSEWHERE
                    scored.append(_candidate(t, near))
        return sorted(scored, key=lambda c: (-c.score, c.employee_no))


def plain_name(name: str) -> str:
    """Return a name for comparison: folded, without spaces and middle dots."""
    return folded(name).replace(MIDDLE_DOT, "").replace(".", "")


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
    born = _birth_date(_trusted(reading.fields.get(FieldName.BIRTH_DATE)))
    if holder is None:
        return _by_id_alone(roster, number)
    namesakes = roster.named(holder.value)
    owners = roster.with_id(number) if number else []
    if owners:
        return _with_owner(owners, namesakes, holder.value)
    fitting = [t for t in namesakes if not _contradicts(t, number, born)]
    if namesakes and not fitting:
        return _ambiguous(namesakes)
    if not fitting:
        return _similar(holder.value, roster, school)
    if born and len(fitting) > 1:
        same_day = [t for t in fitting if t.birth_date == born]
        if len(same_day) == 1:
            return _decided(MatchKind.BIRTH_DATE, same_day[0])
    return _by_name(fitting, holder.value, roster, school, proven=born is not None, sure=holder.confidence)


def match_name(
    name: str, roster: Roster, *, unit: str | None = None, school: str | None = None, confidence: float = 1.0
) -> TeacherMatch:
    """Return whom a sign-in row means by name and the unit written beside it. `confidence` is the reader's."""
    if not plain_name(name):
        return TeacherMatch(MatchKind.NONE)
    namesakes = roster.named(name)
    if not namesakes:
        return _similar(name, roster, school)
    at_unit = [t for t in namesakes if unit and same_unit(unit, t.school)]
    if len(at_unit) == 1 and (len(namesakes) == 1 or school in {None, at_unit[0].school}):
        return _by_name(at_unit, name, roster, None, proven=False, sure=confidence)
    if unit and not at_unit and any(same_unit(unit, other) for other in roster.schools):
        # The row names another school of the roster: this is someone else, or someone who moved.
        return _ambiguous(namesakes)
    return _by_name(at_unit or namesakes, name, roster, school, proven=False, sure=confidence)


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


def _by_name(
    fitting: Sequence[RosterTeacher], name: str, roster: Roster, school: str | None, *, proven: bool, sure: float
) -> TeacherMatch:
    """Decide among teachers of exactly this name, the given school first."""
    if not proven and sure < SURE_OF_END and roster.longer_than(name):
        return _ambiguous([*fitting, *(t for t in roster.teachers if _begins(t, name))])
    if school is not None:
        at_school = [t for t in fitting if t.school == school]
        if len(at_school) != 1:
            return _ambiguous(at_school or fitting)
        return _decided(MatchKind.EXACT, at_school[0])
    return _decided(MatchKind.EXACT, fitting[0]) if len(fitting) == 1 else _ambiguous(fitting)


def _begins(teacher: RosterTeacher, name: str) -> bool:
    known, read = plain_name(teacher.name), plain_name(name)
    return known != read and known.startswith(read)


def _by_id_alone(roster: Roster, number: str | None) -> TeacherMatch:
    owners = roster.with_id(number) if number else []
    if len(owners) == 1:
        return _decided(MatchKind.ID_NUMBER, owners[0])
    return _ambiguous(owners) if owners else TeacherMatch(MatchKind.NONE)


def _with_owner(owners: Sequence[RosterTeacher], namesakes: Sequence[RosterTeacher], name: str) -> TeacherMatch:
    """Decide where the paper's ID number is on the roster: its owner, unless the paper names someone else."""
    if len(owners) > 1:
        return _ambiguous(owners)
    owner = owners[0]
    if owner in namesakes:
        return _decided(MatchKind.EXACT if len(namesakes) == 1 else MatchKind.ID_NUMBER, owner)
    if not namesakes and name_likeness(plain_name(name), plain_name(owner.name)) >= LEAST:
        return _decided(MatchKind.ID_NUMBER, owner)
    return _ambiguous([owner, *namesakes])


def _similar(name: str, roster: Roster, school: str | None) -> TeacherMatch:
    candidates = roster.similar(name, school)
    if not candidates:
        return TeacherMatch(MatchKind.NONE)
    best = candidates[0]
    if len(candidates) == 1 or best.score - candidates[1].score >= LEAD:
        return TeacherMatch(MatchKind.SIMILAR, best.employee_no, tuple(candidates[:SHOWN]))
    return TeacherMatch(MatchKind.AMBIGUOUS, None, tuple(candidates[:SHOWN]))


def _contradicts(teacher: RosterTeacher, number: str | None, born: date | None) -> bool:
    """Return whether a fact of the paper says that this is another person of the same name."""
    other_id = number is not None and teacher.id_number is not None and teacher.id_number.upper() != number
    other_day = born is not None and teacher.birth_date is not None and teacher.birth_date != born
    return other_id or other_day


def _trusted(field: FieldValue | None) -> str | None:
    return field.value if field and field.confidence >= TRUSTED else None


def _birth_date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value and len(value) == FULL_DATE else None


def _decided(kind: MatchKind, teacher: RosterTeacher) -> TeacherMatch:
    return TeacherMatch(kind, teacher.employee_no, (_candidate(teacher, 1.0),))


def _ambiguous(teachers: Iterable[RosterTeacher]) -> TeacherMatch:
    several = list(dict.fromkeys(teachers))[:SHOWN]
    share = 1 / max(len(several), 1)
    return TeacherMatch(MatchKind.AMBIGUOUS, None, tuple(_candidate(t, share) for t in several))


def _candidate(teacher: RosterTeacher, score: float) -> Candidate:
    return Candidate(teacher.employee_no, teacher.name, teacher.school, round(score, 4))
