"""Rule tests as data: a pack's cases.yaml, run against the pack, with the coverage of every rule both ways."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field

from core.errors import Invalid
from core.vocabulary import DocType, FieldName, MatchKind, Outcome, Recommendation, UploadKind
from ocr.types import Box, DocumentReading, FieldValue, SignInRow, TeacherMatch
from verification.evaluate import judge_document, judge_rows
from verification.loader import PACKS_DIR, LoadedPack, build, load_pack, read_yaml
from verification.pack import Code, Line, Part
from verification.types import Finding, JudgedRow, Judgement, Submission

CASES_FILE = "cases.yaml"
SURE = 0.97
PLACE = Box(0.1, 0.1, 0.9, 0.2)

Name = Annotated[FieldName, Field(strict=False)]


class CaseRow(Part):
    """One row of a sheet in a case: who it is on the roster, and what should come of it."""

    name: Line
    signed: tuple[Line, ...] = ("签名",)
    struck: bool = False
    confidence: float = SURE
    match: MatchKind = MatchKind.EXACT
    credits: float | None = None
    reasons: tuple[Code, ...] = ()


class Paper(Part):
    """A document as read. `doubtful` gives the confidence of fields that were read badly."""

    doc_type: DocType
    type_confidence: float = SURE
    fields: dict[Name, str] = Field(default_factory=dict)
    doubtful: dict[Name, float] = Field(default_factory=dict)
    notes: tuple[Code, ...] = ()
    rows: tuple[CaseRow, ...] = ()


class Change(Part):
    """What a case changes in the paper that it starts from."""

    type_confidence: float | None = None
    set: dict[Name, str] = Field(default_factory=dict)
    drop: tuple[FieldName, ...] = ()
    doubtful: dict[Name, float] = Field(default_factory=dict)
    notes: tuple[Code, ...] = ()
    rows: tuple[CaseRow, ...] | None = None


class Expected(Part):
    """What the pack should say. `findings` names single rules' outcomes where the reasons alone do not tell."""

    recommendation: Recommendation
    reasons: tuple[Code, ...] = ()
    category: Line | None = None
    credits: float | None = None
    attestations: tuple[Code, ...] = ()
    findings: dict[Line, Outcome] = Field(default_factory=dict)


class Case(Part):
    """One case: a sentence, the paper, how it came in on which day, and what is expected."""

    name: Line
    paper: Line
    change: Change = Change()
    upload: UploadKind = UploadKind.INDIVIDUAL
    submitted_on: date = date(2021, 1, 5)
    match: MatchKind = MatchKind.EXACT
    duplicate_of: Line | None = None
    possible_duplicate_of: Line | None = None
    attested: tuple[Code, ...] = ()
    expect: Expected


class CaseBook(Part):
    """A pack's cases.yaml: papers to start from, and the cases."""

    papers: dict[Code, Paper]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case: the judgement, and each difference from what was expected as a short text."""

    case: Case
    judgement: Judgement
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many cases let each rule pass and fail, in the pack's order."""

    passed: Mapping[str, int]
    failed: Mapping[str, int]

    @property
    def missing(self) -> tuple[str, ...]:
        """`rule: pass` or `rule: fail` for everything that no case shows."""
        sides = (("pass", self.passed), ("fail", self.failed))
        return tuple(f"{rule}: {side}" for rule in self.passed for side, counted in sides if not counted[rule])


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome of `xuefen policy check` for one pack."""

    pack: LoadedPack
    results: tuple[CaseResult, ...]
    coverage: Coverage

    @property
    def ok(self) -> bool:
        """Whether every case came out as expected and every rule is shown both ways."""
        return not self.coverage.missing and not any(result.differences for result in self.results)


@dataclass(slots=True)
class _Counter:
    passed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    def count(self, findings: Iterable[Finding]) -> None:
        """Count each rule once a case and side."""
        seen = {(f.rule, f.outcome) for f in findings}
        for rule, outcome in seen:
            if outcome is Outcome.PASS:
                self.passed[rule] += 1
            elif outcome is Outcome.FAIL:
                self.failed[rule] += 1


def check_pack(pack_id: str, root: Path = PACKS_DIR) -> CheckReport:
    """Run a pack's cases; Invalid with file and line if pack or cases are malformed."""
    pack = load_pack(pack_id, root)
    path = root / pack_id / CASES_FILE
    if not path.is_file():
        raise Invalid("pack_without_cases", "The pack {pack} has no cases.yaml.", pack=pack_id)
    source = read_yaml(f"{pack_id}/{CASES_FILE}", path.read_bytes())
    book = build(source, CaseBook)
    for place, case in enumerate(book.cases):
        if case.paper not in book.papers:
            raise Invalid(
                "pack_bad_value",
                "{file} line {line}: {key}: {problem}",
                file=source.file,
                line=source.line_of(("cases", place, "paper")),
                key="paper",
                problem=f"there is no paper {case.paper}",
            )
    rules = [rule.id for rule in pack.policy.rules]
    counter = _Counter(dict.fromkeys(rules, 0), dict.fromkeys(rules, 0))
    results = tuple(_run(pack, case, book.papers[case.paper], counter) for case in book.cases)
    return CheckReport(pack, results, Coverage(counter.passed, counter.failed))


