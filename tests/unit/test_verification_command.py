"""`xuefen policy`: what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.policy import app
from core.errors import Invalid, NotFound
from core.i18n import catalogue
from verification.facts import FACTS, ROW_FACTS

RUNNER = CliRunner()
LINE = {
    "schema": 1, "file": "a.jpg", "sha256": "0" * 64, "upload_kind": "individual", "submitted_on": "2021-01-05",
    "pages": [1], "doc_type": "mooc_certificate", "type_confidence": 0.9,
    "fields": {
        "score": {"value": "45", "confidence": 0.9, "page": 1, "box": [0, 0, 1, 1], "source": "ocr", "text": "45分"}
    },
    "rows": [], "teacher": {"employee_no": None, "match": "none", "candidates": []}, "duplicate_of": None,
    "possible_duplicate_of": None, "policy": {"id": "xinxiang-2016-2020"}, "notes": [],
}  # fmt: skip


def test_list_and_show_name_the_pack_and_its_clauses() -> None:
    assert "xinxiang-2016-2020" in RUNNER.invoke(app, ["list"], env={"COLUMNS": "200"}).output
    shown = RUNNER.invoke(app, ["show", "xinxiang-2016-2020"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "三.7(1)" in shown.output
    assert "score_below_60" in shown.output


def test_check_prints_the_coverage_and_ends_well() -> None:
    result = RUNNER.invoke(app, ["check"], env={"COLUMNS": "200", "XUEFEN_LANGUAGE": "en"})
    assert result.exit_code == 0, result.output
    assert "sides of rules covered" in result.output
    assert "mooc.pass_mark" in result.output


def test_explain_shows_clause_fact_and_place(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(json.dumps(LINE, ensure_ascii=False) + "\n", encoding="utf-8")
    result = RUNNER.invoke(app, ["explain", str(path)], env={"COLUMNS": "200", "XUEFEN_LANGUAGE": "en"})
    assert result.exit_code == 0, result.output
    assert "score = 45.0" in result.output
    assert "45分" in result.output
    assert "三.7(1)" in result.output
    assert "score_below_60" in result.output


@pytest.mark.parametrize("content", ["", "no json\n", "[]\n", '{"schema": 1}\n'])
def test_explain_refuses_what_is_no_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(content, encoding="utf-8")
    result = RUNNER.invoke(app, ["explain", str(path)])
    assert isinstance(result.exception, Invalid)
    assert isinstance(RUNNER.invoke(app, ["explain", str(tmp_path / "none.jsonl")]).exception, NotFound)


def test_every_fact_has_a_chinese_meaning() -> None:
    texts = catalogue("zh")
    assert [name for name, spec in {**FACTS, **ROW_FACTS}.items() if spec.meaning not in texts] == []
