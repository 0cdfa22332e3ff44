"""Ruling lines of a page: long thin strokes, broken or a little tilted or bent, as curves in pixels.

Horizontal rules are curves y(x), vertical ones x(y); both are handled as "across as a function of along".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Span = tuple[float, float]

# All lengths are pixels of an image whose long side is about WORKING_SIDE: 200 dpi A4.
WORKING_SIDE = 2200
_SHORTEST_PIECE = 40
_THICKEST = 12.0
_STEP = 16
_JOIN_OFFSET = 4.0
_JOIN_SLOPE = 0.012
_STEEPEST = 0.12
_SHORTEST_RULE = 70.0
# A rule is bent (page curl) only if it is long enough to tell.
_BEND_FROM = 500.0
_DOUBLE_RULE = 9.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One ruling line as a polynomial across(along).

    `coefficients` stand highest power first; `spans` are the stretches where ink was seen; in `domain` the polynomial
    holds, beyond it the rule goes straight on. `seeds` are the stretches that stood out by themselves, before the rule
    was traced further.
    """

    coefficients: tuple[float, ...]
    spans: tuple[Span, ...]
    domain: Span
    seeds: tuple[Span, ...] = ()

    @property
    def low(self) -> float:
        """Where the rule begins, along its direction."""
        return self.spans[0][0]

    @property
    def high(self) -> float:
        """Where the rule ends, along its direction."""
        return self.spans[-1][1]

    @property
    def covered(self) -> float:
        """How many pixels of it were seen."""
        return sum(high - low for low, high in self.spans)

    @property
    def slope(self) -> float:
        """Mean slope over its length."""
        length = max(self.high - self.low, 1.0)
        return (self.at(self.high) - self.at(self.low)) / length

    def at(self, along: float) -> float:
        """Return the position across at a position along; straight on beyond the ends."""
        inside = min(max(along, self.domain[0]), self.domain[1])
        value = slope = 0.0
        for coefficient in self.coefficients:
            slope = slope * inside + value
            value = value * inside + coefficient
        return value + slope * (along - inside)

    def coverage(self, low: float, high: float) -> float:
        """Return the share of the stretch low..high where ink was seen."""
        return span_coverage(self.spans, low, high)

    def touches(self, along: float, reach: float) -> bool:
        """Return whether ink was seen within `reach` of a position along."""
        return any(a - reach <= along <= b + reach for a, b in self.spans)


def span_coverage(spans: Sequence[Span], low: float, high: float) -> float:
    """Return the share of the stretch low..high that lies in the spans."""
    if high <= low:
        return 0.0
    seen = sum(max(min(b, high) - max(a, low), 0.0) for a, b in spans)
    return min(seen / (high - low), 1.0)


def binarise(gray: Image) -> Image:
    """Return ink (255) on a grey page, against the local brightness, so that shadows do not count."""
    smooth = cv2.GaussianBlur(gray, (3, 3), 0)
    return cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 7).astype(np.uint8)


def find_rules(ink: Image, bridge: int = 1) -> tuple[list[Rule], list[Rule]]:
    """Return the horizontal and the vertical rules in a binary image. `bridge` closes gaps of dotted lines (pixels)."""
    return _along_x(ink, bridge), _along_x(np.ascontiguousarray(ink.T), bridge)


def _along_x(ink: Image, bridge: int) -> list[Rule]:
    mask = ink
    if bridge > 1:
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, bridge), np.uint8)).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((3, 1), np.uint8)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, _SHORTEST_PIECE), np.uint8)).astype(np.uint8)
    return _join(_pieces(mask))


