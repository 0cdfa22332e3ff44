"""Documents in many wordings, as lines of text: their type, fields and notes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.vocabulary import FieldName
from ocr.documents import read_document
from tests.pages import laid_out

FOLDER = Path(__file__).parent / "wordings"
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_reads_the_wording(case: dict[str, Any]) -> None:
    shape = tuple(case.get("shape", (2000, 1400)))
    reading = read_document([laid_out(case["lines"], (shape[0], shape[1]))])
    assert reading.doc_type == case["doc_type"], reading
    got = {name.value: field.value for name, field in reading.fields.items()}
    wanted = {str(k): str(v) for k, v in case.get("fields", {}).items()}
    assert {k: got.get(k) for k in wanted} == wanted
    assert not set(case.get("absent", ())) & set(got)
    assert set(case.get("notes", ())) <= set(reading.notes)
    assert all(0 < field.confidence < 1 for field in reading.fields.values())
    assert all(reading.fields[FieldName(k)].confidence >= 0.5 for k in wanted)
