"""Chinese zeros (〇) that the recogniser drops: put back where the picture proves that a ring stands there.

In dates like 二〇一八年 the recogniser now and then skips the ring and reads 二一八年 at full score. The gap between
the neighbours then spans two characters, and the ring in it is seen: ink around an empty middle.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.paddle import Recognised

Image = NDArray[np.uint8]

ZERO = "〇"
_DIGITS = frozenset("〇○零一二三四五六七八九")
_AFTER = _DIGITS | {"年"}
_GAP = 1.55
_LEAST_CHARACTERS = 4
# What is put back is proven by its shape only, so the line is no longer as sure as the recogniser said.
_CONFIDENCE = 0.95


def restore_zeros(crop: Image, said: Recognised) -> Recognised:
    """Return the line with dropped 〇 put back; unchanged where no gap between numerals shows a ring."""
    if len(said.middles) != len(said.text) or len(said.text) < _LEAST_CHARACTERS:
        return said
    pitch = _pitch(said)
    if pitch <= 0:
        return said
    dark: NDArray[np.bool_] | None = None
    text, middles = said.text[0], [said.middles[0]]
    for before, after, start, end in zip(said.text, said.text[1:], said.middles, said.middles[1:], strict=False):
        missing = round((end - start) / pitch) - 1
        if before in _DIGITS and after in _AFTER and (end - start) > _GAP * pitch and missing in {1, 2}:
            dark = _dark(crop) if dark is None else dark
            places = [start + (end - start) * (i + 1) / (missing + 1) for i in range(missing)]
            if all(_is_ring(dark, place, pitch) for place in places):
                text += ZERO * missing
                middles += places
        text += after
        middles.append(end)
    if text == said.text:
        return said
    return replace(said, text=text, middles=tuple(middles), score=min(said.score, _CONFIDENCE))


def _pitch(said: Recognised) -> float:
    """Return the usual distance of neighbouring Chinese characters as a share of the line's length."""
    pairs = zip(said.text, said.text[1:], said.middles, said.middles[1:], strict=False)
    steps = [end - start for one, two, start, end in pairs if min(one, two) >= "\u3400"]
    return float(np.median(steps)) if steps else 0.0


def _dark(crop: Image) -> NDArray[np.bool_]:
    gray = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    level, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(gray <= level, dtype=np.bool_)


def _is_ring(dark: NDArray[np.bool_], middle: float, pitch: float) -> bool:
    """Return whether a ring stands at a place: every way outward from an empty middle meets ink."""
    height, width = dark.shape
    x, reach = middle * width, max(0.62 * pitch * width, 4.0)
    for shift in (0.0, -0.15, 0.15):
        centre_x = x + shift * pitch * width
        patch = dark[:, max(int(centre_x - reach), 0) : int(centre_x + reach)]
        if patch.size and _rings(patch, (centre_x - max(int(centre_x - reach), 0), height / 2)):
            return True
    return False


def _rings(patch: NDArray[np.bool_], centre: tuple[float, float]) -> bool:
    """Cast rays from a centre; nearly all must run over paper first and then meet ink."""
    met = 0
    rays = 24
    longest = int(max(patch.shape[1], patch.shape[0]) * 0.55)
    for ray in range(rays):
        angle = 2 * np.pi * ray / rays
        steps = np.arange(longest)
        xs = (centre[0] + steps * np.cos(angle)).astype(int)
        ys = (centre[1] + steps * np.sin(angle)).astype(int)
        inside = (xs >= 0) & (ys >= 0) & (xs < patch.shape[1]) & (ys < patch.shape[0])
        hits = np.flatnonzero(patch[ys[inside], xs[inside]])
        if hits.size and hits[0] >= longest * 0.25:
            met += 1
    return met >= 0.85 * rays
