"""Stamps, strokes that strike out, rules that break, ticks: what is and what is not a signature's ink."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.tables.cells import is_ticked, signed_slots
from ocr.tables.columns import drawn_throughout
from ocr.tables.erase import without_strikes
from ocr.tables.ink import SURE
from ocr.tables.rings import stamp_ink
from ocr.tables.rules import Rule
from ocr.tables.sheet import Sheet
from ocr.tables.stamps import lift_stamps
from ocr.tables.strikes import RowStrip, find_strikes
from ocr.types import Box, Cell, CellRow

Image = NDArray[np.uint8]
RED, PEN, GREY = (70, 60, 215), (40, 30, 30), (140, 140, 140)
CENTRE, RADIUS = (300, 200), 120


def paper() -> Image:
    return np.full((400, 600, 3), 246, np.uint8)


def stamp(image: Image, colour: tuple[int, int, int]) -> None:
    """Press a ring with a star's worth of ink in its middle: ink multiplies with what stands below."""
    ink = np.full_like(image, 255)
    cv2.circle(ink, CENTRE, RADIUS, colour, 7, cv2.LINE_AA)
    cv2.circle(ink, CENTRE, 24, colour, -1, cv2.LINE_AA)
    image[:] = (image.astype(np.uint16) * ink // 255).astype(np.uint8)


def sign(image: Image) -> None:
    points = [(240 + 12 * i, 200 + (18 if i % 2 else -18)) for i in range(11)]
    cv2.polylines(image, [np.array(points, np.int32)], False, PEN, 3, cv2.LINE_AA)


def dark_of(image: Image) -> Image:
    return np.asarray(255 - image.min(axis=2), np.uint8)


def test_red_stamp_is_lifted_and_the_signature_below_stays() -> None:
    bare, written = paper(), paper()
    sign(written)
    stamp(bare, RED)
    stamp(written, RED)
    lifted, seal = lift_stamps(bare, dark_of(bare), 50.0)
    assert seal.any()
    assert (lifted > 60).sum() < 0.02 * (dark_of(bare) > 60).sum()
    alone = paper()
    sign(alone)
    lifted, _ = lift_stamps(written, dark_of(written), 50.0)
    assert (lifted > 60).sum() > 0.7 * (dark_of(alone) > 60).sum()


def test_a_red_pen_is_no_stamp() -> None:
    image = paper()
    cv2.putText(image, "abc", (100, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.4, RED, 3, cv2.LINE_AA)
    lifted, seal = lift_stamps(image, dark_of(image), 60.0)
    assert not seal.any()
    assert (lifted == dark_of(image)).all()


def test_grey_stamp_is_known_by_its_ring() -> None:
    image = paper()
    sign(image)
    stamp(image, GREY)
    dark = dark_of(image)
    left = (dark > 50) & ~stamp_ink(dark > 50, dark, 50.0)
    alone = paper()
    sign(alone)
    pen = dark_of(alone) > 50
    assert (left & ~cv2.dilate(pen.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)).sum() < 0.05 * pen.sum()
    assert (left & pen).sum() > 0.6 * pen.sum()


def test_writing_without_a_ring_stays() -> None:
    image = paper()
    sign(image)
    dark = dark_of(image)
    assert not stamp_ink(dark > 50, dark, 50.0).any()


def drawn(image: Image) -> Sheet:
    ink = dark_of(image) > 60
    none: NDArray[np.bool_] = np.zeros_like(ink)
    xs, ys = np.array([20, 120, 260, 580]), np.array([100, 160])
    return Sheet(dark_of(image) * ink, ink, ink, none, xs, ys, (), ())


STRIP = RowStrip(20, 100, 580, 160, 120, 260)


def name(image: Image) -> None:
    for x in (140, 180, 220):
        cv2.rectangle(image, (x, 118), (x + 24, 142), PEN, 2)


@pytest.mark.parametrize("shape", ["straight", "double", "wavy"])
def test_a_strike_is_found_and_leaves_no_signature_behind(shape: str) -> None:
    image = paper()
    name(image)
    for shift in (-6, 6) if shape == "double" else (0,):
        wave = 9 if shape == "wavy" else 0
        points = [(x, round(130 + shift + wave * np.sin(x / 24))) for x in range(30, 560, 4)]
        cv2.polylines(image, [np.array(points, np.int32)], False, PEN, 3, cv2.LINE_AA)
    sheet = drawn(image)
    assert find_strikes(sheet, [STRIP])[0].struck
    left = without_strikes(sheet, [STRIP])
    assert left.ink[104:156, 270:576].sum() < 0.05 * sheet.ink[104:156, 270:576].sum()


@pytest.mark.parametrize(("level", "doubtful"), [(108, False), (121, True), (152, False)])
def test_a_rule_or_fold_beside_the_name_is_no_strike(level: int, doubtful: bool) -> None:
    image = paper()
    name(image)
    cv2.line(image, (0, level), (599, level), PEN, 3)
    (found,) = find_strikes(drawn(image), [STRIP])
    assert not found.struck
    assert found.doubtful == doubtful


def test_a_double_line_strikes_though_one_runs_high() -> None:
    image = paper()
    name(image)
    for level in (121, 134):
        cv2.line(image, (22, level), (577, level), PEN, 3)
    assert find_strikes(drawn(image), [STRIP])[0].struck


def test_a_signature_under_a_strike_stays() -> None:
    image = paper()
    name(image)
    points = [(320 + 12 * i, 130 + (20 if i % 2 else -20)) for i in range(11)]
    cv2.polylines(image, [np.array(points, np.int32)], False, PEN, 3, cv2.LINE_AA)
    cv2.line(image, (30, 128), (560, 132), PEN, 3, cv2.LINE_AA)
    sheet = drawn(image)
    left = without_strikes(sheet, [STRIP])
    assert left.ink[104:156, 300:460].sum() > 400


def test_two_signatures_that_meet_are_no_strike() -> None:
    image = paper()
    name(image)
    points = [(270 + 10 * i, 130 + (8 if i % 2 else -8)) for i in range(31)]
    cv2.polylines(image, [np.array(points, np.int32)], False, PEN, 3, cv2.LINE_AA)
    assert not find_strikes(drawn(image), [STRIP])[0].struck


def test_broken_rules_stay_and_strokes_go() -> None:
    rows = 12
    points = np.zeros((rows + 1, 4, 2))
    points[:, :, 1] = (np.arange(rows + 1) * 50.0)[:, None]
    whole = Rule((0.0,), ((0.0, 600.0),), (0.0, 600.0), ((0.0, 600.0),))
    broken_seeds = ((0.0, 180.0), (240.0, 430.0), (480.0, 600.0))
    broken = Rule((100.0,), broken_seeds, (0.0, 600.0), broken_seeds)
    strokes = Rule((200.0,), ((50.0, 550.0),), (0.0, 600.0), ((60.0, 105.0), (300.0, 345.0)))
    shares = np.ones((rows, 4))
    shares[4, 1] = shares[9, 1] = 0.2
    shares[:, 2] = [0, 0.5, 0.9, 1, 0.8, 1, 0.3, 1, 0.9, 0.8, 1, 0]
    kept = drawn_throughout((whole, broken, strokes, whole), points, shares)
    assert kept == [whole, broken, whole]


def ticked_row(text: str, ink: float, confidence: float = SURE) -> CellRow:
    box = Box(0, 0, 1, 1)
    return CellRow(
        box, {"name": Cell("张三", 1.0, box, 0.1), "signature:签到": Cell(text, confidence, box, ink)}, False
    )


def test_ticks_count_on_a_ticked_sheet_and_crosses_are_doubted() -> None:
    rows = [ticked_row("√", 0.03), ticked_row("v", 0.025), ticked_row("√", 0.03), ticked_row("", 0.0)]
    assert is_ticked(rows)
    assert signed_slots(rows[0], ticked=True) == (("签到",), SURE)
    assert signed_slots(rows[3], ticked=True)[0] == ()
    assert signed_slots(ticked_row("×", 0.03), ticked=True)[1] < 0.6


def test_a_lone_tick_among_signatures_is_doubted() -> None:
    rows = [ticked_row("张三", 0.2), ticked_row("李四", 0.2), ticked_row("", 0.15), ticked_row("√", 0.03)]
    assert not is_ticked(rows)
    assert signed_slots(rows[3])[1] < 0.6
