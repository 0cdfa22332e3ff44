"""The longest paths of ink from left to right through pictures of rows (dynamic programming, all rows at once)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# What a step is worth: on paper, and climbing by none, one or two pixels. A step on ink is worth one.
_HOLE = -7.0
_CLIMB = (0.0, 0.12, 0.5)


@dataclass(frozen=True, slots=True)
class Path:
    """A path through a picture: its first and last column, and its row at each column between."""

    start: int
    end: int
    rows: NDArray[np.int16]


def longest_paths(fills: NDArray[np.bool_], neutral: NDArray[np.bool_], least: NDArray[np.float64]) -> list[Path]:
    """Return each row's best path: +1 for a step on ink, a heavy loss for a step on paper, a light one for climbing.

    A row that cannot hold a path of its `least` length gets an empty one: most rows are told so by their gaps alone.
    """
    alive = _alive(fills, neutral)
    found = [Path(0, 0, np.zeros(1, np.int16))] * len(fills)
    chosen = np.nonzero(_longest_run(alive) > least)[0]
    if len(chosen):
        places = np.nonzero(alive[chosen].any(axis=0))[0]
        for row, path in zip(chosen.tolist(), _search(fills[chosen], neutral[chosen], places), strict=True):
            found[row] = path
    return found


def _alive(fills: NDArray[np.bool_], neutral: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a path could be worth something if it climbed for nothing: elsewhere none goes on."""
    steps = np.where(neutral, 0.0, np.where(fills.any(axis=1), 1.0, _HOLE))
    sums = np.cumsum(steps, axis=1)
    lowest = np.minimum.accumulate(np.minimum(sums, 0.0), axis=1)
    going: NDArray[np.bool_] = sums > lowest
    return going


def _longest_run(alive: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the length of each row's longest run of true values."""
    place = np.arange(1, alive.shape[1] + 1)
    last_gap = np.maximum.accumulate(np.where(alive, 0, place), axis=1)
    longest: NDArray[np.int64] = (place - last_gap).max(axis=1, initial=0)
    return longest


def _search(fills: NDArray[np.bool_], neutral: NDArray[np.bool_], places: NDArray[np.int64]) -> list[Path]:
    """Return each row's best path over the given columns of the picture, all other columns ending every path."""
    count, height, width = fills.shape
    reach = len(_CLIMB) - 1
    ways = 2 * reach + 1
    rooms = np.full((count, height + 2 * reach), -1e3, np.float32)
    score = rooms[:, reach : reach + height]
    score[:] = 0.0
    windows = [rooms[:, d : d + height] for d in range(ways)]
    climbs = np.array([_CLIMB[abs(d)] for d in range(-reach, reach + 1)], np.float32)[:, None, None]
    options = np.empty((ways, count, height), np.float32)
    steps = np.where(neutral[:, None], 0.0, np.where(fills, 1.0, _HOLE)).astype(np.float32).transpose(2, 0, 1)
    moves = np.zeros((width, count, height), np.int8)
    begin = np.zeros((count, height), np.int32)
    index, level = np.arange(count), np.arange(height)
    rows = index[:, None]
    best = np.zeros(count, np.float32)
    best_end = np.zeros((count, 3), np.int32)
    before = -1
    for x in places.tolist():
        if x != before + 1:
            score[:] = 0.0
            begin[:] = x
        before = x
        np.stack(windows, out=options)
        options -= climbs
        choice = options.argmax(0)
        moves[x] = choice - reach
        new = options.max(0) + steps[x]
        begin = begin[rows, np.clip(level + moves[x], 0, height - 1)]
        dead = new <= 0
        begin[dead] = x + 1
        score[:] = np.where(dead, 0.0, new)
        top = score.argmax(1)
        reached = score[index, top]
        better = reached > best
        if better.any():
            best[better] = reached[better]
            best_end[better] = np.column_stack([begin[index, top], np.full(count, x), top])[better]
    return [_followed(moves[:, row], best_end[row]) for row in range(count)]


def _followed(moves: NDArray[np.int8], found: NDArray[np.int32]) -> Path:
    """Return a path from its beginning to its end, followed back from there."""
    start, end, y = (int(value) for value in found)
    rows = np.zeros(max(end - start + 1, 0), np.int16)
    for x in range(end, start - 1, -1):
        rows[x - start] = y
        y = min(max(y + int(moves[x, y]), 0), moves.shape[1] - 1)
    return Path(start, end, rows)
