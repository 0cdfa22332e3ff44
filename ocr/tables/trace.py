"""Follow a rule along its curve: where is it drawn? Sees faint, broken and dotted rules that thresholds miss."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables.rules import Floats, Image, Rule, Span, merge_spans

# Pixels of the working image. The rule's own ink lies within _CORE of its curve, paper on both sides within _SIDE.
_CORE = 2
_SIDE = range(4, 10)
_WINDOW = 25
_CONTRAST = 5.0
_JOINED = 12.0


def trace(rule: Rule, gray: Image, low: float, high: float) -> Rule:
    """Return a horizontal rule with the stretches between low and high where it is darker than both its sides.

    Give a transposed image for a vertical rule.
    """
    low, high = max(low, 0.0), min(high, gray.shape[1] - 1.0)
    if high - low < _WINDOW or not rule.seeds:
        return rule
    along = np.arange(low, high + 1, dtype=np.float64)
    profile = _profile(rule, gray, along)
    middle = profile.shape[0] // 2
    core = profile[middle - _CORE : middle + _CORE + 1].min(axis=0)
    above = profile[[middle - off for off in _SIDE]].max(axis=0)
    below = profile[[middle + off for off in _SIDE]].max(axis=0)
    seen = np.minimum(above, below) - core >= _CONTRAST
    spans = _trimmed(merge_spans([*_stretches(seen, low), *rule.seeds], _JOINED), rule.seeds)
    return replace(rule, spans=spans)


def _profile(rule: Rule, gray: Image, along: Floats) -> Floats:
    """Return brightness (offset across, position along), averaged a little way along the rule."""
    reach = max(_SIDE)
    across = np.array([rule.at(float(x)) for x in along[:: _WINDOW // 2]])
    across = np.interp(along, along[:: _WINDOW // 2], across)
    offsets = np.arange(-reach, reach + 1)
    map_y = (across[None, :] + offsets[:, None]).astype(np.float32)
    map_x = np.broadcast_to(along[None, :], map_y.shape).astype(np.float32)
    picture = cv2.remap(gray, map_x, np.ascontiguousarray(map_y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.blur(picture.astype(np.float32), (_WINDOW, 1)), dtype=np.float64)


def _stretches(seen: NDArray[np.bool_], low: float) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.r_[False, seen, False].astype(np.int8)))
    return [(low + float(a), low + float(b - 1)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _trimmed(spans: tuple[Span, ...], seeds: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return stretches without lone ones beyond the seeds: text that happens to lie on the rule's continuation."""
    first, last = seeds[0][0], seeds[-1][1]
    kept = list(spans)
    while len(kept) > 1 and kept[0][1] < first and kept[0][1] - kept[0][0] < kept[1][0] - kept[0][1]:
        kept.pop(0)
    while len(kept) > 1 and kept[-1][0] > last and kept[-1][1] - kept[-1][0] < kept[-1][0] - kept[-2][1]:
        kept.pop()
    return tuple(kept)
