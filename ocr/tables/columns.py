"""Vertical rules that are none: strokes of writing that stand above one another, in rows of signatures."""

import numpy as np
from numpy.typing import NDArray

# A border counts as drawn from this share of its length on; below the second it is not touched at all.
_FILLED = 0.75
_TOUCHED = 0.1
# Against the best drawn rules of the same table: how many of a rule's borders must be drawn.
_AS_OTHERS = 0.75
# How many of the rows that a rule touches must lie on its one unbroken way.
_ON_ITS_WAY = 0.6
_GAP_COST = 2
_BEST = 3


def drawn_throughout(shares: NDArray[np.float64]) -> list[int]:
    """Return which vertical rules are drawn through the rows they pass, as the table's best rules are.

    `shares[i, j]` says how much (0..1) of rule j is drawn along row i. The outer rules always stay: they may be open.
    A signature drops a stroke here and there into the same place, but never fills whole cells row after row.
    """
    filled = shares >= _FILLED
    ways = [_way(column) for column in filled.T]
    rates = [float(filled[start:end, j].mean()) if end > start else 0.0 for j, (start, end) in enumerate(ways)]
    usual = sorted(rates)[-_BEST:][0] if rates else 0.0
    kept = []
    for j, (start, end) in enumerate(ways):
        outer = j in (0, len(ways) - 1)
        touched = int((shares[:, j] > _TOUCHED).sum())
        long = (shares[start:end, j] > _TOUCHED).sum() >= _ON_ITS_WAY * touched
        if outer or (end > start and rates[j] >= _AS_OTHERS * usual and long):
            kept.append(j)
    return kept


def _way(filled: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the stretch of rows (start, end excluded) that a rule fills with the fewest gaps."""
    values = np.where(filled, 1, -_GAP_COST)
    sums = np.r_[0, np.cumsum(values)]
    best = (0, 0, 0)
    low = 0
    for end in range(1, len(sums)):
        if sums[end] - sums[low] > best[0]:
            best = (int(sums[end] - sums[low]), low, end)
        if sums[end] < sums[low]:
            low = end
    return best[1], best[2]
