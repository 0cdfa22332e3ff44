"""Explains a judgement: each rule with its clause, its outcome, the facts it asked and where they stand on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.vocabulary import DocType, FieldName, Outcome
from ocr.types import DocumentReading, FieldValue, TeacherMatch
from verification.evaluate import applies, asked_facts, document_subject, finding_of, judge_document, outcome_of
from verification.facts import FACTS, Facts, FactValue
from verification.loader import LoadedPack
from verification.pack import Rule, Text
from verification.types import Finding, Judgement, Submission


@dataclass(frozen=True, slots=True)
class UsedFact:
    """A fact that a rule asked. `state` is known, missing or doubtful; `sources` are the fields it comes from."""

    name: str
    meaning: str
    state: str
    value: FactValue | None
    sources: tuple[tuple[FieldName, FieldValue], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule's word with the facts behind it. `finding` is None where the rule does not speak of this document."""

    rule: Rule
    notice: str
    title: Text
    finding: Finding | None
    facts: tuple[UsedFact, ...]

    @property
    def outcome(self) -> Outcome | None:
        """The rule's outcome, None where it does not apply."""
        return self.finding.outcome if self.finding else None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A judgement and how each rule of the pack came to its word."""

    judgement: Judgement
    rules: tuple[Explained, ...]


def explain(
    pack: LoadedPack, reading: DocumentReading, submission: Submission, matches: Sequence[TeacherMatch] = ()
) -> Explanation:
    """Return the judgement of a document with the facts behind every rule; a row rule's word is its worst one."""
    judgement = judge_document(pack, reading, submission, matches)
    of_rows = {finding.rule: finding for finding in judgement.findings}
    subject = document_subject(pack, reading, submission)
    explained = []
    for rule in pack.policy.rules:
        finding: Finding | None = None
        if rule.scope == "row":
            finding = of_rows.get(rule.id) if reading.doc_type is DocType.SIGN_IN_SHEET else None
        elif applies(rule, reading, submission):
            outcome = outcome_of(rule, subject)
            finding = finding_of(rule, outcome, subject) if outcome is not None else None
        facts = tuple(_used(name, subject.facts, reading) for name in asked_facts(rule) if name in FACTS)
        explained.append(Explained(rule, pack.policy.notices[rule.notice].title, rule.title, finding, facts))
    return Explanation(judgement, tuple(explained))


def _used(name: str, facts: Facts, reading: DocumentReading) -> UsedFact:
    spec = FACTS[name]
    state = "known" if name in facts.known else "doubtful" if name in facts.doubtful else "missing"
    sources = tuple((field, reading.fields[field]) for field in spec.fields if field in reading.fields)
    return UsedFact(name, spec.meaning, state, facts.known.get(name), sources)
