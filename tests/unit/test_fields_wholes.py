"""Schools whose names a seal cut short: made whole, counted once, or left in doubt."""

import pytest

from core.vocabulary import FieldName
from ocr.documents import read_document
from ocr.types import Box, DocumentReading, Line, PageText

BODY = "学生姜晚晴，性别女，1990年1月5日生，于2012年9月至2016年6月在本校教育学专业四年制本科学习，成绩合格，准予毕业。"


def _read(*signed: tuple[str, float], heading: str = "毕业证书") -> DocumentReading:
    """Read a diploma; each of `signed` is a text and its left edge, one under the other above the date."""
    lines = [_line(heading, 0.3, 0.1, tall=0.05), _line(BODY[:30], 0.1, 0.25), _line(BODY[30:], 0.1, 0.31)]
    for row, (text, left) in enumerate(signed):
        # what a seal says reads less surely than what is printed after it
        lines.append(_line(text, left, 0.6 + 0.06 * row, sure=0.99 - 0.03 * (len(signed) - 1 - row)))
    lines += [_line("2016年6月20日", 0.6, 0.78), _line("证书编号：991035201605009876", 0.1, 0.86)]
    return read_document([PageText(1, 1400, 1000, "ocr", tuple(lines))])


def _line(text: str, left: float, top: float, tall: float = 0.04, sure: float = 0.99) -> Line:
    return Line(text, sure, Box(left, top, left + len(text) * tall / 1.4, top + tall))


def test_a_cut_beginning_is_taken_from_the_heading() -> None:
    reading = _read(("南农林科技大学", 0.6), heading="江南农林科技大学毕业证书")
    assert reading.fields[FieldName.ISSUER].value == "江南农林科技大学"


def test_a_piece_of_the_seal_tells_the_beginning() -> None:
    reading = _read(("云州第", 0.5), ("州第二师范学院", 0.6))
    assert reading.fields[FieldName.ISSUER].value == "云州第二师范学院"


@pytest.mark.parametrize("printed", ["州第二师范学院", "师范大学"])
def test_a_name_without_its_beginning_is_doubted(printed: str) -> None:
    assert _read((printed, 0.6)).fields[FieldName.ISSUER].confidence < 0.6


def test_a_labelled_name_without_its_end_is_doubted() -> None:
    assert _read(("办学单位：西渚开放", 0.1)).fields[FieldName.ISSUER].confidence < 0.6


@pytest.mark.parametrize(
    ("signed", "wanted"),
    [
        ((("工原大学", 0.3), ("江原大学", 0.6)), "江原大学"),
        ((("西渚开放大学开放大学", 0.6),), "西渚开放大学"),
        ((("江原大学", 0.1), ("云麓大学", 0.6)), "江原大学、云麓大学"),
    ],
)
def test_a_school_read_from_seal_and_print_counts_once(signed: tuple[tuple[str, float], ...], wanted: str) -> None:
    assert _read(*signed).fields[FieldName.ISSUER].value == wanted
