"""Which characters look alike (similar.txt, measured; confusables.yaml, seen), and which are traditional forms."""

from ocr.glyphs.likeness import UNREAD, likeness, look_alikes
from ocr.glyphs.simple import simple_forms, simplified

__all__ = ["UNREAD", "likeness", "look_alikes", "simple_forms", "simplified"]
