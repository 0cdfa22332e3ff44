"""Sign-in tables: find them on a page, read their cells, tell who signed and who is struck out."""

from ocr.tables.cells import is_name, is_ticked, is_typed, reread_cells, signed_slots, slot_state
from ocr.tables.find import find_table

__all__ = ["find_table", "is_name", "is_ticked", "is_typed", "reread_cells", "signed_slots", "slot_state"]
