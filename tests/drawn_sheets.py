"""Sign-in sheets drawn for tests: rules and ink as pixels, the text given as if it had been read."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tables import find_table, signed_slots
from ocr.types import Box, Line, PageText, Table

Image = NDArray[np.uint8]
WIDTH, HEIGHT = 1240, 1754
LEFT, TOP, ROW = 100, 260, 56
INK = (40, 30, 30)
NAMES = ["张伟东", "李秀英", "王磊", "赵敏", "陈志明", "周芳芳", "孙丽娟", "何建国"]
COLUMNS = [LEFT, 190, 400, 700, 950, 1140]


@dataclass
class Sheet:
    """A page that is drawn on and read at once."""

    image: Image = field(default_factory=lambda: np.full((HEIGHT, WIDTH, 3), 250, np.uint8))
    lines: list[Line] = field(default_factory=list)

    def write(self, text: str, x: float, y: float, size: int = 26) -> None:
        """Put text with its middle at a point: a hatched square for each character, and the line as it was read."""
        left = x - len(text) * size / 2
        chars = []
        for index in range(len(text)):
            a, b = int(left + index * size) + 2, int(left + (index + 1) * size) - 2
            for offset in (-size // 3, 0, size // 3):
                cv2.line(self.image, (a, int(y) + offset), (b, int(y) + offset), (10, 10, 10), 2)
            cv2.line(
                self.image, ((a + b) // 2, int(y) - size // 2), ((a + b) // 2, int(y) + size // 2), (10, 10, 10), 2
            )
            chars.append(self.box(a - 2, y - size / 2, b + 2, y + size / 2))
        whole = self.box(left, y - size / 2, left + len(text) * size, y + size / 2)
        self.lines.append(Line(text, 0.97, whole, tuple(chars)))

    def sign(self, x: float, y: float, seed: int, color: tuple[int, int, int] = INK, tall: int = 34) -> None:
        """Draw a signature: a few joined strokes around a point."""
        draw = random.Random(seed)
        points = [(int(x - 55 + 10 * i), int(y + draw.uniform(-tall / 2, tall / 2))) for i in range(12)]
        cv2.polylines(self.image, [np.array(points, np.int32)], False, color, 2, cv2.LINE_AA)

    def rule(self, columns: Sequence[int], rows: Sequence[int], color: int = 40) -> None:
        """Draw a grid."""
        for x in columns:
            cv2.line(self.image, (x, rows[0]), (x, rows[-1]), (color,) * 3, 2)
        for y in rows:
            cv2.line(self.image, (columns[0], y), (columns[-1], y), (color,) * 3, 2)

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return a box in fractions of the page."""
        return Box(left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)

    def page(self) -> PageText:
        """Return what was read."""
        return PageText(1, WIDTH, HEIGHT, "ocr", tuple(self.lines))

    def find(self, expected: Sequence[str] | None = None) -> Table:
        """Find the table; there must be one."""
        table = find_table(self.image, self.page(), expected)
        assert table is not None
        return table


def plain_sheet(headers: Sequence[str] = ("序号", "姓名", "单位", "上午", "下午"), color: int = 40) -> Sheet:
    sheet = Sheet()
    rows = [TOP + ROW * i for i in range(len(NAMES) + 2)]
    sheet.rule(COLUMNS, rows, color)
    for header, left, right in zip(headers, COLUMNS, COLUMNS[1:], strict=False):
        sheet.write(header, (left + right) / 2, TOP + ROW / 2)
    for index, name in enumerate(NAMES):
        y = middle(index)
        sheet.write(str(index + 1), (COLUMNS[0] + COLUMNS[1]) / 2, y)
        sheet.write(name, (COLUMNS[1] + COLUMNS[2]) / 2, y)
        sheet.write("第一小学", (COLUMNS[2] + COLUMNS[3]) / 2, y)
    return sheet


def middle(index: int) -> float:
    return TOP + ROW * (index + 1.5)


def signed(table: Table) -> dict[str, tuple[str, ...]]:
    return {row.cells["name"].text: signed_slots(row)[0] for row in table.rows}
