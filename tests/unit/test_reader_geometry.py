"""Corners, crops and character boxes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr.geometry import character_boxes, crop_quad, order_corners, pixel_box, quad_box, reading_order
from ocr.types import Box, Line

UNIT = st.floats(0, 1)


def test_corners_are_ordered_clockwise_from_top_left() -> None:
    shuffled = np.array([[90, 40], [10, 10], [12, 42], [88, 8]], dtype=np.float32)
    assert order_corners(shuffled).tolist() == [[10, 10], [88, 8], [90, 40], [12, 42]]


def test_a_line_is_cut_out_level() -> None:
    image = np.zeros((100, 200, 3), dtype=np.uint8)
    image[40:60, 30:150] = 255
    crop = crop_quad(image, np.array([[30, 40], [149, 40], [149, 59], [30, 59]], dtype=np.float32))
    assert crop.shape[1] > 5 * crop.shape[0]
    assert crop.mean() > 240


def test_text_that_runs_down_is_laid_on_its_side_top_first() -> None:
    image = np.zeros((200, 100, 3), dtype=np.uint8)
    image[20:60, 40:60] = 255
    crop = crop_quad(image, np.array([[40, 20], [59, 20], [59, 179], [40, 179]], dtype=np.float32))
    assert crop.shape[1] > crop.shape[0]
    assert crop[:, : crop.shape[1] // 5].mean() > 200 > crop[:, crop.shape[1] // 2 :].mean()


@given(st.lists(UNIT, min_size=1, max_size=12, unique=True).map(sorted), st.booleans())
def test_characters_stand_in_their_line_without_overlap(middles: list[float], vertical: bool) -> None:
    text = "学" * len(middles)
    box = Box(0.1, 0.2, 0.9, 0.3)
    chars = character_boxes(text, middles, box, 20.0, vertical=vertical)
    assert len(chars) == len(text)
    for char in chars:
        assert box.left - 1e-9 <= char.left <= char.right <= box.right + 1e-9
    starts = [c.top if vertical else c.left for c in chars]
    ends = [c.bottom if vertical else c.right for c in chars]
    assert all(end <= start + 1e-9 for end, start in zip(ends, starts[1:], strict=False))


def test_a_line_without_positions_has_no_character_boxes() -> None:
    assert character_boxes("学分", [0.5], Box(0, 0, 1, 1), 2.0, vertical=False) == ()


def test_lines_are_read_row_by_row() -> None:
    def line(text: str, left: float, top: float) -> Line:
        return Line(text, 1.0, Box(left, top, left + 0.2, top + 0.04))

    lines = [line("d", 0.5, 0.31), line("c", 0.1, 0.3), line("b", 0.6, 0.1), line("a", 0.1, 0.11)]
    assert [item.text for item in reading_order(lines)] == ["a", "b", "c", "d"]


@given(UNIT, UNIT, UNIT, UNIT)
def test_a_box_in_pixels_is_never_empty_and_lies_in_the_image(a: float, b: float, c: float, d: float) -> None:
    left, top, right, bottom = pixel_box(Box(min(a, b), min(c, d), max(a, b), max(c, d)), 50, 30)
    assert 0 <= left < right <= 50
    assert 0 <= top < bottom <= 30


def test_a_quad_beyond_the_page_is_clamped() -> None:
    box = quad_box(np.array([[-5, -5], [60, 0], [60, 40], [0, 40]], dtype=np.float32), 50, 30)
    assert box.as_list() == [0, 0, 1, 1]
