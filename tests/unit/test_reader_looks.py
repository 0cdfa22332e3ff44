"""Second looks: which reading of a line counts, and how a line is calmed for another one."""

import numpy as np
import pytest

from ocr.looks import broken, calmed, choose, doubles, figures, settled, uncovered
from ocr.paddle import Recognised


def said(text: str, score: float) -> Recognised:
    return Recognised(text, score, ())


@pytest.mark.parametrize(
    ("first", "second", "sealed", "text"),
    [
        (said("二〇十九年", 0.99), said("二〇一九年", 0.985), False, "二〇一九年"),
        (said("二〇十九年", 0.99), said("二〇一九年", 0.90), False, "二〇十九年"),
        (said("结业证书", 0.99), said("", 0.0), False, "结业证书"),
        (said("张", 0.96), said("张三丰", 0.95), True, "张三丰"),
        (said("张三丰", 0.85), said("张三", 0.97), True, "张三"),
        (said("张三丰", 0.85), said("张三", 0.97), False, "张三丰"),
        (said("学大国", 0.6), said("大学", 0.7), True, ""),
    ],
)
def test_the_faded_line_counts_where_it_says_as_much(
    first: Recognised, second: Recognised, sealed: bool, text: str
) -> None:
    assert choose(first, second, sealed=sealed).text == text


def test_a_calmed_line_has_white_paper_and_black_ink() -> None:
    stripes = 150 + 30 * np.sin(np.arange(300) * 2.1)[None, :, None] + np.zeros((40, 300, 3))
    stripes[15:25, 60:240] = 90
    calm = calmed(np.clip(stripes, 0, 255).astype(np.uint8))
    assert calm[:8].min() > 150
    assert calm[18:22, 80:220].max() < 40


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("证号20169250600", "证号201692550600", True),
        ("证号20169250600", "证号20169250600", False),
        ("证号20169250600", "证号2016925060", False),
        ("证号20169250600", "证号201692590600", False),
        ("证号2016925", "证证号2016925", False),
    ],
)
def test_a_stretched_line_may_only_double_digits(first: str, second: str, expected: bool) -> None:
    assert doubles(first, second) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("课时32学时，成绩7原大学", "课时32学时，成绩76", True),
        ("课时32学时，成绩76原大学", "课时32学时，成绩76", False),
        ("课时32学时，成绩编号123", "课时32学时，成绩", False),
        ("课时38学时，成绩7原大学", "课时32学时，成绩76", False),
    ],
)
def test_a_seals_own_letters_give_way_to_print_and_print_in_red_stays(first: str, second: str, expected: bool) -> None:
    middles = tuple((index + 0.5) / len(first) for index in range(len(first)))
    red = np.arange(1400) > 1400 * 9.9 / len(first)
    assert uncovered(Recognised(first, 0.98, middles), said(second, 0.99), red) is expected


def test_figures_that_two_looks_read_differently_need_a_third() -> None:
    chosen = said("2016年12月24日", 0.97)
    assert figures("二〇一九年7月（JX2019）") == "二〇一九7JX2019"
    assert settled(chosen, said("2016年12月24口", 0.9)) == chosen
    assert settled(chosen, said("2014年12月24日", 0.99)) == said("2016年12月24日", 0.75)


def test_a_number_with_a_hole_is_broken() -> None:
    even = tuple(0.05 * (index + 1) for index in range(10))
    holed = (*even[:6], *(middle + 0.04 for middle in even[6:]))
    assert not broken(Recognised("JX20201086", 0.99, even))
    assert broken(Recognised("JX20201086", 0.99, holed))
    assert not broken(Recognised("2020年10月10", 0.99, holed))
