"""ID numbers: shape, region, date and check character; all numbers here are made up from their parts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.idnumber import birth_date, check_character, gender, masked, valid


def number(region: str = "410799", born: str = "19800229", sequence: str = "013") -> str:
    body = region + born + sequence
    return body + check_character(body)


def test_a_number_states_birth_date_and_gender() -> None:
    assert valid(number())
    assert birth_date(number()) == date(1980, 2, 29)
    assert (gender(number(sequence="013")), gender(number(sequence="024"))) == ("男", "女")


def test_the_check_character_can_be_x() -> None:
    numbers = [number(sequence=f"{sequence:03d}") for sequence in range(100)]
    assert all(valid(one) for one in numbers)
    assert {one[-1] for one in numbers} == set("0123456789X")
    assert not valid(next(one for one in numbers if one.endswith("X")).lower())


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "X",
        "12345",
        number()[:-1],
        number() + "0",
        number(born="19790229"),
        number(born="18800101"),
        number(region="000000"),
        number(region="160799"),
        number().replace("4", "４", 1),
        "²" * 18,
    ],
)
def test_wrong_numbers_are_not_valid(wrong: str) -> None:
    assert not valid(wrong)
    assert birth_date(wrong) is None
    assert gender(wrong) is None


@given(at=st.integers(0, 17), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(at: int, digit: str) -> None:
    right = number()
    if right[at] != digit:
        assert not valid(right[:at] + digit + right[at + 1 :])


def test_masked_shows_four_at_each_end_and_nothing_of_short_numbers() -> None:
    assert masked("410700198001011234") == "4107**********1234"
    assert masked("41070019") == "********"
    assert masked("") == ""
