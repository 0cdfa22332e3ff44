"""A red stamp over black print: the stamp goes, the print stays."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.seals import red_share, without_red

PAPER = (225, 240, 238)


def stamped() -> NDArray[np.uint8]:
    """Return a page with a black bar of print and a red ring over its end, as JPEG leaves it."""
    page = np.full((400, 600, 3), PAPER, np.uint8)
    cv2.circle(page, (450, 200), 70, (60, 60, 205), 4)
    cv2.rectangle(page, (100, 190), (460, 210), (30, 30, 30), -1)
    _, encoded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)


def test_the_stamp_fades_into_the_paper_and_the_print_stays() -> None:
    page = stamped()
    faded = without_red(page)
    ring: NDArray[np.uint8] = np.zeros((400, 600), np.uint8)
    cv2.circle(ring, (450, 200), 70, (255,), 2)
    ring[185:216] = 0
    assert red_share(page) > 0.005
    assert red_share(faded) < 0.0005
    assert np.abs(faded[ring > 0].astype(int).mean(axis=0) - PAPER).max() < 30
    assert faded[195:205, 110:440].mean() < 60


def test_a_page_without_red_stays_as_it_is() -> None:
    page = np.full((50, 80, 3), PAPER, np.uint8)
    page[20:30, 10:60] = 20
    assert np.array_equal(without_red(page), page)
