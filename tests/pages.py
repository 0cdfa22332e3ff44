"""Pages of text as the reader gives them, laid out for tests of what is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.documents import read_document
from ocr.types import Box, DocumentReading, Line, PageText, Table

CERTIFICATE = (
    "培训结业证书",
    "林若溪同志于2019年7月1日至7月10日参加“骨干教师高级研修班”学习，共计60学时，经考核合格，准予结业。",
    "江口市教育局",
    "2019年7月12日",
)
DIPLOMA = (
    "普通高等学校毕业证书",
    "学生周子涵，性别男，1995年5月8日生，于2013年9月至2017年7月在本校数学专业四年制本科学习，成绩合格，准予毕业。",
    "校名：南屏学院",
    "2017年7月1日",
)
SURE = 0.99


@dataclass(frozen=True, slots=True)
class Paper:
    """A page measured in pixels, on which lines are put where a layout has them."""

    width: int
    height: int

    def line(
        self, text: str, left: int, top: int, size: int = 28, *, height: int | None = None, wide: int | None = None
    ) -> Line:
        """Place a line; its width follows from its characters unless told."""
        width = wide or sum(size if ord(c) > 0x2E80 else size // 2 for c in text)
        bottom = (top + (height or size)) / self.height
        return Line(text, SURE, Box(left / self.width, top / self.height, (left + width) / self.width, bottom))

    def read(self, *lines: Line) -> DocumentReading:
        """Return what is made of a page of these lines."""
        return read_document([PageText(1, self.width, self.height, "ocr", lines)])


def values(reading: DocumentReading) -> dict[str, str]:
    """Return the fields of a reading as plain text."""
    return {name.value: field.value for name, field in reading.fields.items()}


def even_page(lines: Sequence[str], number: int = 1, table: Table | None = None) -> PageText:
    """Spread lines evenly over a page, or over the room above its table."""
    step = (0.14 if table else 0.8) / max(len(lines), 1)
    placed = tuple(
        Line(text, SURE, Box(0.1, 0.05 + i * step, 0.9, 0.05 + i * step + min(0.03, step * 0.8)))
        for i, text in enumerate(lines)
    )
    return PageText(number, 2000, 1400, "ocr", placed, table=table)


def laid_out(lines: Sequence[str], shape: tuple[int, int] = (2000, 1400)) -> PageText:
    """Lay lines out as a page of some width and height.

    `#` marks make a line larger, `>` sets it right, ` | ` parts it into pieces.
    """
    width, height = shape
    size = 40.0 * min(width, 1600) / 1600
    top = size * 2
    placed: list[Line] = []
    for line in lines:
        marks = len(line) - len(line.lstrip("#"))
        text = line.lstrip("#").strip()
        tall = size * (1 + 0.8 * bool(marks) + 0.4 * max(marks - 1, 0))
        left = width * (0.62 if text.startswith(">") else 0.3 if marks else 0.08)
        for piece in text.lstrip("> ").split(" | "):
            wide = sum(tall if ord(c) > 0x2E80 else tall / 2 for c in piece)
            box = Box(left / width, top / height, (left + wide) / width, (top + tall) / height)
            placed.append(Line(piece, SURE, box))
            left += wide + 4.5 * tall
        top += tall * (1.9 if marks else 1.5)
    return PageText(1, width, max(height, int(top)), "ocr", tuple(placed))
