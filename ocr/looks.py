"""Second looks at lines that a first look reads unsurely: without the red ink of a seal, or cleaned.

A second reading is taken only where it is surer than the first, so that what reads well never changes.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocr.paddle import PaddleModels, Recognised
from ocr.repairs import ALL_REPAIRS, Repairs
from ocr.seals import red_columns, red_share, without_red

Image = NDArray[np.uint8]

# Share of red pixels in a line's crop from which a seal is taken to lie over it, and from which its rim may cross it.
_SEALED = 0.04
_CROSSED = 0.003
_SURE = 0.9
_SURER = 0.02
_LEGIBLE = 0.8
# Below this it is no print: signatures, ornaments, the back's print showing through.
_SCRAWL = 0.55
_MUCH_SURER = 0.05
_FIGURES = frozenset("〇○零一二三四五六七八九十百")
# Below every threshold of a pack, so that a person looks.
_DISPUTED = 0.75
# The recogniser looks at a line in columns of a sixth of its height, and parts two equal characters by an empty one.
_NUMBER = re.compile(r"[0-9]{6,}")
_NARROW = 0.42
# Figures are equally wide: where two stand this much further apart than usual, one between them was not read.
_HOLE = 1.5


def look_again(
    crops: Sequence[Image], first: Sequence[Recognised], models: PaddleModels, repairs: Repairs = ALL_REPAIRS
) -> list[Recognised]:
    """Return what the lines say after second looks: without red ink under seals, cleaned where unsure."""
    read = list(first)
    if repairs.under_seals:
        touched = [index for index, crop in enumerate(crops) if red_share(crop) > _CROSSED]
        again = models.recognise([without_red(crops[index]) for index in touched])
        for index, second in zip(touched, again, strict=True):
            read[index] = _under_seal(crops[index], read[index], second, models)
    if repairs.crowded:
        crowded = [index for index, crop in enumerate(crops) if _is_crowded(crop, read[index])]
        again = models.recognise([_stretched(crops[index]) for index in crowded])
        for index, second in zip(crowded, again, strict=True):
            if second.score > _SURE and doubles(read[index].text, second.text):
                read[index] = second
    if repairs.unsure:
        unsure = [index for index, said in enumerate(read) if _SCRAWL < said.score < _SURE]
        again = models.recognise([calmed(crops[index]) for index in unsure])
        for index, second in zip(unsure, again, strict=True):
            if second.text != read[index].text and second.score > max(_SURE, read[index].score + _MUCH_SURER):
                # two readings that differ leave doubt, and one that was doubtful and stays is no surer for it
                read[index] = replace(second, score=_SURE)
    return [replace(said, score=min(said.score, _DISPUTED)) if broken(said) else said for said in read]


def _under_seal(crop: Image, first: Recognised, second: Recognised, models: PaddleModels) -> Recognised:
    """Return what a line under a seal says, given it as it is and without its red ink."""
    if uncovered(first, second, red_columns(crop)):
        chosen = second
    else:
        chosen = choose(first, second, sealed=red_share(crop) > _SEALED)
    if len(first.text) != len(second.text) or figures(first.text) == figures(second.text):
        return chosen
    (third,) = models.recognise([_stretched(without_red(crop))])
    return settled(chosen, third)


def calmed(crop: Image) -> Image:
    """Return a line without grain and colour, its paper white and its ink black: moire and pale print read better."""
    gray = np.asarray(cv2.cvtColor(cv2.GaussianBlur(crop, (0, 0), 1.0), cv2.COLOR_BGR2GRAY), dtype=np.float32)
    ink, paper = np.percentile(gray, (1, 80))
    level = np.clip((gray - ink) * (255.0 / max(float(paper - ink), 1.0)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(level, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def doubles(first: str, second: str) -> bool:
    """Return whether a second reading differs only in digits said twice or thrice where the first says them once."""
    if len(second) <= len(first):
        return False
    one, two = ([(char, len(list(run))) for char, run in groupby(text)] for text in (first, second))
    if [char for char, _ in one] != [char for char, _ in two]:
        return False
    return all(many >= few and (many == few or char.isdigit()) for (char, few), (_, many) in zip(one, two, strict=True))


def _is_crowded(crop: Image, said: Recognised) -> bool:
    """Return whether a line holds a long number so narrow that the recogniser takes two equal digits for one."""
    number = _NUMBER.search(said.text)
    if number is None or len(said.middles) != len(said.text):
        return False
    steps = np.diff(said.middles[number.start() : number.end()])
    return bool(float(np.median(steps)) * crop.shape[1] < _NARROW * crop.shape[0])


def _stretched(crop: Image) -> Image:
    return np.asarray(cv2.resize(crop, None, fx=1.6, fy=1.0, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def broken(said: Recognised) -> bool:
    """Return whether a number has a hole half as wide as a figure or more: something stands there that was not read."""
    for number in _NUMBER.finditer(said.text) if len(said.middles) == len(said.text) else ():
        steps = np.diff(said.middles[number.start() : number.end()])
        if float(steps.max()) > _HOLE * float(np.median(steps)):
            return True
    return False


def figures(text: str) -> str:
    """Return what a line says in figures and Latin letters: what no other character can prove."""
    return "".join(char for char in text if char in _FIGURES or (char.isascii() and char.isalnum()))


def settled(chosen: Recognised, third: Recognised) -> Recognised:
    """Return what two looks did not say alike: as sure as it was if a third look says it too, else in doubt."""
    if figures(third.text) == figures(chosen.text):
        return chosen
    return replace(chosen, score=min(chosen.score, _DISPUTED))


def uncovered(first: Recognised, second: Recognised, red: NDArray[np.bool_]) -> bool:
    """Return whether the faded line surely reads print where the first read a seal's own letters.

    `red` says of each of the line's columns whether red ink stands there. Only what the first read there may differ,
    and something must be read in its place: what merely vanishes with the red ink was printed in red.
    """
    if second.score < max(_SURE, first.score - _SURER) or len(first.middles) != len(first.text):
        return False
    places = (int(middle * (red.size - 1)) for middle in first.middles)
    covered = [bool(red[max(at - red.size // 60, 0) : at + red.size // 60 + 1].any()) for at in places]
    changes = [op for op in Levenshtein.opcodes(first.text, second.text) if op.tag != "equal"]
    return any(op.tag == "replace" for op in changes) and all(
        op.tag != "insert" and all(covered[op.src_start : op.src_end]) for op in changes
    )


def choose(first: Recognised, second: Recognised, *, sealed: bool) -> Recognised:
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
