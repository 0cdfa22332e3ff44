"""What a found table's cells say: who signed where; and a second, closer look at names that were not read well."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ocr.tables.header import SIGNATURE, plain, spellings
from ocr.tables.ink import DOUBT, SIGNED_INK, SURE
from ocr.tables.rules import Image
from ocr.types import Cell, CellRow, Table

Reread = Callable[[Image], tuple[str, float]]

# A mark fills less of its cell than a signature that happens to look like one.
_MARK_INK = 0.04
_LOW = 0.9
_TRIM = 0.06
_BETTER = 0.02
_NAME = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff〇]{2,5}|[\u3400-\u9fff]{1,8}(?:[·•・．.][\u3400-\u9fff]{1,8})+"
)
_MARK = re.compile(r"[×x✗✘╳✕√✓✔vy○〇o0/\\是否]")
_SPACES = re.compile(r"\s+")


def slot_state(cell: Cell) -> tuple[bool, float]:
    """Return whether a signature cell is signed, and how sure that is.

    Ink counts, whatever it reads; but a word for absence (请假, 缺席) means that nobody signed. One character alone
    (缺, 无) may be a signature misread, and goes to a person; so does a mark (√, ×), which nobody signs with.
    """
    word = plain(cell.text)
    if word in spellings().absent:
        return False, SURE if len(word) > 1 else DOUBT
    if cell.ink < _MARK_INK and _MARK.fullmatch(word or cell.text):
        return cell.ink >= SIGNED_INK, DOUBT
    return cell.ink >= SIGNED_INK, cell.confidence


def signed_slots(row: CellRow) -> tuple[tuple[str, ...], float]:
    """Return the slots of a row that are signed, in order, and the lowest confidence over all its slots (1 if none)."""
    signed = []
    sure = 1.0
    for role, cell in row.cells.items():
        if role.startswith(SIGNATURE):
            ink, confidence = slot_state(cell)
            sure = min(sure, confidence)
            if ink:
                signed.append(role.removeprefix(SIGNATURE))
    return tuple(signed), sure


def is_name(text: str) -> bool:
    """Return whether text has the form of a person's Chinese name."""
    return bool(_NAME.fullmatch(_SPACES.sub("", text)))


def reread_cells(table: Table, image: Image, reread: Reread) -> Table:
    """Return the table with doubtful names read again from the page in native resolution.

    `image` is the upright BGR page; `reread` recognises one crop and returns (text, confidence). A name is looked at
    again if it is empty, low, or has not the form of a name; the new reading is taken if it is surer.
    """
    return replace(table, rows=tuple(_reread_row(row, image, reread) for row in table.rows))


def _reread_row(row: CellRow, image: Image, reread: Reread) -> CellRow:
    cell = row.cells.get("name")
    if cell is None or (cell.text and cell.confidence >= _LOW and is_name(cell.text)) or row.struck:
        return row
    crop = _crop(image, cell)
    if crop.size == 0:
        return row
    text, confidence = reread(crop)
    text = _SPACES.sub("", text)
    better = is_name(text) and (not is_name(cell.text) or confidence > cell.confidence + _BETTER)
    if not better:
        return row
    # a doubt that the strike or the ink left on the old reading stays
    kept = min(confidence, cell.confidence) if cell.text == text else confidence
    return replace(row, cells={**row.cells, "name": replace(cell, text=text, confidence=kept)})


def _crop(image: Image, cell: Cell) -> Image:
    height, width = image.shape[:2]
    box = cell.box
    trim_x, trim_y = box.width * _TRIM * 0.5, box.height * _TRIM
    left, right = int((box.left + trim_x) * width), int(np.ceil((box.right - trim_x) * width))
    top, bottom = int((box.top + trim_y) * height), int(np.ceil((box.bottom - trim_y) * height))
    return image[top:bottom, left:right]
