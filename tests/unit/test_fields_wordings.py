"""Documents in many wordings, as lines of text: their type, fields and notes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.vocabulary import FieldName
from ocr.documents import read_document
from ocr.types import Box, Line, PageText

FOLDER = Path(__file__).parent / "wordings"
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


def page_of(lines: list[str], shape: tuple[int, int] = (2000, 1400)) -> PageText:
    """Lay lines out as a page: `#` marks make a line larger, `>` sets it right, ` | ` parts it into pieces."""
    width, height = shape
    size = 40.0 * min(width, 1600) / 1600
    top = size * 2
    placed: list[Line] = []
    for line in lines:
        marks = len(line) - len(line.lstrip("#"))
        text = line.lstrip("#").strip()
        tall = size * (1 + 0.8 * bool(marks) + 0.4 * max(marks - 1, 0))
        right = text.startswith(">")
        pieces = text.lstrip("> ").split(" | ")
        left = width * (0.62 if right else 0.3 if marks else 0.08)
        for piece in pieces:
            wide = sum(tall if ord(c) > 0x2E80 else tall / 2 for c in piece)
            box = Box(left / width, top / height, (left + wide) / width, (top + tall) / height)
            placed.append(Line(piece, 0.99, box))
            left += wide + 4.5 * tall
        top += tall * (1.5 if not marks else 1.9)
    return PageText(1, width, max(height, int(top)), "ocr", tuple(placed))


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_reads_the_wording(case: dict[str, Any]) -> None:
    shape = tuple(case.get("shape", (2000, 1400)))
    reading = read_document([page_of(case["lines"], (shape[0], shape[1]))])
    assert reading.doc_type == case["doc_type"], reading
    got = {name.value: field.value for name, field in reading.fields.items()}
    wanted = {str(k): str(v) for k, v in case.get("fields", {}).items()}
    assert {k: got.get(k) for k in wanted} == wanted
    assert not set(case.get("absent", ())) & set(got)
    assert set(case.get("notes", ())) <= set(reading.notes)
    assert all(0 < field.confidence < 1 for field in reading.fields.values())
    assert all(reading.fields[FieldName(k)].confidence >= 0.5 for k in wanted)
