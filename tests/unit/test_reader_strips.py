"""A long strip is looked at piece by piece, every part of it once."""

from itertools import pairwise

import pytest

from ocr.strips import pieces


@pytest.mark.parametrize(("length", "breadth"), [(1400, 1000), (2400, 1080), (1200, 300), (1, 1)])
def test_a_page_or_a_screen_is_one_piece(length: int, breadth: int) -> None:
    ((start, end, _, _),) = pieces(length, breadth)
    assert (start, end) == (0, length)


@pytest.mark.parametrize(("length", "breadth"), [(20_000, 300), (8_000, 1_080), (3_900, 1_290), (5_000, 200)])
def test_the_pieces_of_a_strip_cover_it_and_share_their_ends(length: int, breadth: int) -> None:
    found = list(pieces(length, breadth))
    assert len(found) > 1
    assert (found[0][0], found[-1][1]) == (0, length)
    for before, after in pairwise(found):
        assert after[0] < before[1]
        assert before[3] == after[2]
        assert after[0] < after[2] < before[1]
