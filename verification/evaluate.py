"""Judges a document by a policy pack: each rule's outcome, then one recommendation, a category and a figure.

Pure and three-valued. Two guards stand in code because no pack may switch them off: nothing is recommended for
approval without an identified teacher, nor without a positive figure of credits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.vocabulary import DocType, MatchKind, Outcome, Recommendation
from ocr.types import DocumentReading, TeacherMatch
from verification.expressions import compiled, context_of, number, truth
from verification.facts import IDENTIFYING, Facts, counts, ink_clear, row_facts
from verification.gather import gather
from verification.loader import LoadedPack
from verification.pack import Route, Rule, Scope
from verification.types import Finding, JudgedRow, Judgement, Submission
from verification.wording import doubt, filled

LOW_CONFIDENCE = "low_confidence"
CREDITS_UNKNOWN = "credits_unknown"
UNIDENTIFIED = {
    MatchKind.NONE: "name_not_on_roster",
    MatchKind.SIMILAR: "name_fuzzy",
    MatchKind.AMBIGUOUS: "name_ambiguous",
}
NO_CREDIT = Decimal(0)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: facts and the same facts as the expression library takes them."""

    facts: Facts
    context: Any

    @classmethod
    def of(cls, facts: Facts) -> "Subject":
        """Return the subject of these facts."""
        return cls(facts, context_of(facts))


@dataclass(frozen=True, slots=True)
class Credit:
    """Which route a document takes, the figure if it follows, and the steps that the route demands."""

    category: str | None = None
    figure: Decimal | None = None
    demands: tuple[str, ...] = ()


def document_subject(pack: LoadedPack, reading: DocumentReading, submission: Submission) -> Subject:
    """Return the facts of a document, ready for rules to ask."""
    return Subject.of(gather(pack.policy, reading, submission))


def judge(pack: LoadedPack, reading: DocumentReading, submission: Submission) -> Judgement:
    """Return what the pack says of one person's document. For a sign-in sheet use `judge_document`."""
    return judge_document(pack, reading, submission, ())


def judge_document(
    pack: LoadedPack, reading: DocumentReading, submission: Submission, matches: Sequence[TeacherMatch]
) -> Judgement:
    """Return what the pack says of a document as a whole. `matches` belong to `reading.rows`, one each, in order.

    A sheet is recommended for approval only if every signed, unstruck row is; its credits are one person's figure.
    """
    subject = document_subject(pack, reading, submission)
    findings = _document_findings(pack, reading, submission, subject)
    if reading.doc_type is DocType.SIGN_IN_SHEET:
        findings += _sheet_findings(pack, reading, _rows_findings(pack, reading, subject, submission, matches))
    credit = _credit(pack, reading, submission, subject)
    return _judgement(pack, findings, credit, _unidentified(reading, submission, matches))


def judge_rows(
    pack: LoadedPack, reading: DocumentReading, submission: Submission, matches: Sequence[TeacherMatch]
) -> tuple[JudgedRow, ...]:
    """Return each row of a sign-in sheet with its own judgement: the sheet's findings and the row's.

    Unsigned, struck and unidentified rows, and a teacher's second row, get no credits.
    """
    subject = document_subject(pack, reading, submission)
    common = _document_findings(pack, reading, submission, subject)
    credit = _credit(pack, reading, submission, subject)
    every_row = _rows_findings(pack, reading, subject, submission, matches)
    judged = []
    for row, match, repeated, findings in zip(
        reading.rows, _padded(reading, matches), _repeats(reading, matches), every_row, strict=True
    ):
        identified = match.match in IDENTIFYING
        earns = identified and counts(row) and not repeated
        own = credit if earns else replace(credit, figure=NO_CREDIT)
        judgement = _judgement(pack, common + findings, own, None if identified else match.match)
        judged.append(JudgedRow(row, match.employee_no, match.match, judgement))
    return tuple(judged)


