"""A page that was taken for upright and stands on its head is turned, with its lines."""

import numpy as np

from ocr.upright import UprightPage, on_its_head


def page() -> UprightPage:
    image = np.arange(60 * 100 * 3, dtype=np.uint32).reshape(60, 100, 3).astype(np.uint8)
    line = np.array([[10, 5], [50, 5], [50, 15], [10, 15]], np.float32)
    return UprightPage(image, image, (line,), 0, 0.5, False, ())


def test_a_line_lies_where_its_pixels_lie() -> None:
    turned = on_its_head(page())
    (line,) = turned.quads
    assert turned.rotation == 180
    assert line.tolist() == [[50, 45], [90, 45], [90, 55], [50, 55]]
    assert (turned.image == page().image[::-1, ::-1]).all()


def test_turning_twice_changes_nothing() -> None:
    again = on_its_head(on_its_head(page()))
    assert again.rotation == 0
    assert again.skew == page().skew
    assert (again.quads[0] == page().quads[0]).all()
    assert (again.shown == page().shown).all()
