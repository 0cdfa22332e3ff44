"""From the recogniser's probabilities to slots: what else each character that was read can be. Pure.

The recogniser (CTC) gives a distribution over its dictionary and a blank for each column of a line. Most columns are
surely blank; the others, some 15 of 40, are put together into one slot for each character read, and one for each place
between two of them where a character nearly was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.types import Slot

BLANK = 0
KEPT = 8
# A column counts unless it is blank by this much; a character of a column counts from the second figure.
_SURELY_BLANK = 0.999
_LEAST = 1e-4
# Between characters, something is worth telling from here on.
_NEARLY = 0.004
_DIGITS = 4

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """A slot with its place: the column in which it is the surest, `read` if the character counts as read."""

    column: int
    read: bool
    chars: str
    probs: tuple[float, ...]
    blank: float


def slots_seen(columns: Probabilities, characters: Sequence[str]) -> list[Seen]:
    """Return the slots of one line in order: `columns` is (columns, dictionary) with the blank first.

    Those that are `read` are the characters of the line's text, one for one.
    """
    found: list[Seen] = []
    active = [_Column.of(int(index), columns[index]) for index in np.flatnonzero(columns[:, BLANK] < _SURELY_BLANK)]
    group: list[_Column] = []
    for column in active:
        if group and (column.index != group[-1].index + 1 or column.top != group[-1].top):
            found.extend(_slot(group, found, characters))
            group = []
        group.append(column)
    if group:
        found.extend(_slot(group, found, characters))
    return found


def placed(seen: Sequence[Seen]) -> tuple[Slot, ...]:
    """Return the slots with the place in the text that each has."""
    out: list[Slot] = []
    at = 0
    for slot in seen:
        out.append(Slot(at, slot.chars, slot.probs, slot.blank))
        at += slot.read
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column that is not surely blank: its likeliest entry, and the probability of each that counts."""

    index: int
    top: int
    blank: float
    entries: dict[int, float]

    @classmethod
    def of(cls, index: int, row: Probabilities) -> "_Column":
        likely = np.flatnonzero(row > _LEAST)
        if likely.size > KEPT:
            likely = likely[np.argpartition(row[likely], -KEPT)[-KEPT:]]
        entries = {int(entry): float(row[entry]) for entry in likely}
        entries.pop(BLANK, None)
        blank = float(row[BLANK])
        top = max(entries, key=entries.__getitem__, default=BLANK)
        return cls(index, BLANK if blank >= entries.get(top, 0.0) else top, blank, entries)


def _slot(group: Sequence[_Column], before: Sequence[Seen], characters: Sequence[str]) -> list[Seen]:
    """Return the slot of neighbouring columns with the same top, none where nothing is worth telling."""
    read = group[0].top != BLANK
    told = _once(group) if read and len(group) > 1 else _most(group)
    if not read:
        # the tail of the character before
        tail = before[-1].chars[:1] if before and before[-1].column >= group[0].index - 2 else ""
        told = {entry: p for entry, p in told.items() if characters[entry] != tail}
        if max(told.values(), default=0.0) < _NEARLY:
            return []
    best = sorted(told, key=told.__getitem__, reverse=True)[:KEPT]
    chars = "".join(characters[entry] for entry in best)
    probs = tuple(round(told[entry], _DIGITS) for entry in best)
    blank = float(np.prod([column.blank for column in group]))
    middle = min(group, key=lambda column: column.blank).index if not read else group[0].index
    return [Seen(middle, read, chars, probs, round(blank, _DIGITS))] if len(chars) == len(best) else []


def _most(group: Sequence[_Column]) -> dict[int, float]:
    """Return the highest probability of each entry in any of the columns."""
    total: dict[int, float] = {}
    for column in group:
        for entry, p in column.entries.items():
            total[entry] = max(p, total.get(entry, 0.0))
    return total


def _once(group: Sequence[_Column]) -> dict[int, float]:
    """Return for each entry how likely these columns say it once: any stretch of it, blank before and after."""
    blanks = [column.blank for column in group]
    total: dict[int, float] = {}
    for entry in {entry for column in group for entry in column.entries}:
        said = [column.entries.get(entry, 0.0) for column in group]
        total[entry] = min(sum(_stretches(said, blanks)), 1.0)
    return total


def _stretches(said: Sequence[float], blanks: Sequence[float]) -> list[float]:
    """Return the probability of each stretch: said from one column to another, blank elsewhere."""
    out: list[float] = []
    before = 1.0
    for start in range(len(said)):
        run = before
        for end in range(start, len(said)):
            run *= said[end]
            if run < _LEAST * _LEAST:
                break
            after = float(np.prod(blanks[end + 1 :])) if end + 1 < len(blanks) else 1.0
            out.append(run * after)
        before *= blanks[start]
        if before < _LEAST:
            break
    return out
