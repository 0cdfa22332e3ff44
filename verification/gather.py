"""Gathers the facts of a document from its reading, its pack's thresholds and how it came in. Pure."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.vocabulary import DocType, FieldName, MatchKind
from ocr.issuers import issuer_kinds
from ocr.types import DocumentReading, FieldValue
from verification.facts import UNCLEAR_FIELDS, Facts, FactValue, counts
from verification.pack import Pack
from verification.types import Submission

HOURS_UNIT = "学时"
# 国培/省培/市培/县培; not the 市培 inside 新乡市培训中心.
_PROGRAMME = re.compile(r"[国省市县]培(?!训)")
_CONTRADICTIONS = frozenset({"id_number_invalid", "period_reversed", "issued_before_period", "score_above_maximum"})
_NUMBER = re.compile(r"^\d{1,6}(\.\d{1,3})?$")
_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")


@dataclass(slots=True)
class _Gatherer:
    """Collects facts while the reading is walked through; it lives for one call of `gather`."""

    policy: Pack
    reading: DocumentReading
    known: dict[str, FactValue] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    def value(self, name: FieldName) -> FieldValue | None:
        return self.reading.fields.get(name)

    def sure(self, value: FieldValue, name: FieldName) -> bool:
        return value.source == "person" or value.confidence >= self.policy.thresholds.for_field(name)

    def clear(self, value: FieldValue, name: FieldName) -> bool:
        limits = self.policy.thresholds
        return value.source == "person" or value.confidence >= min(limits.for_field(name), limits.unasked)

    def text(self, name: FieldName, fact: str | None = None) -> str | None:
        """Set the fact from a field; return its value if known."""
        fact = fact or name.value
        value = self.value(name)
        if value is None or not value.value:
            return None
        if not self.sure(value, name):
            self.doubtful.add(fact)
            return None
        self.known[fact] = value.value
        return value.value

    def number(self, name: FieldName, limit: int | None = None) -> None:
        value = self.value(name)
        if value is None or not value.value:
            return
        if not self.sure(value, name) or not _NUMBER.match(value.value) or (limit and Decimal(value.value) > limit):
            self.doubtful.add(name.value)
            return
        self.known[name.value] = float(value.value)

    def date(self, name: FieldName, *facts: str) -> None:
        """Set each of `facts` from a date field."""
        value = self.value(name)
        if value is None or not value.value:
            return
        if self.sure(value, name) and _DATE.match(value.value):
            self.known.update(dict.fromkeys(facts, value.value))
        else:
            self.doubtful.update(facts)

    def present(self, name: FieldName) -> bool:
        value = self.value(name)
        return value is not None and bool(value.value)


def gather(policy: Pack, reading: DocumentReading, submission: Submission) -> Facts:
    """Return the facts of a document and of how it came in.

    Notes of the reader that count: `hours_computed`, `not_graduation`, `authority_notice_cited`, `course_running`,
    `text_layer_distrusted`, `doubtful_wording`, and those of contradictions.
    """
    facts = _Gatherer(policy, reading)
    facts.known |= {
        "doc_type": reading.doc_type.value,
        "type_certain": reading.type_confidence >= policy.thresholds.doc_type,
        "upload_kind": submission.upload_kind.value,
        "submitted_on": submission.submitted_on.isoformat(),
        "cycle_start": policy.cycle.start.isoformat(),
        "cycle_end": policy.cycle.end.isoformat(),
        "is_duplicate": submission.duplicate_of is not None,
        "maybe_duplicate": submission.possible_duplicate_of is not None,
        "match": submission.match.value,
        "has_holder_name": facts.present(FieldName.HOLDER_NAME),
        "has_nickname": facts.present(FieldName.NICKNAME),
        "has_title": facts.present(FieldName.TITLE),
        "has_score": facts.present(FieldName.SCORE),
        "has_issuer": facts.present(FieldName.ISSUER),
        "authority_notice_cited": "authority_notice_cited" in reading.notes,
        "not_graduation": "not_graduation" in reading.notes,
        "course_running": "course_running" in reading.notes,
        "text_layer_distrusted": "text_layer_distrusted" in reading.notes,
        "doubtful_wording": "doubtful_wording" in reading.notes,
        "signed_rows": float(sum(1 for row in reading.rows if counts(row))),
    }
    for name in (FieldName.HOLDER_NAME, FieldName.PLATFORM, FieldName.TITLE, FieldName.EDUCATION_LEVEL):
        facts.text(name)
    facts.known["holder_name_clear"] = "holder_name" in facts.known
    title = facts.value(FieldName.TITLE)
    facts.known["authority_programme"] = title is not None and bool(_PROGRAMME.search(title.value))
    _gather_result(facts)
    _gather_hours(facts)
    _gather_issuer(facts)
    _gather_dates(facts)
    _gather_real_name(facts)
    facts.known["contradicted"] = _contradicted(facts)
    _gather_clearness(facts)
    return Facts(facts.known, frozenset(facts.doubtful))


def _gather_result(facts: _Gatherer) -> None:
    """Score of a hundred, and whether the grade passes. A score on another scale is left unknown: no text rates it."""
    scale = facts.value(FieldName.SCORE_MAX)
    if scale is None or scale.value == "100":
        facts.number(FieldName.SCORE, limit=100)
    grade = facts.value(FieldName.GRADE)
    words = facts.policy.grades
    facts.known["has_grade"] = grade is not None and grade.value in words.passed + words.failed
    if grade is None:
        return
    if not facts.sure(grade, FieldName.GRADE):
        facts.doubtful.add("grade_passes")
    elif facts.known["has_grade"]:
        facts.known["grade_passes"] = grade.value in words.passed


def _gather_hours(facts: _Gatherer) -> None:
    """Hours count as printed only where a figure in 学时 stands on the paper: neither weeks times hours, nor 学分."""
    bound = facts.policy.thresholds.plausible_hours.get(facts.reading.doc_type)
    if bound is not None:
        facts.known["plausible_hours"] = bound
    value = facts.value(FieldName.HOURS)
    computed = "hours_computed" in facts.reading.notes
    if value is None or value.source == "computed" or (computed and value.source != "person"):
        facts.known["has_hours"] = False
        return
    unit = facts.text(FieldName.HOURS_UNIT)
    if unit is not None:
        facts.known["has_hours"] = unit == HOURS_UNIT
    elif "hours_unit" in facts.doubtful:
        facts.doubtful |= {"has_hours", "hours"}
    if facts.known.get("has_hours"):
        facts.number(FieldName.HOURS)


def _gather_issuer(facts: _Gatherer) -> None:
    issuer = facts.text(FieldName.ISSUER)
    if issuer is None:
        if "issuer" in facts.doubtful:
            facts.doubtful.add("issuer_kind")
        return
    kind = joint_issuer_kind(issuer)
    if kind != "unknown":
        facts.known["issuer_kind"] = kind


def joint_issuer_kind(issuer: str) -> str:
    """Return the kind of one organisation, or of several joined by 、.

    An education authority together with universities and schools holds its own training; any other mixture is unknown.
    """
    kinds = set(issuer_kinds(issuer))
    if len(kinds) == 1:
        return kinds.pop()
    if "education_authority" in kinds and kinds <= {"education_authority", "university", "school"}:
        return "education_authority"
    return "unknown"


def _gather_dates(facts: _Gatherer) -> None:
    """Which date decides the cycle depends on the paper: issue date, a course's end, or an activity's days."""
    facts.date(FieldName.ISSUE_DATE, "issue_date")
    kind = facts.reading.doc_type
    if kind is DocType.SIGN_IN_SHEET:
        facts.date(FieldName.PERIOD_START, "cycle_date")
        last = FieldName.PERIOD_END if facts.present(FieldName.PERIOD_END) else FieldName.PERIOD_START
        facts.date(last, "cycle_date_last")
        _gather_days(facts)
        return
    shown = FieldName.PERIOD_END
    if kind is not DocType.SCORE_SCREENSHOT and facts.present(FieldName.ISSUE_DATE):
        shown = FieldName.ISSUE_DATE
    facts.date(shown, "cycle_date", "cycle_date_last")


def _gather_days(facts: _Gatherer) -> None:
    ends = (facts.known.get("cycle_date"), facts.known.get("cycle_date_last"))
    try:
        first, last = (date.fromisoformat(str(end)) for end in ends)
    except ValueError:
        return
    if last >= first:
        facts.known["days"] = float((last - first).days + 1)


def _gather_real_name(facts: _Gatherer) -> None:
    """Take it from the paper where it says so; else a printed name, without a nickname beside it, is a real name."""
    said = facts.value(FieldName.REAL_NAMED)
    nickname = facts.present(FieldName.NICKNAME)
    named = facts.present(FieldName.HOLDER_NAME)
    if said is not None:
        if not facts.sure(said, FieldName.REAL_NAMED):
            facts.doubtful.add("real_named")
        elif said.value == "false":
            facts.known["real_named"] = False
        elif said.value == "true" and (named or not nickname):
            facts.known["real_named"] = True
    elif named != nickname:
        facts.known["real_named"] = named


def _gather_clearness(facts: _Gatherer) -> None:
    """Name every field that was read so badly that a person must know, whether a rule asks for it or not.

    A name counts as what the roster says where the ID number tells whose it is.
    """
    known = {FieldName.HOLDER_NAME} if facts.known["match"] == MatchKind.ID_NUMBER else set()
    unclear = [
        name
        for name, value in facts.reading.fields.items()
        if value.value and name not in known and not facts.clear(value, name)
    ]
    facts.known["fields_clear"] = not unclear
    if unclear:
        facts.known[UNCLEAR_FIELDS] = " ".join(name.value for name in unclear)


def _contradicted(facts: _Gatherer) -> bool:
    """Return whether the reader found a contradiction, or dates that run backwards."""
    if any("_contradicts_" in note or note in _CONTRADICTIONS for note in facts.reading.notes):
        return True
    start, end, issued = (
        value.value if (value := facts.value(name)) else ""
        for name in (FieldName.PERIOD_START, FieldName.PERIOD_END, FieldName.ISSUE_DATE)
    )
    return any(later and start and later[: len(start)] < start[: len(later)] for later in (end, issued))
