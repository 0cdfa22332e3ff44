"""Numerals, dates and the numbers of papers: what they are read as, and what is left open."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vocabulary import FieldName
from ocr.dates import parse_date, parse_end, year_candidates
from ocr.numbers import degree_number, diploma_number, id_number_valid, years_in
from ocr.numerals import parse_number, plain
from ocr.values import normal_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("48", "48"),
        ("48.50", "48.5"),
        ("四十八", "48"),
        ("十", "10"),
        ("十二", "12"),
        ("一百二十", "120"),
        ("一百零八", "108"),
        ("一二〇", "120"),
        ("两百", "200"),
        ("廿四", "24"),
        ("6O", "60"),
        ("1,200", "1200"),
        ("八十五点五", "85.5"),
    ],
)
def test_reads_numbers_in_every_writing(text: str, value: str) -> None:
    number = parse_number(text)
    assert number is not None
    assert plain(number) == value


@pytest.mark.parametrize("text", ["", "合格", "3-5", "12学时", "1,2", "十点", "O"])
def test_leaves_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None or text == "O"


@pytest.mark.parametrize(
    ("text", "value", "certain"),
    [
        ("二〇一九年七月一日", "2019-07-01", True),
        ("二○一九年十二月三十一日", "2019-12-31", True),
        ("2019.07.01", "2019-07-01", True),
        ("2019-7-1", "2019-07-01", True),
        ("2019/07/01", "2019-07-01", True),
        ("20190701", "2019-07-01", True),
        ("2019年7月", "2019-07", True),
        ("二0一九年七月", "2019-07", True),
        ("二O一九年一〇月廿一日", "2019-10-21", True),
        ("2O19年O7月O1日", "2019-07-01", True),
        ("二一九年七月一日", "2019-07-01", False),
        ("二口一九年七月一日", "2019-07-01", True),
        ("二〇十九年七月一日", "2019-07-01", False),
        ("2019+07-01", "2019-07-01", True),
        ("201907-01", "2019-07-01", False),
        ("2019.0701", "2019-07-01", False),
        ("一九九八年卅日", None, False),
        ("2019年13月1日", None, False),
        ("2019年2月30日", None, False),
        ("七月一日", None, False),
    ],
)
def test_reads_dates_and_says_what_is_guessed(text: str, value: str | None, certain: bool) -> None:
    reading = parse_date(text)
    if value is None or reading is None:
        assert value is None
        assert reading is None or len(reading.value) == 4
        return
    assert (reading.value, reading.certain) == (value, certain)


def test_a_lost_zero_stays_open_until_another_fact_proves_it() -> None:
    assert year_candidates("二一") == ([2021, 2010, 2001], False)
    reading = parse_date("二一年七月一日")
    assert reading is not None
    assert not reading.certain
    assert reading.proven_by(frozenset({2001})) == "2001-07-01"
    assert reading.proven_by(frozenset({2019})) is None
    assert reading.proven_by(frozenset({2001, 2010})) is None
    seal_took_the_century = parse_date("一九年八月八日")
    assert seal_took_the_century is not None
    assert seal_took_the_century.proven_by(frozenset({2019})) == "2019-08-08"
    seal_took_a_digit = parse_date("206年8月8日")
    assert seal_took_a_digit is not None
    assert seal_took_a_digit.value == "2006-08-08"
    assert seal_took_a_digit.proven_by(frozenset({2016})) == "2016-08-08"
    assert seal_took_a_digit.proven_by(frozenset({2006, 2016})) is None


def test_a_period_end_takes_over_year_and_month() -> None:
    start = parse_date("2019年7月1日")
    assert start is not None
    ends = [parse_end(text, start) for text in ("7月10日", "10日", "2020年1月2日")]
    assert [e.value for e in ends if e] == ["2019-07-10", "2019-07-10", "2020-01-02"]


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2040, 12, 31)))
def test_every_day_survives_its_chinese_spelling(day: date) -> None:
    year, month, number = str(day).split("-")
    digits = "〇一二三四五六七八九"

    def small(value: int) -> str:
        tens, ones = divmod(value, 10)
        return ("" if not tens else "十" if tens == 1 else digits[tens] + "十") + (
            digits[ones] if ones or not tens else ""
        )

    text = "".join(digits[int(c)] for c in year) + f"年{small(int(month))}月{small(int(number))}日"
    reading = parse_date(text)
    assert reading is not None
    assert reading.value == str(day)
    assert reading.certain


def test_identity_numbers_carry_a_check() -> None:
    assert id_number_valid("11010519491231002X")
    assert not id_number_valid("110105194912310021")
    assert not id_number_valid("11010519491331002X")
    assert normal_value(FieldName.ID_NUMBER, "1101**********002X") is None


def test_certificate_numbers_state_year_and_level() -> None:
    facts = diploma_number("991231201605000871")
    assert facts is not None
    assert (facts.year, facts.level, facts.study_form) == (2016, "本科", "普通全日制")
    assert diploma_number("99123120160500087") is None
    degree = degree_number("9912342016000871")
    assert degree is not None
    assert (degree.year, degree.level) == (2016, "学士")
    assert years_in("豫国培2019-00123") == {2019}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (FieldName.HOLDER_NAME, "张 三老师", "张三"),
        (FieldName.HOLDER_NAME, "阿依古丽・买买提", "阿依古丽·买买提"),
        (FieldName.HOLDER_NAME, "证书", None),
        (FieldName.HOLDER_NAME, "学员张三", None),
        (FieldName.HOURS, "36 学时", "36"),
        (FieldName.SCORE, "85.50分", "85.5"),
        (FieldName.SCORE, "85.5/100分", "85.5"),
        (FieldName.TITLE, "《教育 心理学》", "教育心理学"),
        (FieldName.TITLE, "Introduction to  Python", "Introduction to Python"),
        (FieldName.TITLE, "国培计划(2019)", "国培计划（2019）"),
        (FieldName.ISSUER, "于2019年完成了由东江大学", "东江大学"),
        (FieldName.CERTIFICATE_NO, "ab 2019-001 ", "AB2019-001"),
        (FieldName.NICKNAME, "my_1ittle_owl|退出", "my_little_owl"),
        (FieldName.NICKNAME, "owl_1st", "owl_1st"),
    ],
)
def test_values_take_their_normal_form(name: FieldName, text: str, value: str | None) -> None:
    found = normal_value(name, text)
    assert (found.text if found else None) == value


def test_a_number_that_begins_with_a_figure_for_a_letter_is_doubted() -> None:
    doubted, plain = (normal_value(FieldName.CERTIFICATE_NO, n) for n in ("1C20190112345678", "IC20190112345678"))
    assert doubted
    assert plain
    assert (doubted.text, plain.factor) == ("1C20190112345678", 1.0)
    assert doubted.factor < plain.factor
