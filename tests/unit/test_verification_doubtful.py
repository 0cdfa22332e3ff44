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
from tests.pages import laid_out
from verification.evaluate import judge
from verification.loader import load_pack
from verification.types import Submission

FOLDER = Path(__file__).parent / "doubtful"
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text(encoding="utf-8"))]
PACK = load_pack("xinxiang-2016-2020")
# Every person on the papers is a teacher: taking the wrong one would match.
NAMES = ("温如玉", "郑国强", "马文博", "韩梅", "李建华")
ROSTER = Roster([RosterTeacher(f"E{i:04}", name, "江口区第三中学") for i, name in enumerate(NAMES)])
UPRIGHT = (1400, 2000)


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_doubtful_papers_are_not_approved(case: dict[str, Any]) -> None:
    reading = read_document([laid_out(case["lines"], UPRIGHT)])
    match = match_document(reading, ROSTER, None).match
    told = {kind: judge(PACK, reading, Submission(kind, date(2021, 3, 1), match)).recommendation for kind in UploadKind}
    approved = Recommendation.APPROVE in told.values()
    assert approved == case.get("approved", False), (told, reading)
