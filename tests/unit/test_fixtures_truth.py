"""The committed samples are complete and their truth does not contradict itself."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.vocabulary import DocType, FieldName, Recommendation, UploadKind
from fixtures.fonts import KNOWN
from fixtures.people import check_character

HOME = Path(__file__).parents[2] / "fixtures"
SAMPLES = HOME / "samples"
MANIFEST = list(csv.DictReader((SAMPLES / "manifest.csv").read_text(encoding="utf-8").splitlines()))
TRUTHS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((SAMPLES / "truth").glob("*.json"))
}
DOCUMENTS = [
    pytest.param(document, id=f"{stem}-{k}")
    for stem, truth in TRUTHS.items()
    for k, document in enumerate(truth["documents"])
]
KIND_DIGIT = {"普通全日制": "1", "成人": "5", "网络教育": "7"}
LEVEL_DIGITS = {"博士研究生": "01", "硕士研究生": "02", "本科": "05", "专科": "06"}
DEGREE_DIGIT = {"博士": "2", "硕士": "3", "学士": "4"}


def _roster() -> dict[str, dict[str, str]]:
    sheet = openpyxl.load_workbook(HOME / "roster.xlsx").active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    return {str(row[0]): {str(k): str(v) for k, v in zip(head, row, strict=True)} for row in rows}


ROSTER = _roster()


def test_manifest_truth_and_files_name_the_same_samples() -> None:
    listed = [row["file"] for row in MANIFEST]
    assert len(listed) == len(set(listed)) >= 75
    assert {Path(name).stem for name in listed} == set(TRUTHS)
    assert {path.name for path in SAMPLES.iterdir() if path.is_file()} == {*listed, "manifest.csv"}


def test_manifest_and_truth_agree_on_who_sends_in() -> None:
    for row in MANIFEST:
        truth = TRUTHS[Path(row["file"]).stem]
        assert (truth["file"], truth["upload_kind"]) == (row["file"], row["upload_kind"])
        UploadKind(row["upload_kind"])


def test_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 20_000_000


def test_every_channel_is_there_and_every_document_names_its_layout_and_faces() -> None:
    channels = {truth["channel"] for truth in TRUTHS.values()}
    assert channels == {"scan", "photo", "screenshot", "messenger", "pdf", "pdf_scan"}
    for truth in TRUTHS.values():
        assert len(truth["layout"].split("+")) == len(truth["documents"])
        assert set(truth["font"].split("+")) <= set(KNOWN)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_is_consistent(document: dict[str, Any]) -> None:
    DocType(document["doc_type"])
    fields: dict[str, str] = document["fields"]
    assert all(FieldName(name) and value for name, value in fields.items())
    recommendation = Recommendation(document["recommendation"])
    assert bool(document["reasons"]) == (recommendation is not Recommendation.APPROVE)
    if recommendation is Recommendation.APPROVE:
        assert document["credits"] > 0
        assert document["category"] in {"special.degree", "special.mooc", "project"}
    assert not {"holder_name", "nickname"} <= fields.keys()
    for name in ("birth_date", "issue_date", "period_start", "period_end"):
        if name in fields:
            date.fromisoformat(fields[name] if len(fields[name]) > 7 else fields[name] + "-01")
    assert fields.get("period_start", "0") <= fields.get("period_end", "9999")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_numbers_agree_with_what_stands_beside_them(document: dict[str, Any]) -> None:
    fields: dict[str, str] = document["fields"]
    number = fields.get("certificate_no", "")
    assert number == number.upper().replace(" ", "")
    if "id_number" in fields:
        assert fields["id_number"][-1] == check_character(fields["id_number"][:17])
        assert fields["id_number"][6:14] == fields["birth_date"].replace("-", "")
    # Before 2001 schools numbered as they liked, and their diplomas do not name the form of study.
    national = document["doc_type"] == "diploma" and fields["issue_date"] > "2001"
    if national and fields["study_form"] != "自学考试":
        assert len(number) == 18
        assert number[5] == KIND_DIGIT[fields["study_form"]]
        assert number[6:10] == fields["issue_date"][:4]
        assert number[10:12] == LEVEL_DIGITS[fields["education_level"]]
    if document["doc_type"] == "degree_certificate":
        assert len(number.lstrip("CZT")) == 16
        assert number.lstrip("CZT")[5:10] == DEGREE_DIGIT[fields["education_level"]] + fields["issue_date"][:4]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_teachers_are_on_the_roster_under_the_printed_name(document: dict[str, Any]) -> None:
    if document["teacher"]:
        teacher = ROSTER[document["teacher"]]
        assert document["fields"]["holder_name"] == teacher["姓名"]
        assert document["fields"].get("birth_date", teacher["出生日期"]) == teacher["出生日期"]
    for row in document["rows"]:
        if row["employee_no"]:
            assert ROSTER[row["employee_no"]]["姓名"] == row["name"]
        if row["struck"] or not row["signed"] or not row["employee_no"]:
            assert row["credits"] == 0
    assert [row["ordinal"] for row in document["rows"]] == list(range(1, len(document["rows"]) + 1))


def test_roster_numbers_are_valid_and_cannot_belong_to_anyone() -> None:
    assert len(ROSTER) >= 150
    for teacher in ROSTER.values():
        number = teacher["身份证号"]
        assert number.startswith("9901")
        assert number[-1] == check_character(number[:17])
        assert number[6:14] == teacher["出生日期"].replace("-", "")
        assert (int(number[16]) % 2 == 1) == (teacher["性别"] == "男")


def test_roster_has_same_name_pairs_rare_characters_and_middle_dots() -> None:
    seen: dict[tuple[str, str], int] = {}
    for teacher in ROSTER.values():
        seen[teacher["学校"], teacher["姓名"]] = seen.get((teacher["学校"], teacher["姓名"]), 0) + 1
    assert sum(count == 2 for count in seen.values()) >= 3
    names = "".join(teacher["姓名"] for teacher in ROSTER.values())
    assert set("䶮喆堃翀昪珅琀赟昝纡·") <= set(names)
