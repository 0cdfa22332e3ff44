"""A PDF's text layer spells what was read from its pixels: it never adds to it, and never overrules it.

Every line is read from the rendered page first. Where the layer's characters at that place say the same, they are
taken for their exact spelling (rare characters, spaces, capitals). A layer that says something else, or holds text
where nothing is seen, is distrusted for the whole page: what people see counts. A forger thus gains nothing by a layer
that is honest nearly everywhere: each line stands or falls by its own pixels, and every digit and numeral must agree.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocr.geometry import crop_quad, pixel_box, reading_order
from ocr.glyphs import likeness
from ocr.paddle import Recognised
from ocr.pdftext import Glyph, rows_of, spelled
from ocr.seals import red_share
from ocr.simplify import simplified
from ocr.types import Box, Line, PageText, Slot

Image = NDArray[np.uint8]
Recognise = Callable[[Sequence[Image]], list[Recognised]]

_NUMERALS = frozenset("〇○零一二三四五六七八九十百千两")
# Read as 一 between dates.
_DASHES = frozenset("-—–－─~～")
# A difference counts against the layer only where the recogniser is this sure of the line and of the character.
_SURE = 0.9
# From here on what the recogniser nearly read speaks for the layer's character.
_NEARLY = 0.005
_ALIKE = 0.6
# A line spelled otherwise than it was read is no surer than this.
_SPELLED = 0.95
# Grey levels between the paper and the darkest stroke below which nothing is to be seen.
_INK = 24
# Text of fewer pixels in height is for no one to read: about 2 points.
_SMALLEST = 7
# Text this long is read wherever it can be seen, but for under a seal: this share of its pixels is red.
_WORDS = 4
_SEALED = 0.04


class Verdict(IntEnum):
    """What a line's pixels say of its text layer, from the best to the worst."""

    SAME = 0
    ALIKE = 1
    UNCLEAR = 2
    CONTRADICTED = 3


def spell(page: PageText, glyphs: Sequence[Glyph], image: Image, read: Recognise) -> tuple[PageText, bool]:
    """Return a page that was read from `image` in the spelling of its text layer, and whether the layer is distrusted.

    The page is returned as it is where one line contradicts its layer or text of the layer is not to be seen.
    """
    held, rest = _shared_out(page.lines, glyphs)
    judged = [(line, _row(mine, line), compare(_text(_row(mine, line)), line)) for line, mine in held]
    unseen = [piece for row in rows_of(rest) for piece in spelled(row) if _compact(piece[0])]
    found = _look_for(unseen, image, read)
    if found is None or any(verdict is Verdict.CONTRADICTED for _, _, verdict in judged):
        return page, True
    lines = [respelled for line, row, verdict in judged for respelled in _respelled(line, row, verdict)]
    return replace(page, source="text", lines=reading_order([*lines, *found])), False


def contradicts(lines: Sequence[Line], glyphs: Sequence[Glyph]) -> bool:
    """Return whether a layer says something else than the scan that covers it, at the place of one of its lines.

    Such a layer is someone's OCR and spells nothing. Its boxes are rough, so what it says at another place is said.
    """
    said = "".join(char for row in rows_of(glyphs) for char, _ in _compact(_text(row)))
    return any(
        compare(_text(_row(mine, line)), line) is Verdict.CONTRADICTED
        and "".join(char for char, _ in _compact(line.text)) not in said
        for line, mine in _shared_out(lines, glyphs)[0]
    )


def compare(layer: str, line: Line) -> Verdict:
    """Return whether a line as it was read says what the layer says at its place."""
    one, two = _compact(layer), _compact(line.text)
    if not one:
        return Verdict.UNCLEAR
    said, seen = "".join(char for char, _ in one), "".join(char for char, _ in two)
    slots = {slot.at: slot for slot in line.slots if slot.probs and slot.blank < slot.probs[0]}
    worst = Verdict.SAME
    for op in Levenshtein.opcodes(said, seen):
        if op.tag == "equal":
            continue
        layer_part, seen_part = said[op.src_start : op.src_end], two[op.dest_start : op.dest_end]
        if op.tag == "replace":
            pairs = zip(layer_part, seen_part, strict=True)
            verdict = max(_replaced(char, other, slots.get(at)) for char, (other, at) in pairs)
        elif op.tag == "delete":
            verdict = _unseen(layer_part, seen[max(op.dest_start - 1, 0) : op.dest_start + 1])
        else:
            extra = "".join(char for char, _ in seen_part)
            dash = extra == "一" and bool(_DASHES & set(layer))
            verdict = Verdict.ALIKE if dash else _unsaid(extra, said[max(op.src_start - 1, 0) : op.src_start + 1])
        worst = max(worst, verdict)
    return Verdict.UNCLEAR if worst is Verdict.CONTRADICTED and line.confidence < _SURE else worst


def _replaced(layer: str, seen: str, slot: Slot | None) -> Verdict:
    """Return what it means that the layer has one character where another was read."""
    probs = dict(zip(slot.chars, slot.probs, strict=True)) if slot else {}
    nearly = max((p for char, p in probs.items() if _folded(char) == layer), default=0.0) >= _NEARLY
    unsure = slot is not None and slot.probs[0] < _SURE
    alike = likeness(layer, seen) >= _ALIKE
    if _counts(layer) or _counts(seen):
        # an O for a 0 is the recogniser's slip; an 8 for a 9 that is clearly seen is not
        return Verdict.UNCLEAR if unsure or not (_counts(layer) and _counts(seen)) else Verdict.CONTRADICTED
    if nearly or alike:
        return Verdict.ALIKE
    return Verdict.UNCLEAR if unsure else Verdict.CONTRADICTED


