"""Fits the curves of ocr/calibration.yaml: isotonic, drawn towards a prior where there is little evidence. Pure.

Rightness is mostly the field's own affair: what the belief cannot know (a second issuer left out) shows in its curve's
height. So a field's curve is fitted on its own values together with a number of made-up ones from the pooled curve, and
the pooled one with made-up ones on the diagonal: few values can neither lift a doubted value nor sink a field.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression

from ocr.calibration import Curve, capped

# Beliefs at which made-up values stand, and how many of them at each for the pooled curve.
GRID = tuple(round(0.05 * step, 2) for step in range(21))
DIAGONAL_WEIGHT = 2.0
# How many values from the pooled curve a field's own evidence is weighed against.
SHARED_WEIGHT = 60.0
FEWEST = 80
# A step of the isotonic fit on fewer values than this is joined with its neighbour.
BLOCK = 8.0
LOWEST, HIGHEST = 0.02, 0.996


@dataclass(frozen=True, slots=True)
class Observation:
    """A value that the reader gave: where, how much it believed it, and whether it was right."""

    file: str
    field: str
    belief: float
    right: bool
    source: str = "ocr"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted curves."""

    pooled: Curve
    fields: Mapping[str, Curve]

    def at(self, seen: Observation) -> float:
        """Return the confidence that a value of a field or a row will have."""
        return capped(seen.belief, self.fields.get(seen.field, self.pooled).at(seen.belief))


Method = Callable[[Sequence[Observation]], Fitted]


def as_believed(_: Sequence[Observation]) -> Fitted:
    """Return beliefs as they are: what the others are held against."""
    return Fitted(Curve(((0.0, 0.0), (1.0, 1.0))), {})


def pooled(seen: Sequence[Observation]) -> Fitted:
    """Return one curve for all fields."""
    return Fitted(pooled_curve(seen), {})


def shrunk(seen: Sequence[Observation]) -> Fitted:
    """Return a curve for every field with enough values, drawn towards the pooled one."""
    common = pooled_curve(seen)
    by_field: dict[str, list[Observation]] = defaultdict(list)
    for one in seen:
        by_field[one.field].append(one)
    spread = np.quantile([one.belief for one in seen], np.linspace(0.01, 0.99, 40))
    own = {
        name: field_curve(values, common, spread.tolist())
        for name, values in sorted(by_field.items())
        if len(values) >= FEWEST
    }
    return Fitted(common, own)


METHODS: dict[str, Method] = {"as believed": as_believed, "pooled": pooled, "shrunk": shrunk}


def pooled_curve(seen: Iterable[Observation]) -> Curve:
    """Return the curve of all values together, the diagonal as prior."""
    points = [(one.belief, float(one.right), 1.0) for one in seen]
    return _isotonic([*points, *((belief, belief, DIAGONAL_WEIGHT) for belief in GRID)])


def field_curve(seen: Iterable[Observation], common: Curve, spread: Sequence[float]) -> Curve:
    """Return one field's curve, the common one as prior at the beliefs of `spread`."""
    weight = SHARED_WEIGHT / len(spread)
    prior = [(belief, common.at(belief), weight) for belief in spread]
    # where hardly any value lies the common curve still rules: a field's few doubted values stay doubted
    prior += [(belief, common.at(belief), DIAGONAL_WEIGHT) for belief in GRID]
    return _isotonic([*((one.belief, float(one.right), 1.0) for one in seen), *prior])


def _isotonic(points: Sequence[tuple[float, float, float]]) -> Curve:
    """Return the rising curve nearest to weighted points (belief, right, weight): a knot for each of its steps."""
    beliefs, rights, weights = (np.array(column) for column in zip(*sorted(points), strict=True))
    levels = IsotonicRegression(y_min=0.0, y_max=1.0).fit_transform(beliefs, rights, sample_weight=weights)
    blocks: list[list[float]] = []  # weight, weighted belief, weighted level
    last = None
    for belief, level, weight in zip(beliefs, levels, weights, strict=True):
        if level != last and (not blocks or blocks[-1][0] >= BLOCK):
            blocks.append([0.0, 0.0, 0.0])
        last = level
        blocks[-1][0] += weight
        blocks[-1][1] += weight * belief
        blocks[-1][2] += weight * level
    return _curve([(b / w, p / w) for w, b, p in blocks])


def _curve(knots: Sequence[tuple[float, float]]) -> Curve:
    rounded: list[tuple[float, float]] = [(0.0, LOWEST)]
    for belief, frequency in knots:
        knot = (round(float(belief), 4), round(min(max(float(frequency), LOWEST), HIGHEST), 4))
        if knot[0] > rounded[-1][0] and knot[1] > rounded[-1][1]:
            rounded.append(knot)
    return Curve(tuple(rounded))
