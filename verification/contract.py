"""The public JSON line of one document: schema 1, described in docs/contract.md and docs/reading.schema.json. Pure.

New keys may be added to a line; a key never changes its meaning or goes without a new schema number.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import XuefenError
from core.i18n import DEFAULT_LANGUAGE, error_text_both
from core.vocabulary import DocType, FieldName, MatchKind, UploadKind
from ocr.types import Box, DocumentReading, FieldValue, SignInRow, TeacherMatch
from verification.types import Finding, JudgedRow, Judgement, Submission

SCHEMA = 1


def reading_line(
    file: str,
    sha256: str,
    reading: DocumentReading,
    match: TeacherMatch,
    submission: Submission,
    judgement: Judgement,
    rows: Sequence[JudgedRow] = (),
    language: str = DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Return the line of a document as JSON-able data; messages of findings are in `language` (zh or en)."""
    return {
        "schema": SCHEMA,
        "file": file,
        "sha256": sha256,
        "upload_kind": submission.upload_kind.value,
        "submitted_on": submission.submitted_on.isoformat(),
        "pages": list(reading.pages),
        "doc_type": reading.doc_type.value,
        "type_confidence": round(reading.type_confidence, 4),
        "fields": {name.value: _field(value) for name, value in reading.fields.items()},
        "rows": [_row(row) for row in rows],
        "teacher": {
            "employee_no": match.employee_no,
            "match": match.match.value,
            "candidates": [
                {"employee_no": c.employee_no, "name": c.name, "school": c.school, "score": round(c.score, 4)}
                for c in match.candidates
            ],
        },
        "duplicate_of": submission.duplicate_of,
        "possible_duplicate_of": submission.possible_duplicate_of,
        "findings": [_finding(finding, language) for finding in judgement.findings],
        "recommendation": judgement.recommendation.value,
        "reasons": list(judgement.reasons),
        "category": judgement.category,
        "credits": _figure(judgement.credits),
        "needs_attestation": list(judgement.needs_attestation),
        "policy": {"id": judgement.pack_id, "version": judgement.pack_version, "sha256": judgement.pack_hash},
        "notes": list(reading.notes),
    }


def error_line(file: str, error: XuefenError) -> dict[str, Any]:
    """Return the line of a file that cannot be read; the message is in Chinese and English."""
    return {
        "schema": SCHEMA,
        "file": file,
        "error": {"code": error.code, "message": error_text_both(error), "page": error.page},
    }


def _field(value: FieldValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "confidence": round(value.confidence, 4),
        "page": value.page,
        "box": value.box.as_list(),
        "source": value.source,
        "text": value.text,
    }


def _row(judged: JudgedRow) -> dict[str, Any]:
    row = judged.row
    return {
        "ordinal": row.ordinal,
        "name": row.name,
        "unit": row.unit,
        "phone": row.phone,
        "signed": list(row.signed),
        "struck": row.struck,
        "employee_no": judged.employee_no,
        "match": judged.match.value,
        "confidence": round(row.confidence, 4),
        "ink": round(row.ink, 4),
        "page": row.page,
        "box": row.box.as_list(),
        "credits": _figure(judged.judgement.credits),
        "recommendation": judged.judgement.recommendation.value,
        "reasons": list(judged.judgement.reasons),
    }


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "clause": finding.clause,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "reason": finding.reason,
        "message": finding.message_en if language == "en" else finding.message_zh,
    }


def _figure(credits_: Decimal | None) -> int | float | None:
    if credits_ is None:
        return None
    return int(credits_) if credits_ == credits_.to_integral_value() else float(credits_)


def read_line(line: dict[str, Any]) -> tuple[DocumentReading, Submission, tuple[TeacherMatch, ...]]:
    """Return what a line tells of a document and how it came in, with a match for each row: to judge it again.

    Raises KeyError or ValueError for data that is no line of schema 1.
    """
    reading = DocumentReading(
        pages=tuple(line["pages"]),
        doc_type=DocType(line["doc_type"]),
        type_confidence=line["type_confidence"],
        fields={FieldName(name): _read_field(value) for name, value in line["fields"].items()},
        rows=tuple(_read_row(row) for row in line["rows"]),
        notes=tuple(line["notes"]),
    )
    submission = Submission(
        upload_kind=UploadKind(line["upload_kind"]),
        submitted_on=date.fromisoformat(line["submitted_on"]),
        match=MatchKind(line["teacher"]["match"]),
        duplicate_of=line["duplicate_of"],
        possible_duplicate_of=line["possible_duplicate_of"],
    )
    return reading, submission, tuple(TeacherMatch(MatchKind(r["match"]), r["employee_no"]) for r in line["rows"])


def _read_field(value: dict[str, Any]) -> FieldValue:
    box = Box(*value["box"])
    return FieldValue(value["value"], value["confidence"], value["page"], box, value["source"], value["text"])


def _read_row(row: dict[str, Any]) -> SignInRow:
    return SignInRow(
        row["ordinal"],
        row["name"],
        row["unit"],
        row["phone"],
        tuple(row["signed"]),
        row["struck"],
        row["confidence"],
        row["page"],
        Box(*row["box"]),
        ink=row.get("ink", row["confidence"]),
    )
