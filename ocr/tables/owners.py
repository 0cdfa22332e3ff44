"""Whose stroke is it? Each is given to the cell that holds most of it, and doubted where that does not tell."""

from collections.abc import Sequence
from dataclasses import dataclass

Corners = tuple[int, int, int, int]

# A stroke's part in another cell counts there if it is this large against its main part, or reaches so far inside.
_OWN_PART = 0.6
_DOUBTFUL_PART = 0.3
_SHALLOW = 0.45
_DEEP = 0.62
_WIDEST = 3
# Strokes smaller than this share of the row's height are specks.
_SPECK = 0.17
_SPECK_PIXELS = 7.0
USUAL_ROW = 60
SWEEP = (1.1, 0.35)
_TALL = 0.45
_WELL_INSIDE = 0.3
_EDGE_ZONE = 0.12


@dataclass(slots=True)
class Part:
    """The pixels of one stroke (joined across rules) in one cell, and the word it belongs to."""

    stroke: int
    word: int
    count: int
    left: int
    top: int
    right: int
    bottom: int
    strong: int


class Groups:
    """Strokes or words: how many of their pixels lie in each cell, and how far they reach in all."""

    def __init__(self) -> None:
        """Begin empty."""
        self.counts: dict[tuple[int, int], int] = {}
        self.main: dict[int, tuple[int, int]] = {}
        self.box: dict[int, list[int]] = {}

    def add(self, group: int, cell: int, part: Part) -> None:
        """Count a part in."""
        total = self.counts.get((group, cell), 0) + part.count
        self.counts[group, cell] = total
        if total > self.main.get(group, (0, 0))[0]:
            self.main[group] = total, cell
        box = self.box.setdefault(group, [part.left, part.top, part.right, part.bottom])
        box[0], box[1] = min(box[0], part.left), min(box[1], part.top)
        box[2], box[3] = max(box[2], part.right), max(box[3], part.bottom)

    def share(self, group: int, cell: int) -> float:
        """Return how much of a group lies in a cell, against the cell that holds most of it."""
        return self.counts[group, cell] / max(self.main[group][0], 1)


def own_parts(
    corners: Sequence[Corners],
    number: int,
    parts: Sequence[Part],
    strokes: Groups,
    words: Groups,
    written: Sequence[bool],
) -> tuple[list[Part], bool]:
    """Return the parts that were meant for this cell, and whether that is in doubt."""
    cell = corners[number]
    inner = inner_box(*cell)
    smallest = max(_SPECK * min(cell[3] - cell[1], USUAL_ROW), _SPECK_PIXELS)
    kept, doubt = [], False
    firm: list[Part] = []
    loose: list[Part] = []
    for part in parts:
        if max(part.right - part.left, part.bottom - part.top) < smallest or not _reaches(part, inner):
            continue
        groups = [(strokes, part.stroke)]
        if written[number] and written[words.main[part.word][1]]:
            groups.append((words, part.word))
        group, key = min(groups, key=lambda item: item[0].share(item[1], number))
        share = group.share(key, number)
        home = group.main[key][1]
        deep = _depth(part, cell, None if home == number else corners[home], group.box[key])
        if share >= _OWN_PART:
            kept.append(part)
            doubt |= deep <= _SHALLOW
            firm += [part] if deep > _SHALLOW else []
            continue
        if strokes.share(part.stroke, number) >= _OWN_PART:
            loose.append(part)
        else:
            doubt |= deep > _SHALLOW and (deep < _DEEP or share < _DOUBTFUL_PART)
            if deep > _SHALLOW:
                kept.append(part)
    kept, doubt = _with_loose(cell, kept, loose, doubt=doubt)
    # where a whole signature stands, what else comes in from beside it changes nothing
    return kept, doubt and not is_signature(cell, firm)


def _with_loose(cell: Corners, kept: list[Part], loose: list[Part], *, doubt: bool) -> tuple[list[Part], bool]:
    """Judge strokes that lie in the cell but stand close to more writing beyond its border.

    Two signatures one below the other nearly touch; so do the upper parts of a signature that stands too high. The
    former are as wide and tall as a signature, with their middle well inside the cell.
    """
    if not loose:
        return kept, doubt
    both = [*kept, *loose]
    if is_signature(cell, both):
        return both, doubt
    height = max(cell[3] - cell[1], 1)
    reach = min(max(part.bottom - cell[1] for part in loose), max(cell[3] - part.top for part in loose)) / height
    if reach <= _SHALLOW:
        return kept, doubt
    return both, True


def is_signature(cell: Corners, parts: Sequence[Part], wide_as: float = SWEEP[0]) -> bool:
    """Return whether strokes are as wide and tall as a signature, with their middle well inside the cell.

    `wide_as` is the least width in heights of a row; where there is much ink, a name of two characters will do.
    """
    if not parts:
        return False
    height = max(cell[3] - cell[1], 1)
    wide = max(part.right for part in parts) - min(part.left for part in parts)
    tall = max(part.bottom for part in parts) - min(part.top for part in parts)
    middle = sum(part.count * (part.top + part.bottom) / 2 for part in parts) / sum(part.count for part in parts)
    inside = min(middle - cell[1], cell[3] - middle) / height
    return inside >= _WELL_INSIDE and tall >= _TALL * height and wide >= wide_as * min(height, USUAL_ROW)


def inner_box(left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
    """Return the inside of a cell, away from its rules."""
    margin_x = max(4, int(0.04 * (right - left)))
    margin_y = max(4, int(_EDGE_ZONE * (bottom - top)))
    return left + margin_x, top + margin_y, right - margin_x, bottom - margin_y


def _reaches(part: Part, inner: tuple[int, int, int, int]) -> bool:
    """Return whether a stroke comes inside the cell, beyond what a crooked rule leaves at its edges."""
    return part.right > inner[0] and part.left < inner[2] and part.bottom > inner[1] and part.top < inner[3]


def _depth(part: Part, cell: Corners, home: Corners | None, group: Sequence[int]) -> float:
    """Return how far (0..1) a stroke reaches into a cell from the side of its home, the cell with most of it.

    In its home (None) a stroke is measured from the sides where it leaves.
    """
    left, top, right, bottom = cell
    height, width = bottom - top, min(right - left, _WIDEST * (bottom - top))
    above, below = (home[3] <= top, home[1] >= bottom) if home else (group[1] < top, group[3] > bottom)
    before, after = (home[2] <= left, home[0] >= right) if home else (False, False)
    depths = []
    if above:
        depths.append((part.bottom - top) / height)
    if below:
        depths.append((bottom - part.top) / height)
    if before:
        depths.append((part.right - left) / width)
    if after:
        depths.append((right - part.left) / width)
    return min(depths, default=1.0)
