"""A character of a page's text as the table finder sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character of the page's text in pixels of the working image."""

    char: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    line: int

    @property
    def center_x(self) -> float:
        """Horizontal middle."""
        return (self.left + self.right) / 2

    @property
    def center_y(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top
