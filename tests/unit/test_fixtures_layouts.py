"""Certificates are drawn in many builds and faces, and their truth says what the page says."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from fixtures.dressing import DATE, NAME, NUMBER, seal_over
from fixtures.fonts import face
from fixtures.layouts import degree
from fixtures.numerals import chinese_number
from fixtures.paint import Canvas
from fixtures.people import DOTS, People
from fixtures.scenarios import courses, diplomas, trainings
from fixtures.scenarios.cast import BODIES, Cast, Made, Scenario

pytestmark = pytest.mark.usefixtures("drawing_fonts")

LEAST_FAMILIES = 4
TABLE = (*diplomas.SCENARIOS, *courses.SCENARIOS, *trainings.SCENARIOS)
SCENARIOS = [pytest.param(scenario, k, id=f"{scenario.prefix}-{k}") for k, scenario in enumerate(TABLE) if k % 3 == 0]


@pytest.fixture(scope="module")
def people() -> People:
    return People.of(5)


def test_layouts_and_faces_take_turns(people: People) -> None:
    turns: Counter[str] = Counter()
    casts = [Cast(Random(k), people, turns) for k in range(len(BODIES))]
    assert {cast.layout(degree.LAYOUTS, "degree") for cast in casts} == set(degree.LAYOUTS)
    assert len({cast.pen().body.family for cast in casts}) >= LEAST_FAMILIES


def _said(pages: list[Canvas]) -> str:
    """Return all that pages print, without spaces, middle dots in one form."""
    text = "".join("".join(run.text.split()) for page in pages for run in page.texts)
    for dot in DOTS:
        text = text.replace(dot, DOTS[0])
    return text


def _missing(made: Made) -> Iterator[str]:
    """Yield the fields of a document whose value stands nowhere on its pages. A name written by hand is a picture."""
    said, layout = _said(made.drawing.pages), made.drawing.layout
    for name, value in made.drawing.fields.items():
        if name in {"holder_name", "nickname"} and layout in {"by_hand", "faced"}:
            continue
        if name in {"holder_name", "nickname", "certificate_no", "score", "grade", "gender", "title"}:
            expected = ["".join(value.split())]
        elif name == "issuer":
            expected = value.split("、")
        elif name == "hours":
            expected = [value if value in said else chinese_number(int(value))]
        else:
            continue
        if not all(part in said for part in expected):
            yield name


@pytest.mark.parametrize(("scenario", "number"), SCENARIOS)
def test_a_page_says_what_its_truth_says(scenario: Scenario, number: int, people: People) -> None:
    for made in scenario.make(Cast(Random(number), people, Counter({"diploma": number}))):
        assert not list(_missing(made)), made.drawing.layout
        truth = made.truth((1, 2)[: len(made.drawing.pages)])
        assert bool(truth.verdict.reasons) == (truth.verdict.recommendation != "approve")


def test_front_and_back_are_one_document(people: People) -> None:
    two_pages = [case for case, _ in diplomas.CASES if case.build in {"faced", "backed"}]
    assert len(two_pages) >= 4
    made = diplomas.make_diploma(two_pages[0])(Cast(Random(3), people, Counter()))
    assert [len(one.drawing.pages) for one in made] == [2]


def test_look_alikes_teach_at_one_school_and_misprints_do_not_teach(people: People) -> None:
    pairs = [teacher for teacher in people.roster if teacher.kind == "pair"]
    assert len(pairs) >= 8
    for one in pairs:
        others = [o for o in pairs if o is not one and o.school == one.school and o.name[0] == one.name[0]]
        assert others
    names = {teacher.name for teacher in people.roster}
    for _ in range(7):
        teacher, wrong = people.misprinted()
        assert wrong not in names
        assert sum(a != b for a, b in zip(teacher.name, wrong, strict=True)) == 1


@pytest.mark.parametrize(
    ("place", "texts"), [(NAME, ("张三",)), (NUMBER, ("2019100",)), (DATE, ())], ids=["name", "number", "date"]
)
def test_a_seal_lies_over_what_it_shall_cover(place: str, texts: tuple[str, ...]) -> None:
    page = Canvas(1600, 1200)
    for y, words in ((300, "姓名：张三"), (600, "编号：2019100123"), (900, "二〇一九年七月一日")):
        page.text(500, y, words, face("noto-sans"), 60)
    row = {NAME: 330, NUMBER: 630, DATE: 930}[place]
    assert seal_over([page], place, texts, "云州市教育局", Random(2))
    band = np.asarray(page.image, np.int16)[row, 400:1200]
    assert (band[:, 0] - band[:, 1] > 60).any()
    assert not seal_over([page], NAME, ("李四",), "云州市教育局", Random(2))
    assert not seal_over([page], "", (), "云州市教育局", Random(2))
