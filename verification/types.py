"""Values of the judging stage."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.vocabulary import MatchKind, Outcome, Recommendation, UploadKind
from ocr.types import SignInRow


@dataclass(frozen=True, slots=True)
class Submission:
    """How a document came in, as far as rules ask.

    `duplicate_of` names the earlier document with the same bytes or the same certificate number,
    `possible_duplicate_of` one that merely tells of the same learning.
    """

    upload_kind: UploadKind
    submitted_on: date
    match: MatchKind
    duplicate_of: str | None = None
    possible_duplicate_of: str | None = None
    attestations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one document. `reason` is the stable code, `message` is in the language asked for."""

    rule: str
    clause: str
    outcome: Outcome
    severity: Recommendation
    reason: str
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy pack says of one document (or of one person's row on a sign-in sheet).

    `reasons` are the reason codes that led to the recommendation, hardest first, empty for approve. `credits` (学分)
    is None when no figure follows from the facts. `needs_attestation` names recorded steps a person must take before
    the school level can pass (e.g. `account_checked`).
    """

    pack_id: str
    pack_version: str
    pack_hash: str
    findings: tuple[Finding, ...]
    recommendation: Recommendation
    reasons: tuple[str, ...]
    category: str | None
    credits: Decimal | None
    needs_attestation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A sign-in row with its teacher and its own judgement."""

    row: SignInRow
    employee_no: str | None
    match: MatchKind
    judgement: Judgement
