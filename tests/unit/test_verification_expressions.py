"""Expressions are three-valued: unknown never passes and never fails."""

import pytest

from verification.expressions import context_of, expression_problem, number, place_problem, truth
from verification.facts import Facts


def say(source: str, **known: bool | float | str) -> bool | None:
    return truth(source, context_of(Facts(known)))


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("type_certain || contradicted", True),
        ("contradicted || type_certain", True),
        ("type_certain && contradicted", None),
        ("!type_certain && contradicted", False),
        ("contradicted && !type_certain", False),
        ("contradicted", None),
        ("!contradicted", None),
        ("contradicted == true", None),
        ("platform == 'x'", None),
        ("platform != 'x'", None),
        ("platform in ['x', 'y']", None),
        ("!(platform in ['x', 'y'])", None),
        ("score >= 60.0", None),
        ("score < 60.0", None),
        ("type_certain ? type_certain : contradicted", True),
        ("contradicted ? true : false", None),
        ("platform.contains('x') || true", True),
        ("size(platform) > 0", None),
        ("'a'", None),
        ("1", None),
    ],
)
def test_an_unknown_fact_decides_only_where_the_rest_does_not(source: str, answer: bool | None) -> None:
    assert say(source, type_certain=True) is answer


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("2016-01-01", True),
        ("2015-12-31", False),
        ("2020-12-31", True),
        ("2021-01-01", False),
        ("2016-01", True),
        ("2020-12", True),
        ("2015-12", False),
        ("2020", True),
        ("2021", False),
        ("nonsense", None),
    ],
)
def test_between_holds_its_ends_and_takes_months(day: str, answer: bool | None) -> None:
    assert say("between(cycle_date, '2016-01-01', '2020-12-31')", cycle_date=day) is answer


def test_a_month_around_the_limit_is_undecided() -> None:
    assert say("between(cycle_date, '2016-01-15', '2020-12-31')", cycle_date="2016-01") is None
    assert say("between(cycle_date, '2016-01-01', '2020-12-30')", cycle_date="2020-12") is None
    assert say("before(cycle_date, '2020-01-15')", cycle_date="2020-01") is None
    assert say("!before(cycle_date, '2020-01-15')", cycle_date="2020-01") is None
    assert say("before(cycle_date, '2020-01-01')", cycle_date="2019-12") is True
    assert say("before(cycle_date, '2020-01-01')", cycle_date="2020-01") is False


def test_a_figure_is_exact_or_unknown() -> None:
    context = context_of(Facts({"hours": 36.0, "score": 85.5, "type_certain": True}))
    assert [str(number(source, context)) for source in ("hours", "score", "360")] == ["36", "85.5", "360"]
    assert number("days", context) is None
    assert number("type_certain", context) is None


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("scor >= 60.0", "pack_unknown_fact"),
        ("score == null", "pack_unknown_fact"),
        ("row_signed", "pack_unknown_fact"),
        ("years(score) > 1", "pack_unknown_function"),
        ("[1.0, 2.0].exists(score, score > 1.0)", "pack_unknown_function"),
        ("score >=", "pack_bad_expression"),
        ("score = 60", "pack_bad_expression"),
    ],
)
def test_what_a_pack_may_not_say(source: str, code: str) -> None:
    problem = expression_problem(source, row=False)
    assert problem is not None
    assert problem.code == code


def test_what_a_pack_may_say() -> None:
    assert expression_problem("row_signed && !row_struck", row=True) is None
    assert expression_problem("platform == 'null' || title.contains('x')", row=False) is None
    assert place_problem("score {score}") is None
    assert place_problem("score {points}") is not None
    assert place_problem("score {score") is not None