def _unseen(part: str, around: str) -> Verdict:
    """Return what it means that the layer has characters that were not read; `around` were, on both sides."""
    # the recogniser drops rings, and one of two equal neighbours
    slip = len(part) == 1 and (part in "〇○" or part in around or not _counts(part))
    return Verdict.UNCLEAR if slip else Verdict.CONTRADICTED


def _unsaid(part: str, around: str) -> Verdict:
    """Return what it means that characters were read that the layer lacks: drawn otherwise, or a number cut short."""
    longer = any(char.isdigit() for char in around) and any(char.isdigit() and char not in around for char in part)
    return Verdict.CONTRADICTED if longer else Verdict.UNCLEAR


def _counts(char: str) -> bool:
    """Return whether a character is a digit or a numeral: those must agree one for one."""
    return char.isdigit() or char in _NUMERALS


def _shared_out(lines: Sequence[Line], glyphs: Sequence[Glyph]) -> tuple[list[tuple[Line, list[Glyph]]], list[Glyph]]:
    """Give each character of the layer to the line in which its middle lies deepest; return those of no line, too."""
    held: list[tuple[Line, list[Glyph]]] = [(line, []) for line in lines]
    rest: list[Glyph] = []
    for glyph in glyphs:
        depth, mine = max(
            ((_depth(glyph.box, line.box), mine) for line, mine in held), key=lambda p: p[0], default=(0.0, rest)
        )
        (mine if depth > 0 else rest).append(glyph)
    return held, rest


def _depth(glyph: Box, line: Box) -> float:
    """Return how deep a character's middle lies in a line, 1 on its axis, 0 or less outside."""
    across = min(glyph.center_x - line.left, line.right - glyph.center_x) + 0.3 * glyph.width
    down = 1 - abs(glyph.center_y - line.center_y) / max(line.height / 2, 1e-6)
    return down if across > 0 else min(down, 0.0)


def _row(glyphs: Sequence[Glyph], line: Line) -> list[Glyph]:
    """Return a line's characters in the order in which it is read."""
    downwards = len(line.chars) > 1 and line.chars[-1].top >= line.chars[0].bottom
    return sorted(glyphs, key=lambda g: g.box.top if downwards else g.box.left)


def _text(row: Sequence[Glyph]) -> str:
    return "".join(glyph.text for glyph in row)


def _respelled(line: Line, row: Sequence[Glyph], verdict: Verdict) -> list[Line]:
    """Return a line in its layer's spelling, cut at wide gaps; as it was read where the layer is not borne out."""
    if verdict > Verdict.ALIKE:
        return [line]
    sure = 1.0 if verdict is Verdict.SAME else min(_SPELLED, max(line.confidence, _SURE))
    return [_line(text, boxes, sure) for text, boxes in spelled(row)]


def _look_for(unseen: Sequence[tuple[str, tuple[Box, ...]]], image: Image, read: Recognise) -> list[Line] | None:
    """Read the places of the layer where no line was found; return what is borne out, None if one is not seen."""
    crops = [_crop(image, _around(boxes)) for _, boxes in unseen]
    found: list[Line] = []
    for (text, boxes), crop, said in zip(unseen, crops, read(crops), strict=True):
        line = Line(said.text, said.score, _around(boxes), slots=said.slots)
        if _hidden(text, line, crop):
            return None
        verdict = compare(text, line)
        if verdict <= Verdict.ALIKE:
            found.append(_line(text, boxes, 1.0 if verdict is Verdict.SAME else _SPELLED))
    return found


def _hidden(text: str, line: Line, crop: Image) -> bool:
    """Return whether a text of the layer is not what stands there: no ink, specks, other text, or nothing legible."""
    if crop.shape[0] < _SMALLEST or int(np.ptp(np.percentile(crop.min(axis=2), (1, 99)))) < _INK:
        return True
    if _compact(line.text):
        return compare(text, line) is Verdict.CONTRADICTED
    return len(_compact(text)) >= _WORDS and red_share(crop) < _SEALED


def _line(text: str, boxes: tuple[Box, ...], sure: float) -> Line:
    return Line(text=simplified(text), confidence=sure, box=_around(boxes), chars=boxes)


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )


def _crop(image: Image, box: Box) -> Image:
    """Cut a line out of the page with a little room around it."""
    height, width = image.shape[:2]
    left, top, right, bottom = pixel_box(box, width, height)
    room = max((bottom - top) // 8, 1)
    corners = [
        [left - room, top - room],
        [right + room, top - room],
        [right + room, bottom + room],
        [left - room, bottom + room],
    ]
    return crop_quad(image, np.array(corners, dtype=np.float32))


def _compact(text: str) -> list[tuple[str, int]]:
    """Return the letters, digits and ideographs of a text, folded, each with its place in it."""
    return [(char, at) for at, whole in enumerate(simplified(text)) for char in _folded(whole) if char.isalnum()]


def _folded(char: str) -> str:
    return unicodedata.normalize("NFKC", char).upper()
