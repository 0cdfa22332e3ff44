"""What a found table's cells say: who signed where; and a second, closer look at names that were not read well."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from ocr.evidence import is_gap, name_evidence
from ocr.tables.header import SIGNATURE, plain, spellings
from ocr.tables.ink import DOUBT, SIGNED_INK, SURE, SURE_INK
from ocr.tables.rules import Image
from ocr.types import Cell, CellRow, Evidence, PageText, Slot, Table


class Said(Protocol):
    """What a recogniser says of one crop: its text, mean score (0..1), and what else each character can be."""

    @property
    def text(self) -> str:
        """The text."""

    @property
    def score(self) -> float:
        """The mean score."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """What else each character can be; empty where that is not told."""


Reread = Callable[[Image], Said]

# A mark fills less of its cell than a signature that happens to look like one.
_MARK_INK = 0.04
# A tick drawn large in a low cell.
_LARGE_MARK = 0.08
_LOW = 0.9
_TRIM = 0.06
_BETTER = 0.02
_NAME = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff〇]{2,5}|[\u3400-\u9fff]{1,8}(?:[·•・．.][\u3400-\u9fff]{1,8})+"
)
_MARK = re.compile(r"[×x✗✘╳✕√✓✔vy○〇o0/\\是否]")
_CROSS = re.compile(r"[×x✗✘╳✕○〇o0/\\否]")
_TICK = re.compile(r"[√✓✔vy]")
_TIME = re.compile(r"\d{1,2}[:：.]\d{2}")
_SAID = re.compile(r"\w")
_MOSTLY = 0.8
_FEWEST_TICKS = 3
_SPACES = re.compile(r"\s+")


def slot_state(cell: Cell, *, ticked: bool = False, typed: bool = False) -> tuple[bool, float]:
    """Return whether a signature cell is signed, and how sure that is.

    Ink counts, whatever it reads; but a word for absence (请假, 缺席) means that nobody signed. One character alone
    (缺, 无) may be a signature misread, and goes to a person; so does a mark (√, ×) among signatures. On a sheet
    `ticked` throughout a tick is how people are marked as present, and only a cross is in doubt. On a list `typed` by a
    scanner times tell who was there, and a dash or nothing who was not.
    """
    if typed and (_TIME.search(cell.text) or not _SAID.search(cell.text)):
        return bool(_TIME.search(cell.text)), SURE if cell.text or cell.ink < SURE_INK else cell.confidence
    word = plain(cell.text)
    if word in spellings().absent:
        return False, SURE if len(word) > 1 else DOUBT
    if spellings().against.search(word):
        return False, DOUBT
    inked = cell.ink >= SIGNED_INK
    if cell.ink < _MARK_INK and _MARK.fullmatch(word or cell.text):
        tick = ticked and inked and cell.ink >= SURE_INK and not _CROSS.fullmatch(word or cell.text)
        return inked, cell.confidence if tick else DOUBT
    return inked, cell.confidence


def is_ticked(rows: Sequence[CellRow]) -> bool:
    """Return whether those present are ticked on a sheet: most of what stands in the cells for signatures is ticks."""
    filled = [
        cell
        for row in rows
        for role, cell in row.cells.items()
        if role.startswith(SIGNATURE) and cell.ink >= SIGNED_INK and not row.struck
    ]
    read = [cell for cell in filled if cell.ink < _LARGE_MARK and _TICK.fullmatch(plain(cell.text) or cell.text)]
    small = [cell for cell in filled if cell in read or (cell.ink < _MARK_INK and len(cell.text) <= 1)]
    return len(small) >= _MOSTLY * len(filled) and len(read) >= max(_FEWEST_TICKS, len(filled) / 3)


def is_typed(rows: Sequence[CellRow]) -> bool:
    """Return whether a list was written by a scanner: most of what stands in the cells for signatures is times."""
    cells = [cell for row in rows for role, cell in row.cells.items() if role.startswith(SIGNATURE)]
    said = [cell for cell in cells if _SAID.search(cell.text)]
    return sum(bool(_TIME.search(cell.text)) for cell in said) >= max(_FEWEST_TICKS, _MOSTLY * len(said))


def signed_slots(row: CellRow, *, ticked: bool = False, typed: bool = False) -> tuple[tuple[str, ...], float]:
    """Return the slots of a row that are signed, in order, and the lowest confidence over all its slots (1 if none)."""
    signed = []
    sure = 1.0
    for role, cell in row.cells.items():
        if role.startswith(SIGNATURE):
            ink, confidence = slot_state(cell, ticked=ticked, typed=typed)
            sure = min(sure, confidence)
            if ink:
                signed.append(role.removeprefix(SIGNATURE))
    return tuple(signed), sure


def is_name(text: str) -> bool:
    """Return whether text has the form of a person's Chinese name."""
    return bool(_NAME.fullmatch(_SPACES.sub("", text)))


def reread_cells(table: Table, image: Image, page: PageText, reread: Reread) -> Table:
    """Return the table with doubtful names read again from the page in native resolution.

    `image` is the upright BGR page, `page` what was read on it; `reread` recognises one crop. A name is looked at again
    if it is empty, low, has not the form of a name, or one of its characters may be another; the new reading is taken
    if it is surer.
    """
    return replace(table, rows=tuple(_reread_row(row, image, page, reread) for row in table.rows))


def _reread_row(row: CellRow, image: Image, page: PageText, reread: Reread) -> CellRow:
    cell = row.cells.get("name")
    if cell is None or row.struck:
        return row
    named = bool(cell.text) and is_name(cell.text)
    seen = name_evidence([page], page.number, cell.box, cell.text) if named else None
    before = _weakest(seen.slots) if seen else cell.confidence
    if named and cell.confidence >= _LOW and before >= _LOW:
        return row
    crop = _crop(image, cell)
    if crop.size == 0:
        return row
    said = reread(crop)
    text = _SPACES.sub("", said.text)
    after = _weakest(said.slots) if said.slots and seen else said.score
    if not is_name(text) or (named and after <= before + _BETTER):
        return row
    evidence = Evidence(said.slots, round(said.score, 4)) if said.slots else None
    again = replace(cell, text=text, confidence=said.score, evidence=evidence)
    return replace(row, cells={**row.cells, "name": again})


def _weakest(slots: Sequence[Slot]) -> float:
    """Return the probability of the least sure character."""
    return min((slot.probs[0] for slot in slots if not is_gap(slot)), default=0.0)


def _crop(image: Image, cell: Cell) -> Image:
    height, width = image.shape[:2]
    box = cell.box
    trim_x, trim_y = box.width * _TRIM * 0.5, box.height * _TRIM
    left, right = int((box.left + trim_x) * width), int(np.ceil((box.right - trim_x) * width))
    top, bottom = int((box.top + trim_y) * height), int(np.ceil((box.bottom - trim_y) * height))
    return image[top:bottom, left:right]
