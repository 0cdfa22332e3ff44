"""Filled bands of a table are turned into paper; pages without any are left alone."""

import cv2
import numpy as np

from ocr.tables.fills import lift_fills


def page() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = np.full((2200, 1556, 3), 250, np.uint8)
    for x in (200, 700, 1300):
        cv2.line(image, (x, 400), (x, 1000), (60, 60, 60), 3)
    return image


def test_a_filled_header_becomes_paper_in_a_frame() -> None:
    image = page()
    cv2.rectangle(image, (200, 320), (1300, 400), (140, 90, 40), -1)
    cv2.putText(image, "NAME", (400, 375), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 3)
    framed, clean = lift_fills(image)
    assert clean[340, 900].min() > 200
    assert clean[325:396, 390:560].min() < 150
    assert framed[318:326, 900].min() < 100
    assert framed[350, 694:707].min() < 100
    assert clean[395:408, 900].min() > 200


def test_a_page_without_fills_is_left_alone() -> None:
    image = page()
    framed, clean = lift_fills(image)
    assert framed is image
    assert clean is image
