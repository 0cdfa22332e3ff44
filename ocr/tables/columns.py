"""Vertical rules that are none: strokes of writing that stand above one another, in rows of signatures."""

import numpy as np

from ocr.tables.rules import Floats, Rule, span_coverage

# A border counts as drawn from this share of its length on; below the second it is not touched at all.
_FILLED = 0.75
_TOUCHED = 0.1
_HALF = 0.5
# Against the best drawn rules of the same table: how much of a rule's way must stand out by itself.
_AS_OTHERS = 0.6
_NEARLY_ALL = 0.9
# How many of the rows that a rule touches must lie on its one way.
_ON_ITS_WAY = 0.5
_BEST = 3


def drawn_throughout(rules: tuple[Rule, ...], points: Floats, shares: Floats) -> list[Rule]:
    """Return the vertical rules that are drawn along the rows they pass, as the table's best rules are.

    `points` are the grid's crossings, `shares[i, j]` says how much (0..1) of rule j is drawn along row i. The outer
    rules always stay: they may be open. A signature drops a stroke here and there into the same place; traced along,
    such strokes nearly make a line, but of themselves they are short.
    """
    ways = [_way(column) for column in shares.T]
    alone = []
    for j, (start, end) in enumerate(ways):
        top, bottom = points[start, j, 1], points[end, j, 1]
        alone.append(span_coverage(rules[j].seeds, top, bottom) if end > start and rules[j].seeds else 0.0)
    usual = sorted(alone)[-_BEST:][0] if alone else 0.0
    kept = []
    for j, (start, end) in enumerate(ways):
        outer = j in (0, len(ways) - 1)
        column = shares[start:end, j]
        whole = end > start and (alone[j] >= _AS_OTHERS * usual or float((column >= _FILLED).mean()) >= _NEARLY_ALL)
        reach = (column > _TOUCHED).sum() >= _ON_ITS_WAY * (shares[:, j] > _TOUCHED).sum()
        if outer or (whole and reach):
            kept.append(rules[j])
    return kept


def _way(shares: Floats) -> tuple[int, int]:
    """Return the stretch of rows (start, end excluded) along which a rule is mostly drawn."""
    sums = np.r_[0.0, np.cumsum(shares - _HALF)]
    best, way, low = 0.0, (0, 0), 0
    for end in range(1, len(sums)):
        if sums[end] - sums[low] > best:
            best, way = float(sums[end] - sums[low]), (low, end)
        if sums[end] < sums[low]:
            low = end
    return way
