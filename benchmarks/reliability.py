"""How far stated confidence and observed frequency lie apart: pairs of (confidence, right) in, bins and errors out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

Stated = tuple[float, bool]

TENTHS = 10
EQUAL_MASS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """Values of about one confidence: how many, their mean confidence, and the share of them that is right."""

    count: int
    stated: float
    right: float

    def as_row(self) -> dict[str, float | int]:
        """Return the bin as plain data."""
        return {"count": self.count, "stated": round(self.stated, 4), "right": round(self.right, 4)}


def tenths(pairs: Sequence[Stated]) -> list[Bin]:
    """Return bins of equal width, empty ones left out."""
    keyed = sorted(pairs)
    return [_bin(list(group)) for _, group in groupby(keyed, key=lambda pair: min(int(pair[0] * TENTHS), TENTHS - 1))]


def equal_mass(pairs: Sequence[Stated]) -> list[Bin]:
    """Return bins of about equally many values, from the least sure to the surest; equal confidences stay together."""
    ordered = sorted(pairs, key=lambda pair: pair[0])
    bins: list[list[Stated]] = [[]]
    for _, group in groupby(ordered, key=lambda pair: pair[0]):
        if len(bins[-1]) * EQUAL_MASS >= len(ordered):
            bins.append([])
        bins[-1].extend(group)
    return [_bin(values) for values in bins if values]


def error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean gap between stated and observed, weighed by count."""
    total = sum(b.count for b in bins)
    return sum(abs(b.stated - b.right) * b.count for b in bins) / total if total else 0.0


def calibration(pairs: Sequence[Stated]) -> dict[str, object]:
    """Return both errors and both tables as plain data."""
    wide, mass = tenths(pairs), equal_mass(pairs)
    return {
        "values": len(pairs),
        "error": round(max(error(wide), error(mass)), 4),
        "error_tenths": round(error(wide), 4),
        "error_equal_mass": round(error(mass), 4),
        "tenths": [b.as_row() for b in wide],
        "equal_mass": [b.as_row() for b in mass],
    }


def _bin(values: Sequence[Stated]) -> Bin:
    count = len(values)
    return Bin(count, sum(sure for sure, _ in values) / count, sum(right for _, right in values) / count)
