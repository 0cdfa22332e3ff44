"""Folds of the paper: the shadow they throw along their line is lifted to the paper's brightness, writing stays."""

from collections.abc import Sequence

import numpy as np

from ocr.tables.rules import Image, Rule

# Pixels of the working image: the shadow lies within _REACH of the fold, paper from _PAPER on.
_REACH = 14
_PAPER = 10
_WINDOW = 160
# A fold is lighter than a pen: what is darker than this may be a stroke and stays.
_DEEPEST = 70


def lift_folds(image: Image, level: Sequence[Rule], plumb: Sequence[Rule]) -> Image:
    """Return a BGR picture with the shadows of level and plumb folds taken away."""
    if not level and not plumb:
        return image
    lifted = image.astype(np.int16)
    for folds, view in ((level, lifted), (plumb, lifted.transpose(1, 0, 2))):
        for fold in folds:
            _lift(view, fold)
    flat: Image = np.clip(lifted, 0, 255).astype(np.uint8)
    return flat


def _lift(picture: np.ndarray[tuple[int, ...], np.dtype[np.int16]], fold: Rule) -> None:
    """Raise the middle brightness of each stretch of a level fold to that of the paper beside it, in place."""
    height, width = picture.shape[:2]
    offsets = np.arange(-_REACH, _REACH + 1)
    beside = np.abs(offsets) >= _PAPER
    for start in range(max(int(fold.low), 0), min(int(fold.high) + 1, width), _WINDOW):
        along = np.arange(start, min(start + _WINDOW, width))
        across = np.rint([fold.at(float(x)) for x in along]).astype(np.int64)
        rows = np.clip(across[None, :] + offsets[:, None], 0, height - 1)
        stretch = picture[rows, along[None, :]]
        usual = np.median(stretch, axis=1)
        paper = np.median(usual[beside], axis=0)
        gain = np.maximum(paper - usual, 0).astype(np.int16)
        gain[beside] = 0
        if gain.max() > _DEEPEST:
            continue
        picture[rows, along[None, :]] = stretch + gain[:, None, :]
