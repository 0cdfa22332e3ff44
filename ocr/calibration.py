"""From raw beliefs to confidences that hold: of the values shown with 0.95, 95 in 100 are right. Pure.

The reader's beliefs rank well but are no frequencies. `calibration.yaml`, fitted by `benchmarks.calibrate` on documents
whose truth is known, maps each field's belief to how often such a value is right: a curve for each field with enough
evidence, one pooled curve for the others, one for the kind of document and one for the rows of sign-in sheets. Curves
never fall, so a likelier value is never shown as less sure.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from core.errors import Invalid
from core.vocabulary import FieldName
from ocr.checks import DOUBTED
from ocr.types import DocumentReading, FieldValue, SignInRow

CURVES = Path(__file__).with_name("calibration.yaml")
# (belief, frequency): values up to this belief are shown as no surer than this, however often the documents fitted on
# were right. What another fact contradicts is a coin's throw; what the reader doubts for a reason (a signature that may
# be a smudge, two figures that could both count) is a person's to decide, and no set of samples weighs those reasons as
# life does. The pack's thresholds lie above these.
CAPS = ((DOUBTED, 0.5), (0.55, 0.58), (0.76, 0.84))
KEYS = {"fitted", "pooled", "doc_type", "row", "fields"}
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Curve:
    """A function from belief to frequency, both 0..1, that never falls: straight between its knots, flat outside."""

    knots: tuple[tuple[float, float], ...]

    def at(self, belief: float) -> float:
        """Return how often a value of this belief is right."""
        place = bisect_right(self.knots, belief, key=lambda knot: knot[0])
        if place == 0:
            return self.knots[0][1]
        if place == len(self.knots):
            return self.knots[-1][1]
        (left, low), (right, high) = self.knots[place - 1 : place + 1]
        return low + (high - low) * (belief - left) / (right - left)


@dataclass(frozen=True, slots=True)
class Calibration:
    """All curves. A field without one of its own has the pooled one."""

    pooled: Curve
    doc_type: Curve
    row: Curve
    fields: Mapping[FieldName, Curve]

    def document(self, reading: DocumentReading) -> DocumentReading:
        """Return a reading with the reader's beliefs as frequencies: of its kind, its fields and its rows."""
        return replace(
            reading,
            type_confidence=round(self.doc_type.at(reading.type_confidence), DIGITS),
            fields={name: self._field(name, value) for name, value in reading.fields.items()},
            rows=tuple(self._row(row) for row in reading.rows),
        )

    def _field(self, name: FieldName, value: FieldValue) -> FieldValue:
        return replace(value, confidence=_frequency(self.fields.get(name, self.pooled), value.confidence))

    def _row(self, row: SignInRow) -> SignInRow:
        return replace(row, confidence=_frequency(self.row, row.confidence), ink=_frequency(self.row, row.ink))


def calibrated(reading: DocumentReading) -> DocumentReading:
    """Return a reading whose confidences are frequencies, by the curves that come with the reader."""
    return curves().document(reading)


@cache
def curves() -> Calibration:
    """Return the curves of `calibration.yaml`."""
    return load_curves(CURVES)


def load_curves(path: Path) -> Calibration:
    """Read a file of curves; Invalid `calibration_invalid` names the file and what is wrong with it."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or set(data) != KEYS or not isinstance(data["fields"], dict):
        raise _invalid(path, "keys")
    unknown = set(data["fields"]) - {name.value for name in FieldName}
    if unknown:
        raise _invalid(path, ", ".join(sorted(map(str, unknown))))
    return Calibration(
        pooled=_curve(path, "pooled", data["pooled"]),
        doc_type=_curve(path, "doc_type", data["doc_type"]),
        row=_curve(path, "row", data["row"]),
        fields={FieldName(name): _curve(path, name, knots) for name, knots in data["fields"].items()},
    )


def capped(belief: float, frequency: float) -> float:
    """Return a belief's frequency, as low as its doubt calls for."""
    return min(frequency, next((cap for doubt, cap in CAPS if belief <= doubt), 1.0))


def _frequency(curve: Curve, belief: float) -> float:
    return round(capped(belief, curve.at(belief)), DIGITS)


def _curve(path: Path, name: str, knots: Any) -> Curve:
    try:
        pairs = tuple((float(belief), float(frequency)) for belief, frequency in knots)
    except (TypeError, ValueError) as error:
        raise _invalid(path, name) from error
    rising = all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(pairs))
    if not pairs or not rising or not all(0 <= value <= 1 for pair in pairs for value in pair):
        raise _invalid(path, name)
    return Curve(pairs)


def _invalid(path: Path, fact: str) -> Invalid:
    return Invalid("calibration_invalid", "{file}: the curves are damaged: {fact}.", file=path.name, fact=fact)
