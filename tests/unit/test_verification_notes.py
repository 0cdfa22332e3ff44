"""Every doubt that the reader notes ends in a finding of the pack, whichever document it stands on."""

import re
from datetime import date
from pathlib import Path

import pytest

import ocr.checks
from core.vocabulary import DocType, FieldName, MatchKind, Outcome, UploadKind
from ocr.types import Box, DocumentReading, FieldValue
from verification.evaluate import judge
from verification.loader import load_pack
from verification.types import Finding, Submission

PACK = load_pack("xinxiang-2016-2020")
CERTIFICATES = (DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE, DocType.MOOC_CERTIFICATE, DocType.TRAINING_CERTIFICATE)
CONTRADICTIONS = sorted(set(re.findall(r'return "(\w+)"', Path(ocr.checks.__file__).read_text(encoding="utf-8"))))
NOTED = dict.fromkeys(CONTRADICTIONS, "fields_contradict") | {
    "text_layer_distrusted": "text_layer_distrusted",
    "doubtful_wording": "doubtful_wording",
}


def failing(reading: DocumentReading) -> list[Finding]:
    submission = Submission(UploadKind.INDIVIDUAL, date(2020, 12, 1), MatchKind.EXACT)
    return [f for f in judge(PACK, reading, submission).findings if f.outcome is Outcome.FAIL]


def test_the_checks_note_something() -> None:
    assert "date_contradicts_number" in CONTRADICTIONS


@pytest.mark.parametrize("kind", CERTIFICATES)
@pytest.mark.parametrize(("note", "reason"), NOTED.items())
def test_a_doubt_is_found(kind: DocType, note: str, reason: str) -> None:
    assert reason not in {f.reason for f in failing(DocumentReading((1,), kind, 0.99))}
    assert reason in {f.reason for f in failing(DocumentReading((1,), kind, 0.99, notes=(note,)))}


def test_a_field_that_no_rule_asks_for_is_named_where_it_was_read_badly() -> None:
    number = FieldValue("104765201805000123", 0.5, 1, Box(0, 0, 1, 1), "ocr", "")
    found = failing(DocumentReading((1,), DocType.DIPLOMA, 0.99, {FieldName.CERTIFICATE_NO: number}))
    named = next(f for f in found if f.rule == "reading.fields_clear")
    assert named.reason == "low_confidence"
    assert "证书编号" in named.message_zh
    assert "the certificate number" in named.message_en
