"""Where a name stands on its page, and what the recogniser saw there. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.vocabulary import FieldName
from ocr.glyphs import UNREAD, simple_forms
from ocr.runs import normal
from ocr.types import Box, DocumentReading, Evidence, Line, PageText, Slot

# How far outside a field's box the middle of its own character can lie, in shares of the box's size.
_SLACK = 0.05


def plain_name(name: str) -> str:
    """Return a name for comparison: folded, simplified, without spaces, middle dots and other points.

    Marks for a character that could not be read stay: the name is not the one without it.
    """
    return "".join(plain(character) for character in name)


def plain(character: str) -> str:
    """Return one character as names are compared, nothing for one that is no part of a name."""
    simple = normal(character).translate(simple_forms())
    return simple if simple.isalnum() or simple in UNREAD else ""


def name_evidence(pages: Sequence[PageText], page: int, box: Box, name: str) -> Evidence | None:
    """Return what the recogniser saw where it read a name; None for text that was not recognised, or not there.

    `page` is the page's number and `box` where the name (or the piece of text that it is cut out of) stands; a name
    over two lines has no evidence.
    """
    wanted = plain_name(name)
    for line in (line for text in pages if text.number == page for line in text.lines):
        if line.slots and len(line.chars) == len(line.text):
            found = _span(line, box, wanted)
            if found:
                slots = slots_between(line.slots, *found)
                return Evidence(slots, round(line.confidence, 4)) if slots else None
    return None


def slots_between(slots: Sequence[Slot], start: int, end: int) -> tuple[Slot, ...]:
    """Return the slots of the characters from start up to end, and of the gaps between and on both sides of them.

    A gap counts for the character that follows it, so those at both ends are the ones just outside the piece.
    """
    inside = [s for s in slots if start <= s.at < end or (s.at == end and is_gap(s))]
    return tuple(Slot(s.at - start, s.chars, s.probs, s.blank) for s in inside)


def is_gap(slot: Slot) -> bool:
    """Return whether nothing was read here: a blank was likelier than every character."""
    return not slot.probs or slot.blank >= slot.probs[0]


def _span(line: Line, box: Box, wanted: str) -> tuple[int, int] | None:
    """Return where in a line the wanted characters stand inside a box, spaces and dots between them left out."""
    inside = [i for i, char in enumerate(line.chars) if _holds(box, char) and plain(line.text[i])]
    said = "".join(plain(line.text[i]) for i in inside)
    at = said.find(wanted) if wanted else -1
    return (inside[at], inside[at + len(wanted) - 1] + 1) if at >= 0 else None


def _holds(box: Box, char: Box) -> bool:
    wide, tall = _SLACK * box.width, _SLACK * box.height
    across = box.left - wide <= char.center_x <= box.right + wide
    return across and box.top - tall <= char.center_y <= box.bottom + tall


def with_evidence(reading: DocumentReading, pages: Sequence[PageText]) -> DocumentReading:
    """Return a reading whose names carry what the recogniser saw of them."""
    fields = dict(reading.fields)
    holder = fields.get(FieldName.HOLDER_NAME)
    if holder is not None:
        seen = name_evidence(pages, holder.page, holder.box, holder.value)
        fields[FieldName.HOLDER_NAME] = replace(holder, evidence=seen)
    rows = tuple(
        replace(row, evidence=row.evidence or name_evidence(pages, row.page, row.box, row.name)) for row in reading.rows
    )
    return replace(reading, fields=fields, rows=rows)
