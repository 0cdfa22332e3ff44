"""Dropped zeros are put back where a ring is seen; traditional forms become simplified ones."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.paddle import Recognised
from ocr.simplify import simplified
from ocr.zeros import restore_zeros

EM = 40


def line(text: str) -> NDArray[np.uint8]:
    """Draw a line in which 〇 is a ring, a space is paper and all else is a cross."""
    image = np.full((EM + 8, EM * len(text), 3), 255, dtype=np.uint8)
    for index, char in enumerate(text):
        x, y = EM * index + EM // 2, EM // 2 + 4
        if char == "〇":
            cv2.circle(image, (x, y), 14, (0, 0, 0), 2)
        elif char != " ":
            cv2.line(image, (x - 14, y), (x + 14, y), (0, 0, 0), 3)
            cv2.line(image, (x, y - 14), (x, y + 14), (0, 0, 0), 3)
    return image


def read(shown: str, dropped: str) -> str:
    """Return what restore_zeros makes of a line of which the recogniser skipped the places marked `x`."""
    kept = [(char, (index + 0.5) / len(shown)) for index, char in enumerate(shown) if dropped[index] != "x"]
    said = Recognised("".join(c for c, _ in kept), 0.99, tuple(m for _, m in kept))
    return restore_zeros(line(shown), said).text


@pytest.mark.parametrize(
    ("shown", "dropped", "expected"),
    [
        ("于二〇一八年毕业", "..x.....", "于二〇一八年毕业"),
        ("于二〇〇八年毕业", "..xx....", "于二〇〇八年毕业"),
        ("于二〇一〇年毕业", "..x.x...", "于二〇一〇年毕业"),
        ("于二 一八年毕业", "..x.....", "于二一八年毕业"),
        ("于二十一八年毕业", "..x.....", "于二一八年毕业"),
        ("姓名〇张三丰老师", "..x.....", "姓名张三丰老师"),
    ],
)
def test_a_zero_is_put_back_only_where_its_ring_stands(shown: str, dropped: str, expected: str) -> None:
    assert read(shown, dropped) == expected


def test_a_whole_line_keeps_its_score() -> None:
    said = Recognised("二一八年", 0.99, (0.125, 0.375, 0.625, 0.875))
    assert restore_zeros(line("二一八年"), said) is said


def test_traditional_forms_become_simplified_and_names_keep_their_standard_characters() -> None:
    assert simplified("彭波凱學員：覃菲靜") == "彭波凯学员：覃菲静"
    assert simplified("李昇 王喆 赵堃 乾") == "李昇 王喆 赵堃 乾"
