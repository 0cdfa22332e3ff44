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

# Share of red pixels in a line's crop from which a seal is taken to lie over it.
_SEALED = 0.04
_SURE = 0.9
_SURER = 0.02
_LEGIBLE = 0.8


def look_again(
    crops: Sequence[Image], first: Sequence[Recognised], models: PaddleModels, repairs: Repairs = ALL_REPAIRS
) -> list[Recognised]:
    """Return what the lines say after second looks: without red ink under seals, cleaned where unsure."""
    read = list(first)
    if repairs.under_seals:
        sealed = [index for index, crop in enumerate(crops) if red_share(crop) > _SEALED]
        again = models.recognise([without_red(crops[index]) for index in sealed])
        for index, second in zip(sealed, again, strict=True):
            read[index] = _under_seal(read[index], second)
    return read


def _under_seal(first: Recognised, second: Recognised) -> Recognised:
    """Choose between a line as it is and without its red ink: the surer, or the one not cut short.

    What reads badly both ways is a piece of the seal itself, and is read as nothing.
    """
    if max(first.score, second.score) < _LEGIBLE:
        return Recognised("", 0.0, ())
    reads_on = len(second.text) > len(first.text) and second.score > _SURE and first.text[:1] == second.text[:1]
    return second if reads_on or second.score > first.score + _SURER else first
