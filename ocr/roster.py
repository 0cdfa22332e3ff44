"""The teachers of a roster, and the belief in each of them after a name was seen: a posterior. Pure.

Prior: the uploading school's teachers before others, and a fixed share for people who are not on the roster.
Likelihood: the recogniser's own probabilities (`ocr.lattice`), or a paper that prints a look-alike of the teacher's
name; and the birth date, where the paper tells one.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from intake.types import RosterTeacher
from ocr.evidence import plain_name
from ocr.glyphs import look_alikes
from ocr.lattice import Lattice

# Who a paper is about, before its name is read. A school hands in its own teachers' papers.
NOBODY = 0.1
ELSEWHERE = 0.05
# How many names a stranger's can be one of: surnames, and characters of given names, weighed by their use.
SURNAMES = 60
GIVEN = 400
SYLLABLES = 60
GIVEN_LENGTH = 3
# The share of papers that print a look-alike of their holder's name.
MISPRINTED = 0.01
MISPRINT_LIKENESS = 0.6
# Days on which a teacher can be born, and the share of dates that a paper or a roster has wrong.
DAYS = 10000.0
WRONG_DATE = 0.02
# A name that differs in more places than it has characters to spare is not worth scoring.
SPARE = 1
# Look-alikes are asked for of characters that are seen with this probability.
LIKELY = 0.05


@dataclass(frozen=True, slots=True)
class Belief:
    """A teacher whom a name can mean: the share of belief (0..1), and that of the page showing the roster's spelling.

    `spelled` is less than 1 where the page rather prints a look-alike: then the name is someone's else, or misprinted.
    """

    teacher: RosterTeacher
    share: float
    spelled: float


class Roster:
    """The teachers of a roster, found by name, ID number and characters. Build once, use for many documents."""

    def __init__(self, teachers: Sequence[RosterTeacher]) -> None:
        """Index the teachers; order does not matter."""
        self.teachers = tuple(teachers)
        self._by_name: dict[str, list[RosterTeacher]] = defaultdict(list)
        self._by_id: dict[str, list[RosterTeacher]] = defaultdict(list)
        self._by_character: dict[str, list[str]] = defaultdict(list)
        for teacher in self.teachers:
            self._by_name[plain_name(teacher.name)].append(teacher)
            if teacher.id_number:
                self._by_id[teacher.id_number.upper()].append(teacher)
        for name in self._by_name:
            for character in set(name):
                self._by_character[character].append(name)
        self.schools = frozenset(t.school for t in self.teachers)
        self._at_school = Counter(t.school for t in self.teachers)

    def named(self, name: str) -> list[RosterTeacher]:
        """Return the teachers of exactly this name, spaces and middle dots aside."""
        return list(self._by_name.get(plain_name(name), ()))

    def with_id(self, number: str) -> list[RosterTeacher]:
        """Return the teachers with this ID number."""
        return list(self._by_id.get(number.upper(), ()))

    def longer_than(self, name: str) -> list[RosterTeacher]:
        """Return the teachers whose names begin with this one and go on: clipped, theirs would look exact."""
        short = plain_name(name)
        longer = (n for n in self._by_name if n != short and n.startswith(short))
        return [t for n in longer for t in self._by_name[n]]

    def believed(self, seen: Lattice, school: str | None = None, born: date | None = None) -> tuple[Belief, ...]:
        """Return the teachers whom a name can mean, likeliest first; what their shares lack of 1 is nobody's.

        `school` is the uploading one, None where anyone's papers can be in the upload; `born` is the printed birth
        date.
        """
        as_read = seen.likelihood(seen.read) if seen.read else 0.0
        weights: list[tuple[RosterTeacher, float, float]] = []
        for name in self._possible(seen):
            read = seen.likelihood(name)
            misprint = MISPRINTED * _misprint(seen.read, name) * as_read
            total = read + misprint
            spelled = read / total if total else 0.0
            weights += [(t, self._prior(t, school) * _dated(t, born) * total, spelled) for t in self._by_name[name]]
        # A stranger has some name that can be read here, but one of a teacher's name cannot be told from the teacher.
        strange = max(1.0 - as_read, 0.0) + (0.0 if seen.read in self._by_name else as_read)
        nobody = NOBODY * commonness(seen.read) * strange
        whole = nobody + sum(weight for _, weight, _ in weights)
        if not whole:
            return ()
        beliefs = [Belief(teacher, weight / whole, spelled) for teacher, weight, spelled in weights]
        return tuple(sorted(beliefs, key=lambda b: (-b.share, b.teacher.employee_no)))

    def _prior(self, teacher: RosterTeacher, school: str | None) -> float:
        here = self._at_school[school] if school is not None else 0
        elsewhere = len(self.teachers) - here
        if not here or not elsewhere:
            return (1 - NOBODY) / len(self.teachers)
        return (1 - NOBODY - ELSEWHERE) / here if teacher.school == school else ELSEWHERE / elsewhere

    def _possible(self, seen: Lattice) -> Iterator[str]:
        """Yield the names worth scoring: all but one of their characters, and those that were lost, can be seen."""
        said = seen.characters()
        there: Counter[str] = Counter()
        for character in said:
            there.update(self._by_character.get(character, ()))
        alike: Counter[str] = Counter()
        for character in {other for c in seen.characters(LIKELY) for other in look_alikes(c)} - said:
            alike.update(self._by_character.get(character, ()))
        size = len(seen.read)
        for name in there.keys() | alike.keys():
            lost = max(len(name) - size, 0)
            spare = SPARE if len(set(name)) > 2 else 0  # noqa: PLR2004 - one of two characters says too little
            if (
                there[name]
                and there[name] + alike[name] >= len(set(name)) - spare - lost
                and lost <= 1 + len(name) // 4
            ):
                yield name


def commonness(name: str) -> float:
    """Return how likely a stranger has just this name."""
    given = min(max(len(name), 1), GIVEN_LENGTH) - 1
    more = max(len(name) - GIVEN_LENGTH, 0)
    return 1.0 / (SURNAMES * math.pow(GIVEN, given) * math.pow(SYLLABLES, more))


def _misprint(read: str, name: str) -> float:
    """Return 1 where what was read is the name with one character changed for a look-alike, else 0."""
    if len(read) != len(name):
        return 0.0
    changed = [(r, n) for r, n in zip(read, name, strict=True) if r != n]
    return float(len(changed) == 1 and look_alikes(changed[0][0]).get(changed[0][1], 0.0) >= MISPRINT_LIKENESS)


def _dated(teacher: RosterTeacher, born: date | None) -> float:
    """Return how much likelier a birth date is for a teacher than for anyone."""
    if born is None or teacher.birth_date is None:
        return 1.0
    return (1 - WRONG_DATE) * DAYS if teacher.birth_date == born else WRONG_DATE
