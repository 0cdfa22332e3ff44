"""What a drawn set holds: types, layouts, faces, special papers and wear. The samples hold each scenario once."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from benchmarks.truths import read_truths
from core.vocabulary import DocType
from fixtures import camera, draw, security, wear
from fixtures.dressing import DATE, NAME, NUMBER
from fixtures.fonts import KNOWN
from fixtures.layouts.sheet_hands import sign
from fixtures.paint import Canvas
from fixtures.people import People
from fixtures.scenarios import courses, diplomas, papers, sheets, shots, trainings
from fixtures.scenarios.cast import COURSES, Cast, Made
from fixtures.wear import Hardness, Look

ROOT = Path(__file__).parents[2]
TRUTHS = read_truths(ROOT / "fixtures" / "samples")
SHEETS = [d for truth in TRUTHS for d in truth["documents"] if d["doc_type"] == "sign_in_sheet"]
ROWS = [row for sheet in SHEETS for row in sheet["rows"]]
DIPLOMAS = [case for case, _ in diplomas.CASES]
DEGREES = [case for case, _ in diplomas.DEGREES]
MOOCS = [case for case, _ in courses.MOOC_CASES]
TRAININGS = [case for case, _ in trainings.CASES]
WORN = {name for truth in TRUTHS for name in truth["wear"]}


def _others_beside(made: Made) -> list[str]:
    """Return the courses that a page names beside the one that it is about."""
    said = "".join(run.text for page in made.drawing.pages for run in page.texts)
    return [course for course in COURSES if course in said and course != made.drawing.fields["title"]]


def _of_one_document() -> list[dict[str, Any]]:
    return [truth for truth in TRUTHS if len(truth["documents"]) == 1 and "+" not in truth["layout"]]


def test_make_fixtures_draws_three_hundred_documents_of_every_scenario() -> None:
    told = re.search(r"^COUNT \?= (\d+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert told is not None
    plan = draw.plan(int(told[1]))
    assert len(plan) >= 300
    assert {id(scenario) for scenario in draw.table()} <= {id(scenario) for scenario in plan}


def test_every_type_comes_in_six_layouts_and_four_families_of_type() -> None:
    layouts: dict[str, set[str]] = defaultdict(set)
    families: dict[str, set[str]] = defaultdict(set)
    for truth in _of_one_document():
        kind = truth["documents"][0]["doc_type"]
        layouts[kind].add(truth["layout"].split(":")[0])
        families[kind] |= {KNOWN[key][1] for key in truth["font"].split("+")}
    assert set(layouts) == set(DocType)
    assert {kind: len(found) for kind, found in layouts.items() if len(found) < 6} == {}
    assert {kind: len(found) for kind, found in families.items() if len(found) < 4} == {}


def test_diplomas_are_of_every_kind_and_some_are_no_graduation() -> None:
    assert {case.kind for case in DIPLOMAS} == {"regular", "adult", "self_study", "network", "graduate"}
    assert {case.outcome for case in DIPLOMAS} == {"毕业", "结业", "肄业"}
    assert {case.degree for case in DEGREES} == {"学士", "硕士", "博士"}
    assert {case.adult for case in DEGREES} == {case.faced for case in DEGREES} == {True, False}


def test_courses_are_of_five_platforms_with_and_without_hours_score_and_real_name() -> None:
    assert len({case.platform for case in MOOCS}) >= 5
    assert {case.hours for case in MOOCS} == {"hours", "weekly", ""}
    assert {case.score for case in MOOCS} == {"pass", "fail", ""}
    assert {case.verified for case in MOOCS} == {True, False}
    assert "nickname" in {case.who for case in MOOCS}


@pytest.mark.parametrize("issuer", ["教育局$", "教育厅$", "有限公司", "人力资源和社会保障", "学院$", "小学$"])
def test_trainings_are_held_by_bodies_of_every_kind(issuer: str) -> None:
    assert any(re.search(issuer, name) for case in TRAININGS for name in case.issuers)


@pytest.mark.usefixtures("drawing_fonts")
def test_screenshots_are_of_browsers_and_apps_by_day_and_night_with_other_courses_beside() -> None:
    people, turns = People.of(8, plain=60), Counter[str]()
    drawn = [shots.make_screenshot(shots.SHOT_CASES[0])(Cast(Random(k), people, turns))[0] for k in range(13)]
    assert {"web_card", "app_score", "web_dark", "app_dark"} <= {one.drawing.layout for one in drawn}
    alone = {one.drawing.layout for one in drawn if not _others_beside(one)}
    assert alone == {"transcript"}


def test_sheets_are_long_and_short_in_one_or_two_slots_on_one_or_two_pages() -> None:
    assert min(case.rows[0] for case, _ in sheets.SHEETS) <= 5
    assert max(case.rows[1] for case, _ in sheets.SHEETS) >= 40
    assert {len(case.slots) for case, _ in sheets.SHEETS} == {1, 2}
    assert {len(sheet["pages"]) for sheet in SHEETS} >= {1, 2}
    assert {len(row["signed"]) for row in ROWS} == {0, 1, 2}
    assert {row["struck"] for row in ROWS} == {True, False}
    assert {"by_hand" in truth["layout"] for truth in TRUTHS if "sheet" in truth["file"]} == {True, False}


@pytest.mark.usefixtures("drawing_fonts")
def test_some_signatures_cross_the_borders_of_their_cells() -> None:
    crossing = 0
    for seed in range(20):
        page = Canvas(900, 300)
        sign(page, "欧阳静怡", (300, 120, 600, 180), Random(seed), "signatures")
        ink = np.asarray(page.image.convert("L")) < 200
        assert ink.any()
        ink[120:180, 300:600] = False
        crossing += bool(ink.any())
    assert crossing > 0


def test_other_papers_are_of_every_kind() -> None:
    asked = {"notice", "invoice", "agreement", "identity_card", "blank", "landscape", "english"}
    assert asked | {"noise", "long_text", "japanese"} <= set(papers.CHANNELS)
    assert set(papers.CHANNELS) == set(papers.DRAWERS)


@pytest.mark.parametrize("cases", [DIPLOMAS, DEGREES, MOOCS, TRAININGS], ids=["diploma", "degree", "mooc", "training"])
def test_seals_lie_over_name_date_and_number(cases: list[Any]) -> None:
    assert {case.over for case in cases} == {"", NAME, DATE, NUMBER}


@pytest.mark.usefixtures("drawing_fonts")
@pytest.mark.parametrize("pattern", security.PATTERNS)
def test_a_pattern_stands_behind_the_text_and_is_paler(pattern: security.Pattern) -> None:
    page = Canvas(1200, 900)
    pattern(page, Random(4), security.TINTS[0])
    printed = np.asarray(page.base.convert("L"))
    assert (printed < 255).mean() > 0.01
    assert printed.min() > 150
    assert page.base.tobytes() == page.image.tobytes()


def test_samples_are_worn_in_every_way() -> None:
    assert {
        "rot90", "rot180", "rot270", "perspective", "uneven_light", "shadow", "moire", "fold", "finger", "grey",
        "messenger", "width900", "dpi100", "clean", "normal", "hard",
    } <= WORN  # fmt: skip
    skews = [float(name.removeprefix("skew")) for name in WORN if name.startswith("skew")]
    assert -5 <= min(skews) < -4
    assert 4 < max(skews) <= 5


def test_pages_are_scanned_from_100_to_300_dpi_and_saved_at_qualities_from_30_to_90() -> None:
    page, keep = np.full((420, 300, 3), 250, np.uint8), np.zeros((420, 300), np.uint8)
    dpi, qualities = set[str](), set[int]()
    for degree in Hardness:
        for seed in range(40):
            look = Look(degree, 42.0, keep)
            scanned, taken = (way(page, Random(seed), look) for way in (wear.scan, camera.photo))
            dpi |= {name for name in scanned.wear if name.startswith("dpi")}
            qualities |= {scanned.quality, taken.quality}
    assert {"dpi100", "dpi150", "dpi200", "dpi300"} <= dpi
    assert (min(qualities), max(qualities)) == (30, 90)