def _run(pack: LoadedPack, case: Case, paper: Paper, counter: _Counter) -> CaseResult:
    reading, matches, rows = _reading(case, paper)
    submission = Submission(
        case.upload,
        case.submitted_on,
        MatchKind.NONE if reading.doc_type is DocType.SIGN_IN_SHEET else case.match,
        duplicate_of=case.duplicate_of,
        possible_duplicate_of=case.possible_duplicate_of,
        attestations=frozenset(case.attested),
    )
    judgement = judge_document(pack, reading, submission, matches)
    judged = judge_rows(pack, reading, submission, matches)
    counter.count((*judgement.findings, *(finding for row in judged for finding in row.judgement.findings)))
    of_rows = frozenset(rule.id for rule in pack.policy.rules if rule.scope == "row")
    of_sheet = {f.reason for f in judgement.findings if f.outcome is not Outcome.PASS and f.rule not in of_rows}
    differences = [*_differences(case.expect, judgement), *_row_differences(rows, judged, of_sheet)]
    return CaseResult(case, judgement, tuple(differences))


def _reading(case: Case, paper: Paper) -> tuple[DocumentReading, tuple[TeacherMatch, ...], tuple[CaseRow, ...]]:
    change = case.change
    values = {name: text for name, text in {**paper.fields, **change.set}.items() if name not in change.drop}
    doubt = {**paper.doubtful, **change.doubtful}
    rows = paper.rows if change.rows is None else change.rows
    reading = DocumentReading(
        pages=(1,),
        doc_type=paper.doc_type,
        type_confidence=paper.type_confidence if change.type_confidence is None else change.type_confidence,
        fields={name: FieldValue(text, doubt.get(name, SURE), 1, PLACE, "ocr", text) for name, text in values.items()},
        rows=tuple(
            SignInRow(place, row.name, "", "", row.signed, row.struck, row.confidence, 1, PLACE, ink=row.confidence)
            for place, row in enumerate(rows, start=1)
        ),
        notes=(*paper.notes, *change.notes),
    )
    return reading, tuple(TeacherMatch(row.match, f"of-{row.name}") for row in rows), rows


def _differences(expected: Expected, judgement: Judgement) -> Iterable[str]:
    pairs = (
        ("recommendation", expected.recommendation, judgement.recommendation),
        ("reasons", expected.reasons, judgement.reasons),
        ("category", expected.category, judgement.category),
        ("credits", _figure(expected.credits), judgement.credits),
        ("attestations", expected.attestations, judgement.needs_attestation),
    )
    for what, wanted, got in pairs:
        if wanted != got:
            yield f"{what}: expected {_shown(wanted)}, got {_shown(got)}"
    outcomes = {finding.rule: finding.outcome for finding in judgement.findings}
    for rule, outcome in expected.findings.items():
        if outcomes.get(rule) is not outcome:
            yield f"{rule}: expected {outcome}, got {outcomes.get(rule)}"


def _row_differences(rows: tuple[CaseRow, ...], judged: tuple[JudgedRow, ...], of_sheet: set[str]) -> Iterable[str]:
    """Compare each row's reasons, without those of the sheet as a whole, and its credits."""
    for row, got in zip(rows, judged, strict=True):
        reasons = tuple(reason for reason in got.judgement.reasons if reason not in of_sheet)
        if reasons != row.reasons:
            yield f"{row.name}: expected {_shown(row.reasons)}, got {_shown(reasons)}"
        if got.judgement.credits != _figure(row.credits):
            yield f"{row.name}: expected {row.credits} credits, got {_shown(got.judgement.credits)}"


def _figure(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) or "nothing" if isinstance(value, tuple) else str(value)
