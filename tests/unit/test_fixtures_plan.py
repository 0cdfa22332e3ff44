"""The generator's plan is wide: layouts, faces, channels, degrees and kinds of wear, without drawing a whole set."""

import pickle
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest

from fixtures import camera, draw, fonts, wear, wear_effects
from fixtures.files import ChromiumMissingError, check_chromium
from fixtures.layouts import sign_in
from fixtures.paint import Drawing, Pen
from fixtures.people import People
from fixtures.scenarios import papers, sheets
from fixtures.scenarios.cast import Cast, Made
from fixtures.scenarios.learned import Learned
from fixtures.truth import Verdict, approve, reject, review
from fixtures.wear import FINEST, Hardness, Look
from fixtures.wear_effects import Pixels

WEAR = {
    "grey", "fold", "creases", "show_through", "stains", "staple", "punch_holes", "toner_bands", "streaks", "dark_edge",
    "perspective", "uneven_light", "shadow", "glare", "curled", "finger", "motion", "pale", "messenger", "moire",
    "screen_photo", "bilevel",
}  # fmt: skip
WAYS = (wear.scan, camera.photo, camera.screen_photo, wear.bilevel)


def _page() -> tuple[Pixels, Pixels]:
    page = np.full((420, 300, 3), 250, np.uint8)
    page[60:360:30, 60:240] = 20
    keep = np.where(page[:, :, 0] < 100, 255, 0).astype(np.uint8)
    return page, keep


def test_a_large_plan_holds_every_scenario_and_the_long_sheet() -> None:
    plan = draw.plan(320)
    assert len(plan) == 320
    assert set(papers.LARGE) <= set(plan)
    counts = Counter(s.prefix for s in plan)
    assert {"diploma", "mooc", "shot", "training", "sheet", "other", "bundle", "layer", "repeat"} <= set(counts)
    assert {s.text_layer for s in plan} >= {"", "contradicting", "invisible", "searchable"}
    assert {s.file_format for s in plan} >= {"tif", "bmp", "tiff", ""}


def test_a_small_plan_is_an_even_choice_and_the_committed_one_has_each_scenario_once() -> None:
    assert len(draw.plan(40)) == 40
    assert len(draw.plan(None)) == len(draw.table()) + len(papers.REPEATS)


def test_a_third_of_the_files_is_clean_a_third_normal_a_third_hard() -> None:
    counts = Counter(draw.hardness(k, seed=5) for k in range(300))
    assert counts == dict.fromkeys(Hardness, 100)


def test_every_kind_of_wear_comes_up_and_print_stays_readable() -> None:
    page, keep = _page()
    seen: set[str] = set()
    for way, degree, count in (
        (wear.scan, Hardness.HARD, 90),
        (camera.photo, Hardness.HARD, 40),
        *(
            (way, degree, 3)
            for way in (wear.scan, camera.photo, camera.screen_photo, wear.bilevel)
            for degree in Hardness
        ),
    ):
        look = Look(degree, 30.0, keep)
        for seed in range(count):
            rng = Random(f"{seed}{degree}{way.__name__}")
            worn = way(page, rng, look)
            forwarded = wear.messenger(worn, rng, look)
            seen |= {*worn.wear, *forwarded.wear}
            assert forwarded.finest >= min(FINEST[degree], 30.0) - 0.01
            assert 30 <= forwarded.quality <= 90
    assert seen >= WEAR


def test_a_finger_never_covers_print() -> None:
    page, keep = _page()
    inside = np.full(keep.shape, 255, np.uint8)
    held = 0
    for seed in range(20):
        after = wear_effects.finger(page, inside, keep, Random(seed))
        if after is not None:
            held += 1
            assert np.all(after[keep > 0] < 90)
    assert held > 5


@pytest.mark.usefixtures("drawing_fonts")
@pytest.mark.parametrize("layout", sign_in.LAYOUTS)
def test_a_sheet_prints_its_names_and_leaves_out_those_written_by_hand(layout: sign_in.Layout) -> None:
    people = People.of(3, plain=40)
    rows = tuple(sign_in.Attendant(p, p.name, ("签名",) if k % 2 else ()) for k, p in enumerate(people.roster[:6]))
    day = date(2019, 5, 4)
    facts = sign_in.Sheet("2019年语文教师专题培训", "云州市教育局", day, day, "8", ("签名",), rows, "报告厅", spare=2)
    drawing = layout(facts, Pen.of(Random(1), "noto-sans"))
    printed = "".join(run.text for canvas in drawing.pages for run in canvas.texts)
    assert drawing.fields == facts.fields()
    by_hand = layout is sign_in.by_hand
    assert all((row.printed in printed) is not by_hand for row in rows)


@pytest.mark.usefixtures("drawing_fonts")
def test_the_truth_of_a_sheet_tells_who_signed() -> None:
    case = replace(sheets.SHEETS[0][0], rows=(6, 8))
    made = sheets.make_sheet(case)(Cast(Random(4), People.of(4, plain=40), Counter()))[0]
    assert {row.signed for row in made.rows} <= {("上午", "下午"), ("上午",), ()}
    assert all(row.credits == 0 for row in made.rows if row.struck or not row.signed)


def test_a_missing_font_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.face.cache_clear()
    monkeypatch.setattr(fonts, "ROOTS", ())
    with pytest.raises(fonts.FontMissingError, match="fonts-noto-cjk"):
        fonts.check_fonts()
    fonts.face.cache_clear()


def test_a_missing_chromium_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(ChromiumMissingError, match="package chromium"):
        check_chromium()


@pytest.mark.usefixtures("drawing_fonts")
def test_a_job_that_went_to_another_process_renders_there(tmp_path: Path) -> None:
    job = next(draw._jobs(tmp_path, People.of(3, plain=40), seed=3, count=None))
    truth = draw.render(pickle.loads(pickle.dumps(job)))  # noqa: S301 - our own bytes
    assert (tmp_path / truth.file).stat().st_size > 0
    assert truth.documents[0].doc_type == "diploma"


def _diploma(level: str, verdict: Verdict, teacher: str | None = "E0001") -> Made:
    return Made("diploma", Drawing([], {"education_level": level}, "plain"), verdict, teacher)


def test_a_second_proof_of_the_same_learning_is_for_a_person() -> None:
    learned, full = Learned(), approve("special.degree", 360)
    first, again = learned.judged(_diploma("本科", full)), learned.judged(_diploma("本科", full))
    assert (first.verdict, again.verdict) == (full, review("possible_duplicate"))
    assert learned.judged(_diploma("硕士研究生", full)).verdict == full
    assert learned.judged(_diploma("本科", full, "E0002")).verdict == full
    rejected = learned.judged(_diploma("专科", reject("out_of_cycle")))
    assert rejected.verdict == reject("out_of_cycle")
    assert learned.judged(_diploma("专科", full)).verdict == full


def test_a_certificate_and_a_screenshot_of_one_course_are_one_learning() -> None:
    learned, counts = Learned(), approve("special.mooc", 36)
    fields = {"platform": "中国大学MOOC", "title": "教育心理学"}
    certificate = Made("mooc_certificate", Drawing([], {**fields, "issue_date": "2019-07-01"}, "a"), counts, "E0001")
    screenshot = Made("score_screenshot", Drawing([], {**fields, "score": "90"}, "b"), counts, "E0001")
    assert learned.judged(certificate).verdict == counts
    assert learned.judged(screenshot).verdict == review("possible_duplicate")
