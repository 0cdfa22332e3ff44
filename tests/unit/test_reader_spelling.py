"""A text layer spells what was read; it never adds to it or overrules it."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.paddle import Recognised
from ocr.pdftext import Glyph
from ocr.spelling import Recognise, Verdict, compare, contradicts, spell
from ocr.types import Box, Line, PageText, Slot

PAPER: NDArray[np.uint8] = np.full((400, 600, 3), 250, dtype=np.uint8)
AREA = Box(0.1, 0.1, 0.9, 0.2)


def seen(text: str, score: float = 0.99, **doubts: tuple[str, float]) -> Line:
    """Return a line as it was read; `doubts` of its characters ("at2") are other characters, nearly read."""
    slots = tuple(
        Slot(
            at, char + (doubt := doubts.get(f"at{at}", ("", 0.0)))[0], (1 - doubt[1], doubt[1])[: 1 + len(doubt[0])], 0
        )
        for at, char in enumerate(text)
    )
    return Line(text, score, AREA, slots=slots)


@pytest.mark.parametrize(
    ("layer", "line", "verdict"),
    [
        ("成绩 95 分", seen("成绩：95分"), Verdict.SAME),
        ("has completed", seen("Hascompleted"), Verdict.SAME),
        ("2020年6月—9月", seen("2020年6月一9月"), Verdict.ALIKE),
        ("李䶮同志", seen("李龚同志"), Verdict.ALIKE),
        ("张喆同志", seen("张哲同志", at1=("喆", 0.02)), Verdict.ALIKE),
        ("成绩 96 分", seen("成绩95分"), Verdict.CONTRADICTED),
        ("共一百二十学时", seen("共一百一十学时"), Verdict.CONTRADICTED),
        ("成绩 95 分", seen("成绩5分"), Verdict.CONTRADICTED),
        ("成绩 5 分", seen("成绩95分"), Verdict.CONTRADICTED),
        ("王五同志参加培训", seen("张三同志参加培训"), Verdict.CONTRADICTED),
        ("共 36 学时", seen("共86学时", at1=("3", 0.3)), Verdict.UNCLEAR),
        ("成绩 96 分", seen("成绩95分", 0.7), Verdict.UNCLEAR),
        ("二〇一九年", seen("二一九年"), Verdict.UNCLEAR),
        ("No. 2005500", seen("No.200500"), Verdict.UNCLEAR),
        ("成绩：", seen("成绩：95"), Verdict.UNCLEAR),
        ("", seen("某某学院"), Verdict.UNCLEAR),
    ],
)
def test_every_digit_and_every_clear_character_must_agree(layer: str, line: Line, verdict: Verdict) -> None:
    assert compare(layer, line) is verdict


def glyphs(text: str, area: Box = AREA) -> list[Glyph]:
    step = area.width / len(text)
    boxes = [Box(area.left + i * step, area.top, area.left + (i + 1) * step, area.bottom) for i in range(len(text))]
    return [Glyph(char, box, step) for char, box in zip(text, boxes, strict=True) if char != " "]


def page(*lines: Line) -> PageText:
    return PageText(number=1, width=600, height=400, source="ocr", lines=lines)


def reads(text: str) -> Recognise:
    """Stand for a recogniser that reads the same wherever it looks."""

    def read(crops: Sequence[NDArray[np.uint8]]) -> list[Recognised]:
        return [Recognised(text, 0.99, ()) for _ in crops]

    return read


def test_a_line_borne_out_takes_its_layers_spelling_and_places() -> None:
    text, distrusted = spell(page(seen("李龚同志")), glyphs("李䶮同志"), PAPER, reads(""))
    assert not distrusted
    assert (text.source, text.lines[0].text) == ("text", "李䶮同志")
    assert text.lines[0].confidence < 1.0
    assert text.lines[0].chars[1].left == pytest.approx(0.3)


def test_an_unclear_line_stays_as_it_was_read_beside_one_borne_out() -> None:
    below = Box(0.1, 0.4, 0.9, 0.5)
    lines = seen("二一九年"), Line("张三", 0.99, below)
    text, distrusted = spell(page(*lines), [*glyphs("二〇一九年"), *glyphs("张三", below)], PAPER, reads(""))
    assert not distrusted
    assert [line.text for line in text.lines] == ["二一九年", "张三"]


def test_one_changed_digit_costs_the_whole_layer_its_trust() -> None:
    below = Box(0.1, 0.4, 0.9, 0.5)
    read = page(seen("共36学时"), Line("李龚", 0.99, below))
    text, distrusted = spell(read, [*glyphs("共96学时"), *glyphs("李䶮", below)], PAPER, reads(""))
    assert distrusted
    assert text == read


def test_a_scan_over_other_words_and_digits_contradicts_its_layer() -> None:
    below = Box(0.1, 0.4, 0.9, 0.5)
    lines = (seen("编号20188758"), Line("学生李明", 0.99, below))
    assert contradicts(lines, [*glyphs("编号20187391"), *glyphs("学生李明", below)])
    assert contradicts(lines, [*glyphs("编号20188758"), *glyphs("学生王海", below)])
    assert not contradicts(lines, [*glyphs("编号20188758"), *glyphs("学生李明", below)])


def test_a_scans_layer_that_says_the_same_at_another_place_contradicts_nothing() -> None:
    below = Box(0.1, 0.4, 0.9, 0.5)
    lines = (seen("编号20188758"), Line("学生李明", 0.99, below))
    assert not contradicts(lines, [*glyphs("学生李明"), *glyphs("编号20188758", below)])


def test_text_that_is_not_to_be_seen_is_distrusted() -> None:
    read = page(seen("成绩95分"))
    hidden = [*glyphs("成绩95分"), *glyphs("共120学时", Box(0.1, 0.6, 0.9, 0.7))]
    assert spell(read, hidden, PAPER, reads(""))[1]
    pattern = np.where(np.arange(600)[None, :, None] % 6 < 3, 250, 120).astype(np.uint8) * np.ones_like(PAPER)
    assert spell(read, hidden, pattern, reads(""))[1]
    assert spell(read, hidden, pattern, reads("欢迎参观"))[1]


def test_text_that_the_finder_of_lines_missed_is_read_at_its_place() -> None:
    inked = PAPER.copy()
    inked[250:270, 80:520:7] = 10
    found, distrusted = spell(page(seen("成绩")), glyphs("5", Box(0.1, 0.6, 0.9, 0.7)), inked, reads("5"))
    assert not distrusted
    assert [line.text for line in found.lines] == ["成绩", "5"]
    dropped, distrusted = spell(page(seen("成绩")), glyphs("5", Box(0.1, 0.6, 0.9, 0.7)), inked, reads(""))
    assert not distrusted
    assert [line.text for line in dropped.lines] == ["成绩"]
