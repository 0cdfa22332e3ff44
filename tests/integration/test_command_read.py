"""`xuefen read` as people use it: real documents, hostile files beside good ones, the public line, the exit status."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from benchmarks.accuracy import Options, read_lines
from benchmarks.scoring import score_run
from fixtures import hostile

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
# What the reader must not fall below on the samples; what it shall reach stands in benchmarks/bars.py.
FLOORS = {
    "type": 0.97,
    "holder_name": 0.93,
    "hours": 0.93,
    "score": 0.93,
    "issue_date": 0.93,
    "certificate_no": 0.93,
    "recommendation": 0.87,
}
VALIDATOR = Draft202012Validator(json.loads((ROOT / "docs" / "reading.schema.json").read_text(encoding="utf-8")))


def read(out: Path, *arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
    """Run the command; return its status, its JSON lines and what it printed."""
    command = [sys.executable, "-m", "cli.main", "read", *map(str, arguments), "--jsonl", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    for line in lines:
        VALIDATOR.validate(line)
    return done.returncode, lines, done.stdout + done.stderr


@pytest.fixture(scope="module")
def sample() -> Path:
    """Return a bundled MOOC certificate."""
    return next(path for path in sorted((FIXTURES / "samples").glob("mooc_*")) if path.suffix == ".jpg")


@pytest.mark.usefixtures("models_dir")
def test_each_bad_file_has_its_own_code_and_the_good_ones_are_read(tmp_path: Path, sample: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    bad = {
        hostile.empty_file(folder): "file_empty",
        hostile.truncated_jpeg(folder): "image_truncated",
        hostile.encrypted_pdf(folder): "pdf_encrypted",
        hostile.huge_png(folder): "image_too_large",
        hostile.overlapping_zip(folder): "zip_overlap",
        hostile.text_named_jpg(folder): "unsupported_type",
        hostile.empty_zip(folder): "zip_empty",
        hostile.garbage_pdf(folder): "pdf_damaged",
    }
    disguised = hostile.pdf_named_jpg(folder)
    shutil.copy(sample, folder / "good.jpg")
    status, lines, printed = read(tmp_path / "out.jsonl", folder)
    by_name = {Path(line["file"]).name: line for line in lines}
    codes = {path.name: by_name[path.name]["error"]["code"] for path in bad}
    assert codes == {path.name: code for path, code in bad.items()}
    for path in bad:
        message = by_name[path.name]["error"]["message"]
        assert path.name in message
        assert " / " in message
    assert by_name["good.jpg"]["doc_type"] == "mooc_certificate"
    assert "extension_mismatch" in by_name[disguised.name]["notes"]
    assert status == 3
    assert "good.jpg" in printed


@pytest.mark.usefixtures("models_dir")
def test_the_same_bytes_again_are_a_rejected_line_of_their_own(tmp_path: Path, sample: Path) -> None:
    shutil.copy(sample, tmp_path / "a.jpg")
    shutil.copy(sample, tmp_path / "b.jpg")
    status, lines, _ = read(tmp_path / "out.jsonl", tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert status == 0
    assert lines[0]["fields"] == lines[1]["fields"]
    assert (lines[1]["recommendation"], lines[1]["reasons"][0]) == ("reject", "duplicate")
    assert lines[0]["recommendation"] != "reject"


def test_a_run_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    status, lines, printed = read(tmp_path / "out.jsonl", tmp_path, "--policy", "no-such-pack")
    assert (status, lines) == (1, [])
    assert "[pack_not_found]" in printed
    assert "Traceback" not in printed


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("models_dir")
def test_the_bundled_documents_are_read_and_judged_without_a_wrong_approve(tmp_path: Path) -> None:
    options = Options(FIXTURES, None, stale_ok=False, workers=2, page=None, out=tmp_path / "run.json", strict=False)
    lines, _ = read_lines(options, tmp_path)
    for line in lines:
        VALIDATOR.validate(line)
    data = score_run(FIXTURES / "samples", lines).as_data()
    assert data["wrong_approves"] == []
    reached = {name: row["recall"] for name, row in data["fields"].items()}
    reached |= {"type": data["type_right"], "recommendation": data["recommendation_right"]}
    assert {name: reached[name] for name, floor in FLOORS.items() if reached[name] < floor} == {}
