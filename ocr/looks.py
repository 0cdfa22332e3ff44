"""Second looks at lines that a first look reads unsurely: without the red ink of a seal, or cleaned.

A second reading is taken only where it is surer than the first, so that what reads well never changes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.paddle import PaddleModels, Recognised
from ocr.repairs import ALL_REPAIRS, Repairs
from ocr.seals import red_share, without_red

Image = NDArray[np.uint8]

# Share of red pixels in a line's crop from which a seal is taken to lie over it, and from which its rim may cross it.
_SEALED = 0.04
_CROSSED = 0.003
_SURE = 0.9
_SURER = 0.02
_LEGIBLE = 0.8


def look_again(
    crops: Sequence[Image], first: Sequence[Recognised], models: PaddleModels, repairs: Repairs = ALL_REPAIRS
) -> list[Recognised]:
    """Return what the lines say after second looks: without red ink under seals, cleaned where unsure."""
    read = list(first)
    if repairs.under_seals:
        red = [red_share(crop) for crop in crops]
        touched = [index for index, share in enumerate(red) if share > _CROSSED]
        again = models.recognise([without_red(crops[index]) for index in touched])
        for index, second in zip(touched, again, strict=True):
            read[index] = _without_ink(read[index], second, sealed=red[index] > _SEALED)
    return read


def _without_ink(first: Recognised, second: Recognised, *, sealed: bool) -> Recognised:
    """Choose between a line as it is and without its red ink.

    The rim of a seal makes another character of 一 at full score, so the faded line counts if it says as much and is
    about as sure; also if it is surer, or the first was cut short at the seal. What reads badly both ways under a seal
    is a piece of the seal itself, and is read as nothing.
    """
    if sealed and max(first.score, second.score) < _LEGIBLE:
        return Recognised("", 0.0, ())
    if len(second.text) == len(first.text):
        return second if second.score > first.score - _SURER else first
    reads_on = len(second.text) > len(first.text) and second.score > _SURE and first.text[:1] == second.text[:1]
    surer = sealed and second.score > first.score + _SURER
    return second if reads_on or surer else first
