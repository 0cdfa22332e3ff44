"""Page repair: each step acts where it should, and leaves good pages alone."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.preprocess import (
    cut_out,
    find_page,
    invert,
    is_blank,
    is_dark,
    level_light,
    skew,
    straighten,
    turn,
    uneven_light,
)
from ocr.seals import print_alone, red_share, seal_bands, without_red

Image = NDArray[np.uint8]


def page(height: int = 1000, width: int = 700) -> Image:
    """Draw a white page with a printed frame and lines of words."""
    image = np.full((height, width, 3), 250, dtype=np.uint8)
    cv2.rectangle(image, (30, 30), (width - 30, height - 30), (40, 60, 160), 6)
    for y in range(120, height - 100, 60):
        cv2.putText(image, "certificate of training", (80, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 20), 2)
    return image


def photographed(image: Image) -> tuple[Image, NDArray[np.float32]]:
    """Lay the page askew on a brown table; return the picture and the page's corners in it."""
    height, width = image.shape[:2]
    corners = np.array([[90, 60], [width + 40, 110], [width + 90, height + 100], [40, height + 60]], dtype=np.float32)
    start = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    size = (width + 160, height + 180)
    matrix = cv2.getPerspectiveTransform(start, corners)
    table = np.full((size[1], size[0], 3), (60, 90, 120), dtype=np.uint8)
    warped = cv2.warpPerspective(image, matrix, size)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    table[mask > 0] = warped[mask > 0]
    return table, corners


def test_a_page_on_a_table_is_found_and_cut_out() -> None:
    picture, corners = photographed(page())
    found = find_page(picture)
    assert found is not None
    assert np.abs(found - corners).max() < 15
    cut = cut_out(picture, found)
    assert abs(cut.shape[1] / cut.shape[0] - 0.7) < 0.08


def test_a_printed_frame_is_not_a_page_edge() -> None:
    assert find_page(page()) is None
    tilted, _ = straighten(page(), (), 3.0)
    assert find_page(tilted) is None


def test_a_card_on_a_screenshot_is_left_alone() -> None:
    screen = np.full((900, 1600, 3), 230, dtype=np.uint8)
    screen[100:800, 200:1400] = 255
    assert find_page(screen) is None


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_four_turns_come_back(degrees: int) -> None:
    image = page()
    assert np.array_equal(turn(turn(image, degrees), (360 - degrees) % 360), image)
    assert turn(image, 90)[0, -1].tolist() == image[0, 0].tolist()


@pytest.mark.parametrize("angle", [-4.0, -1.0, 2.0, 5.0])
def test_skew_is_measured_and_undone(angle: float) -> None:
    level = [np.array([[80, y], [600, y], [600, y + 30], [80, y + 30]], dtype=np.float32) for y in (100, 300, 500)]
    _, tilted = straighten(page(), level, -angle)
    assert skew(tilted) == pytest.approx(angle, abs=0.1)
    _, again = straighten(page(), tilted, skew(tilted))
    assert skew(again) == pytest.approx(0, abs=0.1)


def test_a_page_without_long_lines_has_no_skew() -> None:
    assert skew([np.array([[0, 0], [20, 10], [15, 30], [-5, 20]], dtype=np.float32)]) == 0.0


def test_dark_mode_is_told_from_a_dim_photo() -> None:
    dim = (page().astype(np.float32) * np.linspace(0.2, 0.9, 700)[None, :, None]).astype(np.uint8)
    assert is_dark(invert(page()))
    assert not is_dark(page())
    assert not is_dark(dim)
    on_a_table = np.full((1000, 1400, 3), 55, dtype=np.uint8)
    on_a_table[:, 700:] = page()[:1000, :700]
    assert not is_dark(on_a_table)


def test_uneven_light_is_levelled() -> None:
    dim = (page().astype(np.float32) * np.linspace(0.3, 1.0, 700)[None, :, None]).astype(np.uint8)
    assert uneven_light(dim) < 0.5
    assert uneven_light(page()) > 0.9
    assert uneven_light(level_light(dim)) > 0.85


def test_blank_pages_are_told_from_a_line_of_text() -> None:
    blank = np.full((2000, 1400, 3), 244, dtype=np.uint8)
    noise = np.random.default_rng(1).normal(0, 4, blank.shape)
    assert is_blank(np.clip(blank + noise, 0, 255).astype(np.uint8))
    cv2.putText(blank, "page two", (600, 1000), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (60, 60, 60), 3)
    assert not is_blank(blank)


def sealed() -> Image:
    image = page()
    cv2.circle(image, (450, 700), 80, (60, 60, 220), 6)
    cv2.circle(image, (450, 700), 20, (60, 60, 220), -1)
    return image


def test_a_seal_is_found_and_faded_while_print_stays() -> None:
    image = sealed()
    (band,) = seal_bands(image)
    assert band.top < 620
    assert band.bottom > 780
    assert band.ink[700 - band.top, 450]
    faded = without_red(image)
    assert red_share(faded) == 0.0
    assert faded[700, 450].min() > 200
    assert faded.min() < 40


def test_a_page_without_red_has_no_seal() -> None:
    plain = page()
    plain[:, :, 0] = plain[:, :, 2]
    assert seal_bands(plain) == []


def test_the_ring_of_a_copied_seal_is_found_but_no_frame() -> None:
    copied = np.asarray(cv2.cvtColor(cv2.cvtColor(sealed(), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    (band,) = seal_bands(copied)
    assert band.top < 620
    assert band.bottom > 780
    framed = np.full((1000, 700, 3), 240, dtype=np.uint8)
    cv2.rectangle(framed, (370, 620), (530, 780), (90, 90, 90), 6)
    assert seal_bands(framed) == []


def test_seals_side_by_side_are_one_band() -> None:
    image = sealed()
    cv2.circle(image, (290, 700), 82, (60, 60, 220), 6)
    assert len(seal_bands(image)) == 1


def test_only_the_darkest_print_is_left() -> None:
    image = np.full((400, 700, 3), 240, dtype=np.uint8)
    cv2.putText(image, "COPY", (60, 300), cv2.FONT_HERSHEY_SIMPLEX, 3, (210, 215, 215), 8)
    cv2.circle(image, (450, 150), 80, (60, 60, 220), 6)
    cv2.rectangle(image, (380, 140), (520, 160), (30, 30, 30), -1)
    printed = print_alone(image)
    assert np.percentile(printed[200:], 1) > 150
    assert printed[60:130].min() > 250
    assert printed[145:155, 390:510].max() < 5
