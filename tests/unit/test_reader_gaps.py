"""Ink that no line covers is looked at again; ordinary pages have none."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.gaps import missed_bands

ROWS = (120, 200, 280, 360, 440)


def page() -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """Return a page of five printed lines, and where they stand."""
    image = np.full((600, 900, 3), 245, dtype=np.uint8)
    quads = []
    for y in ROWS:
        cv2.putText(image, "certificate of training 36", (80, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (90, 90, 90), 2)
        quads.append(np.array([[75, y - 32], [640, y - 32], [640, y + 12], [75, y + 12]], dtype=np.float32))
    return image, quads


def test_a_page_whose_lines_were_all_found_has_no_gap() -> None:
    image, quads = page()
    cv2.line(image, (40, 500), (860, 500), (60, 60, 60), 3)
    cv2.rectangle(image, (20, 20), (880, 580), (60, 60, 60), 4)
    assert missed_bands(image, quads) == []


def test_a_lost_line_is_a_band_that_holds_it() -> None:
    image, quads = page()
    cv2.circle(image, (640, 260), 70, (120, 120, 120), 4)
    ((top, bottom),) = missed_bands(image, [*quads[:2], *quads[3:]])
    assert 200 < top < 260
    assert 280 < bottom < 335


def test_a_pattern_is_no_lost_line() -> None:
    image, quads = page()
    for y in range(20, 600, 22):
        cv2.line(image, (0, y), (900, y), (120, 120, 120), 9)
    assert missed_bands(image, quads) == []


def test_a_page_with_hardly_a_line_is_left_alone() -> None:
    image, quads = page()
    assert missed_bands(image, quads[:2]) == []
