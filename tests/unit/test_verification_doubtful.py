"""Papers from their words to the recommendation: what a careful clerk would not approve is never approved."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.vocabulary import Recommendation, UploadKind
from intake.types import RosterTeacher
from ocr.documents import read_document
from ocr.names import Roster, match_document
from ocr.types import Box, Line, PageText
from verification.evaluate import judge
from verification.loader import load_pack
from verification.types import Submission

FOLDER = Path(__file__).parent / "doubtful"
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text(encoding="utf-8"))]
PACK = load_pack("xinxiang-2016-2020")
# Every person on the papers is a teacher: taking the wrong one would match.
NAMES = ("温如玉", "郑国强", "马文博", "韩梅", "李建华")
ROSTER = Roster([RosterTeacher(f"E{i:04}", name, "江口区第三中学") for i, name in enumerate(NAMES)])
WIDTH, HEIGHT, SIZE = 1400, 2000, 35.0


def page_of(lines: list[str]) -> PageText:
    """Lay lines out as a page: `#` marks make a line larger, `>` sets it right, ` | ` parts it into pieces."""
    top = SIZE * 2
    placed: list[Line] = []
    for line in lines:
        marks = len(line) - len(line.lstrip("#"))
        text = line.lstrip("#").strip()
        tall = SIZE * (1 + 0.8 * bool(marks) + 0.4 * max(marks - 1, 0))
        left = WIDTH * (0.62 if text.startswith(">") else 0.3 if marks else 0.08)
        for piece in text.lstrip("> ").split(" | "):
            wide = sum(tall if ord(c) > 0x2E80 else tall / 2 for c in piece)
            box = Box(left / WIDTH, top / HEIGHT, (left + wide) / WIDTH, (top + tall) / HEIGHT)
            placed.append(Line(piece, 0.99, box))
            left += wide + 4.5 * tall
        top += tall * (1.9 if marks else 1.5)
    return PageText(1, WIDTH, HEIGHT, "ocr", tuple(placed))


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_doubtful_papers_are_not_approved(case: dict[str, Any]) -> None:
    reading = read_document([page_of(case["lines"])])
    match = match_document(reading, ROSTER, None).match
    told = {kind: judge(PACK, reading, Submission(kind, date(2021, 3, 1), match)).recommendation for kind in UploadKind}
    approved = Recommendation.APPROVE in told.values()
    assert approved == case.get("approved", False), (told, reading)
