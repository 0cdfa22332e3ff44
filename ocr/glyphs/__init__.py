"""Which characters look alike (similar.txt, measured; confusables.yaml, seen), and which are traditional forms."""

from ocr.glyphs.likeness import likeness
from ocr.glyphs.simple import simple_forms, simplified

__all__ = ["likeness", "simple_forms", "simplified"]
