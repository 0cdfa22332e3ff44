"""Which characters look alike: data (similar.txt, measured; confusables.yaml, seen) and its lookup."""

from ocr.glyphs.likeness import likeness

__all__ = ["likeness"]
