"""Large slanting letters across a page are seen by the way their strokes go; print, frames and seals are not such."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.marks import slants

Image = NDArray[np.uint8]


def page() -> Image:
    """Draw a page of level print in a frame with a round seal."""
    paper: Image = np.full((460, 640, 3), 250, dtype=np.uint8)
    cv2.rectangle(paper, (15, 15), (625, 445), (40, 40, 200), 3)
    cv2.putText(paper, "CERTIFICATE", (200, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 20), 2, cv2.LINE_AA)
    for top in range(130, 330, 30):
        cv2.putText(paper, "took part in it from day to day", (60, top), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (30, 30, 30), 1)
    cv2.circle(paper, (500, 370), 45, (60, 60, 220), 3, cv2.LINE_AA)
    return paper


def marked(paper: Image, angle: float, colour: tuple[int, int, int], thick: int) -> Image:
    """Return a page with a large word across it, falling to the right by `angle` degrees."""
    word: Image = np.full_like(paper, 255)
    cv2.putText(word, "VOID", (170, 290), cv2.FONT_HERSHEY_SIMPLEX, 4.5, colour, thick, cv2.LINE_AA)
    turning = cv2.getRotationMatrix2D((320, 230), -angle, 1.0)
    turned = cv2.warpAffine(word, turning, (640, 460), borderValue=(255, 255, 255))
    return np.asarray(np.minimum(paper, turned), dtype=np.uint8)


def test_a_clean_page_has_no_slanting_letters() -> None:
    assert slants(page()) == []


@pytest.mark.parametrize("angle", [-45, -30, -20, 20, 30, 45])
@pytest.mark.parametrize("colour", [(200, 200, 200), (90, 90, 230)])
def test_large_slanting_letters_are_seen_at_their_angle(angle: float, colour: tuple[int, int, int]) -> None:
    found = slants(marked(page(), angle, colour, 16))
    assert any(abs(one - angle) <= 5 for one in found), found
