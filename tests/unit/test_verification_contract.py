"""The public line: valid by its schema, complete, and enough to judge again."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from core.errors import Invalid
from core.vocabulary import DocType, FieldName, MatchKind, UploadKind
from ocr.types import Box, Candidate, DocumentReading, FieldValue, SignInRow, TeacherMatch
from verification.contract import error_line, read_line, reading_line
from verification.evaluate import judge_document, judge_rows
from verification.loader import load_pack
from verification.types import Submission

SCHEMA: dict[str, Any] = json.loads(Path("docs/reading.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
PACK = load_pack("xinxiang-2016-2020")
PLACE = Box(0.1, 0.2, 0.30000001, 0.4)
F = FieldName
CANDIDATES = (Candidate("E1", "张三", "一中", 0.98), Candidate("E2", "张三", "二中", 0.98))


def field(value: str) -> FieldValue:
    return FieldValue(value, 0.9, 1, PLACE, "ocr", value)


def line_of(doc_type: DocType, language: str = "zh", hours: str = "36") -> dict[str, Any]:
    values = {
        F.HOLDER_NAME: "张三",
        F.ISSUER: "新乡市教育局",
        F.HOURS: hours,
        F.HOURS_UNIT: "学时",
        F.PERIOD_START: "2019-07",
    }
    rows = (SignInRow(1, "张三", "一中", "", ("上午",), False, 0.9, 1, PLACE),) * 2
    reading = DocumentReading((1, 2), doc_type, 0.9, {n: field(v) for n, v in values.items()}, notes=("skewed",))
    match = TeacherMatch(MatchKind.AMBIGUOUS, None, CANDIDATES)
    submission = Submission(UploadKind.ORGANISER, date(2020, 1, 5), match.match, possible_duplicate_of="b.jpg")
    matches: list[TeacherMatch] = []
    if doc_type is DocType.SIGN_IN_SHEET:
        reading = replace(reading, rows=rows)
        matches = [TeacherMatch(MatchKind.EXACT, "E1"), TeacherMatch(MatchKind.NONE)]
    judgement = judge_document(PACK, reading, submission, matches)
    judged = judge_rows(PACK, reading, submission, matches)
    line = reading_line("a.zip!/张三/a.jpg", "0" * 64, reading, match, submission, judgement, judged, language)
    return json.loads(json.dumps(line, ensure_ascii=False))  # type: ignore[no-any-return]  # json gives Any


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("doc_type", list(DocType))
def test_lines_of_every_kind_are_valid_and_hold_no_undocumented_key(doc_type: DocType) -> None:
    line = line_of(doc_type)
    VALIDATOR.validate(line)
    document = SCHEMA["$defs"]["document"]
    assert set(line) == set(document["required"]) | {"schema", "file"}
    for part, name in (("findings", "finding"), ("rows", "row")):
        assert all(set(entry) == set(SCHEMA["$defs"][name]["required"]) for entry in line[part])
    assert bool(line["reasons"]) is (line["recommendation"] != "approve")


def test_an_error_line_is_valid_and_speaks_both_languages() -> None:
    error = Invalid("pack_without_cases", "The pack {pack} has no cases.yaml.", pack="x", page=2)
    line = error_line("a.pdf", error)
    VALIDATOR.validate(line)
    assert (line["error"]["code"], line["error"]["page"]) == ("pack_without_cases", 2)
    assert "政策包“x”缺少 cases.yaml。" in line["error"]["message"]
    assert "The pack x has no cases.yaml." in line["error"]["message"]


def test_a_line_is_either_document_or_error() -> None:
    line = line_of(DocType.DIPLOMA)
    assert not VALIDATOR.is_valid({**line, "error": {"code": "x", "message": "y", "page": None}})
    assert not VALIDATOR.is_valid({"schema": 1, "file": "a.jpg"})


def test_messages_come_in_both_languages() -> None:
    zh, en = (line_of(DocType.TRAINING_CERTIFICATE, language) for language in ("zh", "en"))
    for one, other in zip(zh["findings"], en["findings"], strict=True):
        assert one["rule"] == other["rule"]
        assert one["message"] != other["message"]


def test_credits_are_plain_numbers() -> None:
    assert line_of(DocType.TRAINING_CERTIFICATE)["credits"] == 36
    assert line_of(DocType.TRAINING_CERTIFICATE, hours="4.5")["credits"] == 4.5
    assert isinstance(line_of(DocType.TRAINING_CERTIFICATE)["credits"], int)


@pytest.mark.parametrize("doc_type", list(DocType))
def test_a_line_is_judged_again_to_the_same(doc_type: DocType) -> None:
    line = line_of(doc_type)
    reading, submission, matches = read_line(line)
    judgement = judge_document(PACK, reading, submission, matches)
    assert judgement.recommendation == line["recommendation"]
    assert list(judgement.reasons) == line["reasons"]
