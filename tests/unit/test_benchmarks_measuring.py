"""The measuring itself: what counts as right, how far confidence may lie off, what changed between two runs."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import print_score
from benchmarks.bars import held_against
from benchmarks.cached import CachedReader
from benchmarks.compare import changes
from benchmarks.curves import METHODS, Observation
from benchmarks.pictures import Pictures
from benchmarks.reliability import equal_mass, error, tenths
from benchmarks.report import docs_page, html_page
from benchmarks.scoring import Score, paired_documents, score_run
from benchmarks.sources import page_hash, page_sources
from benchmarks.tallies import is_handwritten, is_rare, paired_rows, wear_kind
from core.settings import Settings

BOX = [0.1, 0.1, 0.3, 0.2]


def truth(**changed: Any) -> dict[str, Any]:
    document = {
        "pages": [1],
        "doc_type": "mooc_certificate",
        "fields": {"holder_name": "张三", "hours": "36"},
        "rows": [],
        "teacher": "E1",
        "recommendation": "approve",
        "reasons": [],
        "credits": 36,
    }
    file = {"file": "a.jpg", "channel": "scan", "wear": [], "layout": "plain", "font": "song"}
    return file | {"documents": [document | changed]}


def line(**changed: Any) -> dict[str, Any]:
    fields = {"holder_name": field("张三", 0.9), "hours": field("36", 0.95)}
    return {
        "file": "a.jpg",
        "sha256": "0" * 64,
        "pages": [1],
        "doc_type": "mooc_certificate",
        "type_confidence": 0.99,
        "fields": fields,
        "rows": [],
        "teacher": {"employee_no": "E1", "match": "exact"},
        "recommendation": "approve",
        "reasons": [],
        "credits": 36,
    } | changed


def field(value: str, confidence: float) -> dict[str, Any]:
    return {"value": value, "confidence": confidence, "page": 1, "box": BOX}


def row(name: str, **changed: Any) -> dict[str, Any]:
    facts = {"ordinal": 1, "name": name, "signed": ["签名"], "struck": False, "employee_no": None, "credits": 8}
    return facts | {"match": "none", "confidence": 0.9, "page": 1, "box": BOX} | changed


def scored(tmp_path: Path, told: dict[str, Any], *lines: dict[str, Any]) -> Score:
    (tmp_path / "truth").mkdir(exist_ok=True)
    (tmp_path / "truth" / "a.json").write_text(json.dumps(told), encoding="utf-8")
    return score_run(tmp_path, lines)


def test_an_invented_field_costs_precision_and_is_a_miss(tmp_path: Path) -> None:
    given = line()
    given["fields"]["score"] = field("85", 0.9)
    data = scored(tmp_path, truth(), given).as_data()
    assert data["fields"]["score"] == {"wanted": 0, "given": 1, "right": 0, "precision": 0.0, "recall": 1.0, "f1": 0.0}
    assert [m["field"] for m in data["misses"]] == ["score"]
    assert data["calibration"]["fields"]["values"] == 3


def test_fields_invented_on_another_paper_count_too(tmp_path: Path) -> None:
    told = truth(doc_type="other", fields={}, recommendation="review")
    data = scored(tmp_path, told, line(doc_type="other", recommendation="review")).as_data()
    assert data["fields"]["hours"]["precision"] == 0.0


def test_a_document_that_was_not_found_loses_all_its_fields(tmp_path: Path) -> None:
    data = scored(tmp_path, truth()).as_data()
    assert data["fields"]["hours"]["recall"] == 0.0
    assert data["split_right"] == 0.0
    assert data["confusion"] == {"approve->missing": 1}


def test_documents_are_paired_by_pages_first() -> None:
    wanted = [{"pages": [1, 2]}, {"pages": [3]}]
    given = [{"pages": [3]}, {"pages": [1]}, {"pages": [2]}]
    assert paired_documents(wanted, given) == [(wanted[0], given[1]), (wanted[1], given[0])]


def test_an_approved_document_that_the_truth_does_not_know_is_a_wrong_approve(tmp_path: Path) -> None:
    data = scored(tmp_path, truth(), line(), line(pages=[2])).as_data()
    assert len(data["wrong_approves"]) == 1
    assert data["fields"]["hours"]["precision"] == 0.5


@pytest.mark.parametrize("changed", [{"credits": 40}, {"teacher": {"employee_no": "E2", "match": "exact"}}])
def test_an_approve_of_other_credits_or_for_someone_else_is_wrong(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert len(scored(tmp_path, truth(), line(**changed)).wrong_approves) == 1


def test_a_holder_name_is_right_after_the_roster_where_a_fact_decided_it(tmp_path: Path) -> None:
    given = line()
    given["fields"]["holder_name"] = field("张二", 0.6)
    assert scored(tmp_path, truth(), given).as_data()["names"]["all"]["right"] == 1
    similar = given | {"teacher": {"employee_no": "E1", "match": "similar"}}
    assert scored(tmp_path, truth(), similar).as_data()["names"]["all"]["right"] == 0


def test_rows_are_paired_by_name_though_numbers_slip() -> None:
    wanted = [row("张三"), row("李四", ordinal=2)]
    given = [row("李四"), row("王五", ordinal=2)]
    pairs = paired_rows(wanted, given)
    assert (wanted[1], given[0]) in pairs
    assert len(pairs) == 3


@pytest.mark.parametrize(
    ("name", "rare"), [("张婷", False), ("王伟", False), ("李䶮", True), ("刘堃", True), ("古丽娜·艾山", False)]
)
def test_rare_names_hold_a_character_outside_the_common_ones(name: str, rare: bool) -> None:
    assert is_rare(name) is rare


def test_the_truth_tells_hands_and_wear_or_they_are_inferred() -> None:
    assert is_handwritten({"layout": "by_hand", "font": "song"})
    assert not is_handwritten({"layout": "by_hand", "font": "song", "handwritten": False})
    assert wear_kind({"wear": ["fold", "hard"]}) == "hard"
    assert wear_kind({"wear": []}) == "clean"


def test_calibration_error_compares_means_and_not_the_middles_of_bins() -> None:
    honest = [(0.95, place % 20 != 0) for place in range(400)]
    assert error(tenths(honest)) == pytest.approx(0.0)
    assert error(equal_mass(honest)) == pytest.approx(0.0)
    modest = [(0.6, True)] * 50
    assert error(tenths(modest)) == pytest.approx(0.4)


def test_fitted_curves_are_closer_to_the_truth_than_beliefs_and_shrink_where_little_is_known() -> None:
    rng = random.Random(5)
    seen = []
    for place in range(4000):
        belief = rng.uniform(0.78, 1.0)
        name = "hours" if place % 2 else "title"
        seen.append(Observation(f"f{place}", name, belief, rng.random() < belief**0.25))
    seen += [Observation("g", "score", 0.6, right=True)] * 3
    fitted = METHODS["shrunk"](seen)
    assert "score" not in fitted.fields
    stated = [(fitted.at(one), one.right) for one in seen]
    assert error(tenths(stated)) < 0.02 < error(tenths([(one.belief, one.right) for one in seen]))


def test_what_got_worse_comes_first_and_only_runs_over_the_same_documents_compare(tmp_path: Path) -> None:
    before = scored(tmp_path, truth(), line()).as_data() | {"truths": "x"}
    worse = line()
    worse["fields"]["hours"] = field("86", 0.95)
    now = scored(tmp_path, truth(), worse).as_data() | {"truths": "x"}
    changed = changes(before, now)
    assert changed is not None
    assert not changed[0].better
    assert any(c.what == "a.jpg p1: hours" and c.now == "wrong" for c in changed)
    assert all(c.better for c in changes(now, before) or ())
    assert changes(before | {"truths": "y"}, now) is None


def test_pages_show_bars_and_misses_and_ask_no_other_host(tmp_path: Path) -> None:
    bad = line()
    bad["fields"]["hours"] = field("<b>86</b>", 0.95)
    data = {"set": "drawn", "truths": "x", "files": 1} | scored(tmp_path, truth(), bad).as_data()
    met = held_against(data)
    reader = CachedReader(Settings(), tmp_path / "cache")
    page = html_page(data, met, None, Pictures(reader, tmp_path), {"a.jpg": "0" * 64})
    assert "&lt;b&gt;86" in page
    assert "<script" not in page
    assert 'src="http' not in page
    assert not next(bar for bar in met if bar.name == "hours exact").passed
    assert "| hours exact | ≥ 0.98 | 0 | 1 | **below** |" in docs_page(data, met, "accuracy.svg")


def test_a_run_prints_precision_and_exact_match_by_type_field_and_channel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = line()
    bad["fields"]["hours"] = field("86", 0.95)
    data = scored(tmp_path, truth(), bad).as_data()
    assert data["fields_by_type"]["mooc_certificate"] == data["fields_by_channel"]["scan"]
    assert (data["fields_by_channel"]["scan"]["wanted"], data["fields_by_channel"]["scan"]["right"]) == (2, 1)
    print_score(data)
    said = re.sub(" +", " ", capsys.readouterr().out)
    assert "mooc_certificate 2 2 1 50.0% 50.0% 50.0%" in said
    assert "scan 2 2 1 50.0% 50.0% 50.0%" in said
    assert said.count("hours 0.0% 0.0% of 1") == 3
    assert "a.jpg p[1] scan plain hours: '36' read as '86' (0.95)" in said


def test_kept_page_texts_depend_on_the_page_level_source_only() -> None:
    names = {path.name for path in page_sources()}
    assert {"reader.py", "engine.py", "find.py", "pdftext.py", "columns.yaml", "models.py"} <= names
    assert not {"documents.py", "fields.py", "calibration.py", "diploma.yaml"} & names
    assert len(page_hash()) == 12