def applies(scope: Scope, reading: DocumentReading, submission: Submission) -> bool:
    """Return whether a rule or route is about this kind of document and this way of handing in."""
    return reading.doc_type in scope.documents and submission.upload_kind in scope.uploads


def outcome_of(rule: Rule, subject: Subject) -> Outcome | None:
    """Return the rule's outcome, or None where it does not apply because `when` is false.

    With `when` unknown the rule can still pass, but cannot fail. Where even the kind of document is a guess, a rule
    that would reject may be the wrong rule: that too is unknown.
    """
    applies_here = truth(rule.when, subject.context)
    if applies_here is False:
        return None
    holds = truth(rule.require, subject.context)
    if holds:
        return Outcome.PASS
    type_certain = subject.facts.known.get("type_certain") is True
    if holds is False and applies_here and (type_certain or rule.severity == "review"):
        return Outcome.FAIL
    return Outcome.UNKNOWN


def asked_facts(rule: Rule) -> tuple[str, ...]:
    """Return the names of the facts that a rule asks, in a stable order."""
    return tuple(dict.fromkeys((*compiled(rule.when).facts, *compiled(rule.require).facts)))


def finding_of(rule: Rule, outcome: Outcome, subject: Subject) -> Finding:
    """Return the rule's word with its messages; the reason of an unknown tells bad reading from missing facts."""
    text, reason = rule.title, rule.reason
    if outcome is Outcome.FAIL:
        text = rule.messages.fail
    elif outcome is Outcome.UNKNOWN:
        doubtful = [name for name in asked_facts(rule) if name in subject.facts.doubtful]
        missing = any(name not in subject.facts.known for name in asked_facts(rule))
        if doubtful or not missing:
            return _doubt(rule, doubtful or ["doc_type"])
        text, reason = rule.messages.unknown, rule.unknown_reason or rule.reason
    return Finding(
        rule.id,
        rule.clause,
        outcome,
        Recommendation(rule.severity),
        reason,
        filled(text.zh, subject.facts, "zh"),
        filled(text.en, subject.facts, "en"),
    )


def _doubt(rule: Rule, names: list[str]) -> Finding:
    severity = Recommendation(rule.severity)
    return Finding(
        rule.id, rule.clause, Outcome.UNKNOWN, severity, LOW_CONFIDENCE, doubt(names, "zh"), doubt(names, "en")
    )


def _document_findings(
    pack: LoadedPack, reading: DocumentReading, submission: Submission, subject: Subject
) -> tuple[Finding, ...]:
    rules = (rule for rule in pack.policy.rules if rule.scope == "document" and applies(rule, reading, submission))
    return _findings(rules, subject)


def _findings(rules: Iterable[Rule], subject: Subject) -> tuple[Finding, ...]:
    return tuple(
        finding_of(rule, outcome, subject) for rule in rules if (outcome := outcome_of(rule, subject)) is not None
    )


def _rows_findings(
    pack: LoadedPack,
    reading: DocumentReading,
    subject: Subject,
    submission: Submission,
    matches: Sequence[TeacherMatch],
) -> tuple[tuple[Finding, ...], ...]:
    """Return the row rules' findings for each row."""
    rules = [rule for rule in pack.policy.rules if rule.scope == "row" and applies(rule, reading, submission)]
    # One context serves all rows: every fact of a row is set anew for each, and building a context is the slow part.
    context = context_of(subject.facts)
    every_row = []
    for row, match, repeated in zip(reading.rows, _padded(reading, matches), _repeats(reading, matches), strict=True):
        of_row = row_facts(pack.policy, row, match.match, repeated=repeated)
        context.update(of_row)
        every_row.append(_findings(rules, Subject(subject.facts.with_row(of_row), context)))
    return tuple(every_row)


def _padded(reading: DocumentReading, matches: Sequence[TeacherMatch]) -> Sequence[TeacherMatch]:
    """Return one match for each row; without a roster no row is tied to anyone."""
    return matches or [TeacherMatch(MatchKind.NONE)] * len(reading.rows)


