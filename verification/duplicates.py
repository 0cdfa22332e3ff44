"""Whether two readings tell of the same paper or of the same learning. Pure.

Equal bytes or an equal certificate number is a duplicate. Anything softer (the same course of the same teacher, a
second diploma of one level) is only a possible duplicate, for a person to look at.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from core.vocabulary import DocType, FieldName, Recommendation
from ocr.types import DocumentReading, TeacherMatch

Values = Mapping[FieldName, str]

SURE_NUMBER = 0.9
SHORTEST_NUMBER = 8
SHORTEST_FUZZY_TITLE = 5
MOOC_TYPES = frozenset({DocType.MOOC_CERTIFICATE, DocType.SCORE_SCREENSHOT})
# Individual numbers by law or by platform. On training certificates a "number" is often the whole project's.
OWN_NUMBER_TYPES = frozenset({DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE, DocType.MOOC_CERTIFICATE})
_NOT_WORD = re.compile(r"[\W_]+")
_PART_MARKS = frozenset("上中下一二三四五六七八九十0123456789abc甲乙丙")


@dataclass(frozen=True, slots=True)
class Earlier:
    """Names of earlier files: one with the `same` certificate, one that is `similar` learning of the same teacher."""

    same: str | None = None
    similar: str | None = None


def certificate_key(reading: DocumentReading) -> str | None:
    """Return the text that equal certificates share, None where no number was read surely enough to reject on.

    A training certificate's key holds the holder's name too, because its number can be that of the project.
    """
    number = reading.fields.get(FieldName.CERTIFICATE_NO)
    if number is None or (number.source != "person" and number.confidence < SURE_NUMBER):
        return None
    text = _NOT_WORD.sub("", unicodedata.normalize("NFKC", number.value)).upper()
    if len(text) < SHORTEST_NUMBER:
        return None
    if reading.doc_type in OWN_NUMBER_TYPES:
        return f"{reading.doc_type}:{text}"
    holder = reading.fields.get(FieldName.HOLDER_NAME)
    return f"{reading.doc_type}:{text}:{holder.value}" if holder else None


def same_learning(doc_type: DocType, fields: Values, earlier_type: DocType, earlier: Values) -> bool:
    """Return whether two documents *of one teacher* seem to tell of the same learning.

    A certificate and a screenshot of one course are the same learning; so are two diplomas of one level, two
    certificates of one training in the same month, and two sheets of one activity on one day. Values that are missing
    on either side do not tell them apart.
    """
    if {doc_type, earlier_type} <= MOOC_TYPES:
        return _agree(fields, earlier, FieldName.PLATFORM) and _same_title(fields, earlier)
    if doc_type is not earlier_type:
        return False
    if doc_type in {DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE}:
        return _agree(fields, earlier, FieldName.EDUCATION_LEVEL)
    if doc_type is DocType.TRAINING_CERTIFICATE:
        return _same_title(fields, earlier) and _same_month(fields, earlier)
    if doc_type is DocType.SIGN_IN_SHEET:
        return _same_title(fields, earlier) and _agree(fields, earlier, FieldName.PERIOD_START)
    return False


def _agree(one: Values, other: Values, name: FieldName) -> bool:
    return name not in one or name not in other or one[name] == other[name]


def _same_month(one: Values, other: Values) -> bool:
    """Compare the months of the first kind of date that both have."""
    for name in (FieldName.PERIOD_END, FieldName.ISSUE_DATE, FieldName.PERIOD_START):
        if name in one and name in other:
            return one[name][:7] == other[name][:7]
    return True


def _same_title(one: Values, other: Values) -> bool:
    """Return whether two titles are one: punctuation apart, or one misread character that marks no volume or part."""
    first, second = (_plain_title(values.get(FieldName.TITLE, "")) for values in (one, other))
    if not first or not second:
        return False
    if first == second:
        return True
    if min(len(first), len(second)) < SHORTEST_FUZZY_TITLE or Levenshtein.distance(first, second) > 1:
        return False
    changed = set(first) ^ set(second)
    return not changed & _PART_MARKS


def _plain_title(title: str) -> str:
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", title)).lower()


@dataclass(frozen=True, slots=True)
class _Remembered:
    name: str
    doc_type: DocType
    values: dict[FieldName, str]


@dataclass(slots=True)
class DuplicateIndex:
    """Remembers what a run has read, in order, to tell what comes again. One for each run; holds no page."""

    _files: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)
    _learning: dict[str, list[_Remembered]] = field(default_factory=dict)

    def file_seen(self, name: str, sha256: str) -> str | None:
        """Return the name of the earlier file with the same bytes; remember this one if there is none."""
        earlier = self._files.get(sha256)
        self._files.setdefault(sha256, name)
        return earlier

    def earlier(self, reading: DocumentReading, match: TeacherMatch) -> Earlier:
        """Return which earlier files this document repeats."""
        key = certificate_key(reading)
        values = _values(reading)
        similar = next(
            (
                known.name
                for known in self._learning.get(_who(reading, match) or "", ())
                if same_learning(reading.doc_type, values, known.doc_type, known.values)
            ),
            None,
        )
        return Earlier(self._numbers.get(key) if key else None, similar)

    def earlier_rows(self, reading: DocumentReading, matches: Sequence[TeacherMatch]) -> list[str | None]:
        """Return for each row of a sheet the earlier sheet that told of the same activity of the same teacher."""
        return [self.earlier(reading, match).similar if match.employee_no else None for match in matches]

    def remember(
        self, name: str, reading: DocumentReading, match: TeacherMatch, recommendation: Recommendation
    ) -> None:
        """Keep a judged document. Rejected learning does not stand in the way of a better proof of it."""
        key = certificate_key(reading)
        if key:
            self._numbers.setdefault(key, name)
        who = _who(reading, match)
        if who and recommendation is not Recommendation.REJECT:
            self._learning.setdefault(who, []).append(_Remembered(name, reading.doc_type, _values(reading)))


def _who(reading: DocumentReading, match: TeacherMatch) -> str | None:
    """Return whose learning it is: the teacher on the roster, else the name or nickname as printed."""
    if match.employee_no:
        return f"teacher:{match.employee_no}"
    for name in (FieldName.HOLDER_NAME, FieldName.NICKNAME):
        if name in reading.fields:
            return f"{name}:{reading.fields[name].value}"
    return None


def _values(reading: DocumentReading) -> dict[FieldName, str]:
    return {name: value.value for name, value in reading.fields.items()}