def _pieces(mask: Image) -> list[Floats]:
    """Return each thin component as rows of (along, across), one point every few pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return []
    owner = labels[rows, columns]
    order = np.argsort(owner, kind="stable")
    rows, columns, owner = rows[order], columns[order], owner[order]
    starts = np.searchsorted(owner, np.arange(1, len(stats) + 1))
    pieces = []
    for label in range(1, len(stats)):
        width = int(stats[label, cv2.CC_STAT_WIDTH])
        area = int(stats[label, cv2.CC_STAT_AREA])
        if width < _SHORTEST_PIECE or area > _THICKEST * width or stats[label, cv2.CC_STAT_HEIGHT] > width / 2:
            continue
        part = slice(starts[label - 1], starts[label])
        pieces.append(_skeleton(columns[part], rows[part]))
    return pieces


def _skeleton(along: NDArray[np.int64], across: NDArray[np.int64]) -> Floats:
    first = int(along.min())
    bins = (along - first) // _STEP
    count = np.bincount(bins)
    middle = np.bincount(bins, weights=across) / np.maximum(count, 1)
    place = np.bincount(bins, weights=along) / np.maximum(count, 1)
    points = np.column_stack([place, middle])[count > 0]
    points[0, 0], points[-1, 0] = first, float(along.max())
    if len(points) == 1:
        points = np.array([[first, points[0, 1]], [float(along.max()), points[0, 1]]])
    return points.astype(np.float64)


def _join(pieces: Sequence[Floats]) -> list[Rule]:
    """Join pieces that continue one another, longest first, and fit a curve through each chain."""
    ordered = sorted(pieces, key=lambda piece: piece[0, 0] - piece[-1, 0])
    tilt = _common_slope(ordered)
    chains: list[list[Floats]] = []
    for piece in ordered:
        chain = next((chain for chain in chains if _continues(chain, piece, tilt)), None)
        if chain is None:
            chains.append([piece])
        else:
            chain.append(piece)
    rules = [_fit(chain) for chain in chains]
    return [rule for rule in rules if rule.covered >= _SHORTEST_RULE and abs(rule.slope) < _STEEPEST]


def _common_slope(pieces: Sequence[Floats]) -> float:
    slopes = [(p[-1, 1] - p[0, 1]) / max(p[-1, 0] - p[0, 0], 1.0) for p in pieces[:40]]
    return float(np.median(slopes)) if slopes else 0.0


def _continues(chain: Sequence[Floats], piece: Floats, tilt: float) -> bool:
    """Return whether a piece lies on the straight continuation of the chain's nearest piece."""
    gaps = [max(piece[0, 0] - part[-1, 0], part[0, 0] - piece[-1, 0]) for part in chain]
    nearest = chain[int(np.argmin(np.abs(gaps)))]
    gap = min(gaps, key=abs)
    if gap < -_STEP:
        # side by side: the two edges of a thick or double rule
        at = np.interp(piece[:, 0], nearest[:, 0], nearest[:, 1])
        inside = (piece[:, 0] >= nearest[0, 0]) & (piece[:, 0] <= nearest[-1, 0])
        return bool(inside.any()) and float(np.abs(piece[inside, 1] - at[inside]).max()) <= _JOIN_OFFSET
    before = piece[0, 0] >= nearest[-1, 0] - _STEP
    here, there = (nearest[-1], piece[0]) if before else (nearest[0], piece[-1])
    run = max(nearest[-1, 0] - nearest[0, 0], 1.0)
    own = (nearest[-1, 1] - nearest[0, 1]) / run
    slope = own if run > _BEND_FROM / 2 else tilt
    expected = here[1] + slope * (there[0] - here[0])
    return bool(abs(there[1] - expected) <= _JOIN_OFFSET + _JOIN_SLOPE * abs(gap))


def _fit(chain: Sequence[Floats]) -> Rule:
    points = np.concatenate(chain)
    length = float(points[:, 0].max() - points[:, 0].min())
    degree = 2 if length >= _BEND_FROM else 1
    coefficients = np.polyfit(points[:, 0], points[:, 1], degree)
    off = np.abs(points[:, 1] - np.polyval(coefficients, points[:, 0]))
    keep = off <= max(2.0, 2 * float(np.median(off)))
    if keep.sum() > degree + 1:
        coefficients = np.polyfit(points[keep, 0], points[keep, 1], degree)
    spans = merge_spans([(float(part[0, 0]), float(part[-1, 0])) for part in chain])
    return Rule(tuple(float(c) for c in coefficients), spans, (spans[0][0], spans[-1][1]), spans)


def merge_spans(spans: Sequence[Span], gap: float = 3.0) -> tuple[Span, ...]:
    """Return stretches sorted and united where they overlap or nearly touch."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def unite_doubles(rules: Sequence[Rule], along: float, apart: float = _DOUBLE_RULE) -> list[Rule]:
    """Return rules in order across at a position along; rules that run closer than `apart` become one."""
    result: list[Rule] = []
    for rule in sorted(rules, key=lambda item: item.at(along)):
        if result and _close(result[-1], rule, apart):
            first, second = sorted((result[-1], rule), key=lambda item: -item.covered)
            spans, seeds = ([*first.spans, *second.spans], [*first.seeds, *second.seeds])
            result[-1] = replace(first, spans=merge_spans(spans), seeds=merge_spans(seeds))
        else:
            result.append(rule)
    return result


def _close(one: Rule, other: Rule, apart: float) -> bool:
    """Return whether two rules run side by side, or one goes on where the other ends, within `apart`."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    places = (low, (low + high) / 2, high) if low < high else ((low + high) / 2,)
    return all(abs(one.at(p) - other.at(p)) <= apart for p in places)