def _repeats(reading: DocumentReading, matches: Sequence[TeacherMatch]) -> list[bool]:
    """Return for each counted row whether its teacher stands in an earlier counted row."""
    seen: set[str] = set()
    repeats = []
    for row, match in zip(reading.rows, _padded(reading, matches), strict=True):
        who = match.employee_no if match.match in IDENTIFYING and counts(row) else None
        repeats.append(who in seen if who else False)
        if who:
            seen.add(who)
    return repeats


def _sheet_findings(
    pack: LoadedPack, reading: DocumentReading, every_row: Sequence[tuple[Finding, ...]]
) -> tuple[Finding, ...]:
    """Return one finding for each row rule: the worst word that it has on any row that claims attendance.

    Where it is in doubt whether a row is signed, or struck out, it may claim attendance though it is read otherwise:
    of such a row the rules' doubt of the reading counts too.
    """
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)
    worst: dict[str, Finding] = {}
    for row, findings in zip(reading.rows, every_row, strict=True):
        if counts(row):
            heard = findings
        elif not ink_clear(pack.policy, row):
            heard = tuple(finding for finding in findings if finding.reason == LOW_CONFIDENCE)
        else:
            continue
        for finding in heard:
            known = worst.get(finding.rule)
            if known is None or order.index(finding.outcome) < order.index(known.outcome):
                worst[finding.rule] = finding
    return tuple(worst.values())


def _unidentified(
    reading: DocumentReading, submission: Submission, matches: Sequence[TeacherMatch]
) -> MatchKind | None:
    """Return how the document (on a sheet, any row that claims attendance) fails to name a teacher, or None."""
    if reading.doc_type is not DocType.SIGN_IN_SHEET:
        return None if submission.match in IDENTIFYING else submission.match
    claims = [match.match for row, match in zip(reading.rows, _padded(reading, matches), strict=True) if counts(row)]
    return next((match for match in claims or [MatchKind.NONE] if match not in IDENTIFYING), None)


def _credit(pack: LoadedPack, reading: DocumentReading, submission: Submission, subject: Subject) -> Credit:
    """Return what the first fitting route gives; a route that fits only perhaps gives no figure."""
    for route in pack.policy.routes:
        if applies(route, reading, submission):
            fits = truth(route.when, subject.context)
            if fits is not False:
                figure = number(route.figure, subject.context) if fits else None
                return Credit(route.category, figure, _demands(route, submission, subject))
    return Credit()


def _demands(route: Route, submission: Submission, subject: Subject) -> tuple[str, ...]:
    """Return the attestations still to be given: those whose condition is not certainly false."""
    return tuple(
        demand.attestation
        for demand in route.demands
        if demand.attestation not in submission.attestations and truth(demand.when, subject.context) is not False
    )


def _judgement(
    pack: LoadedPack,
    findings: tuple[Finding, ...],
    credit: Credit,
    unidentified: MatchKind | None,
) -> Judgement:
    """Combine: any failed reject rule rejects; else any failed or unknown rule means review; else approve."""
    rejecting = [f.reason for f in findings if f.outcome is Outcome.FAIL and f.severity is Recommendation.REJECT]
    doubting = [f.reason for f in findings if f.outcome is not Outcome.PASS and f.reason not in rejecting]
    if not rejecting and not doubting:
        if unidentified is not None:
            doubting.append(UNIDENTIFIED[unidentified])
        if credit.figure is None or credit.figure <= NO_CREDIT:
            doubting.append(CREDITS_UNKNOWN)
    recommendation = (
        Recommendation.REJECT if rejecting else Recommendation.REVIEW if doubting else Recommendation.APPROVE
    )
    return Judgement(
        pack.policy.id,
        pack.policy.version,
        pack.sha256,
        findings,
        recommendation,
        tuple(dict.fromkeys((*rejecting, *doubting))),
        credit.category,
        NO_CREDIT if rejecting else credit.figure,
        () if rejecting else credit.demands,
    )
