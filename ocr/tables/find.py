"""Find the sign-in table on a page: rules first, white space where there are none."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from ocr.formbook import formbook
from ocr.tables.borderless import lay_by_text, mentions_header
from ocr.tables.cells import is_name
from ocr.tables.erase import without_strikes
from ocr.tables.fills import lift_fills
from ocr.tables.glyph import Glyph
from ocr.tables.grid import Grid, find_grids
from ocr.tables.header import SIGNATURE, plain, spellings
from ocr.tables.ink import BLANK_INK, DOUBT, SIGNED_INK, SURE, InkReading, measure
from ocr.tables.layout import Band, Layout, understand
from ocr.tables.rules import WORKING_SIDE, Floats, Image, binarise, find_rules
from ocr.tables.sheet import Sheet, read_sheet
from ocr.tables.strikes import RowStrip, find_strikes
from ocr.tables.text import join_glyphs, mean_confidence, page_glyphs
from ocr.types import Box, Cell, CellRow, PageText, Table

_LARGEST_SCALE = 2.5
_QUICK_SIDE = 1100
_QUICK_CROSSINGS = 6
_DOTTED_BRIDGE = 9
_FEWEST_COLUMNS = 2
_FEWEST_PEOPLE = 3
_ORDINAL = re.compile(r"\d{1,3}")
_NUMBERED = re.compile(r"[^\w]*\d{1,3}[^\w]*")
_EDGES = re.compile(r"^\D+|\D+$")
_LONGEST_SLOT = 8
_MOSTLY = 0.7
_CLEARLY_MORE = 3.0
# Characters of a signature that read as in the printed name.
_LEGIBLE = 2
# Columns whose cells may be drawn once for several rows (one school for all its teachers).
_SHARED_ROLES = ("unit", "subject", "hours", "other", "remark")


def find_table(image: Image, page: PageText, expected_columns: Sequence[str] | None = None) -> Table | None:
    """Return the table of names on an upright BGR page, or None.

    `page` is the text read on the same page; `expected_columns` the columns of the page before, for a continuation
    page without a header. Signature columns are called `signature:<slot>`; see header.role_of for the others.
    A signature cell's `confidence` says how sure its being signed or blank is.
    """
    if not holds_people(page):
        return None
    announced = mentions_header(page)
    if not announced and not has_grid(image):
        return None
    scale = min(WORKING_SIDE / max(image.shape[:2]), _LARGEST_SCALE)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    working = cv2.resize(image, None, fx=scale, fy=scale, interpolation=way).astype(np.uint8)
    working, clean = lift_fills(working)
    height, width = working.shape[:2]
    glyphs = page_glyphs(page, width, height)
    layouts = _layouts(working, glyphs, announced, expected_columns)
    if not layouts:
        return None
    return _table(clean, page, layouts)


def holds_people(page: PageText) -> bool:
    """Return whether a page's text can be a sign-in table: it asks for signatures, or lists several people.

    Looking for rules costs a third of reading a page, and most pages are certificates.
    """
    texts = [plain(line.text) for line in page.lines]
    if any(word in text for text in texts for word in spellings().signature if len(word) > 1):
        return True
    surnames = formbook().surnames
    people = sum(is_name(text) and (text[0] in surnames or text[:2] in surnames) for text in texts)
    ordinals = len({text for text in texts if _ORDINAL.fullmatch(text)})
    return max(people, ordinals) >= _FEWEST_PEOPLE


def has_grid(image: Image) -> bool:
    """Return quickly whether a page shows at least a few crossings of long thin lines."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    scale = min(_QUICK_SIDE / max(gray.shape), 1.0)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    ink = binarise(small)
    level = cv2.morphologyEx(cv2.dilate(ink, np.ones((2, 1), np.uint8)), cv2.MORPH_OPEN, np.ones((1, 40), np.uint8))
    plumb = cv2.morphologyEx(cv2.dilate(ink, np.ones((1, 2), np.uint8)), cv2.MORPH_OPEN, np.ones((24, 1), np.uint8))
    spread = np.ones((5, 5), np.uint8)
    crossings = cv2.bitwise_and(cv2.dilate(level, spread), cv2.dilate(plumb, spread))
    return int(cv2.connectedComponents(crossings)[0]) - 1 >= _QUICK_CROSSINGS


def _layouts(image: Image, glyphs: Sequence[Glyph], announced: bool, expected: Sequence[str] | None) -> list[Layout]:
    """Return the understood grids of a page that belong to one table, in reading order."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    ink = binarise(gray)
    horizontal, vertical = find_rules(ink)
    attempts: list[Callable[[], list[Grid]]] = [
        lambda: find_grids(gray, horizontal, vertical, glyphs),
        lambda: find_grids(gray, *find_rules(ink, _DOTTED_BRIDGE), glyphs),
        lambda: lay_by_text(glyphs, image.shape[1], horizontal),
    ]
    best: list[Layout] = []
    best_worth = 0.0
    for number, attempt in enumerate(attempts if announced else attempts[:1]):
        found = _one_table(_understood(attempt(), glyphs, expected))
        value, whole = worth(found)
        # Where rules were seen, columns laid through white space must tell clearly more: rules say whose ink it is.
        if value > best_worth + (_CLEARLY_MORE if best and number == len(attempts) - 1 else 0.0):
            best, best_worth = found, value
        if whole and (found[0].has_header or not announced):
            break
    return best


def worth(layouts: Sequence[Layout]) -> tuple[float, bool]:
    """Return how much of a sign-in table was made out, to compare ways of finding it, and whether it looks whole."""
    if not layouts:
        return 0.0, False
    texts = [join_glyphs(layout.cells.inside(band.span("name"))) for layout in layouts for band in layout.bands]
    said = [text for text in texts if text]
    named = sum(is_name(text) for text in said)
    roles = layouts[0].blocks[0].roles
    slots = [role.removeprefix(SIGNATURE) for role in roles if role.startswith(SIGNATURE)]
    odd = sum(len(slot) > _LONGEST_SLOT for slot in slots) + sum(role.startswith("other") for role in roles)
    odd += sum(layout.unclear for layout in layouts)
    value = named * (2.0 if slots else 1.0) + len(roles) - 2.0 * odd - (len(said) - named)
    value -= 0.5 * (len(texts) - len(said))
    return max(value, 0.1), bool(slots) and odd == 0 and named >= _MOSTLY * len(said) and bool(said)


def _one_table(found: Sequence[Layout]) -> list[Layout]:
    """Return the parts that belong to the best table found, in reading order."""
    if not found:
        return []
    best = max(found, key=lambda layout: (layout.signature_columns > 0, layout.has_header, len(layout.bands)))
    others = [layout for layout in found if layout is not best and layout.blocks[0].roles == best.blocks[0].roles]
    return sorted([best, *others], key=lambda layout: _place(layout, best))


def _understood(grids: Sequence[Grid], glyphs: Sequence[Glyph], expected: Sequence[str] | None) -> list[Layout]:
    layouts = [understand(g, glyphs, expected) for g in grids if g.rows > 1 and g.columns >= _FEWEST_COLUMNS]
    found = [layout for layout in layouts if layout is not None]
    headed = next((layout for layout in found if layout.has_header), None)
    if headed is None:
        return found
    # parts torn off by a fold or a gap take their columns from the part with the header
    columns = [role for block in headed.blocks for role in block.roles]
    again = [
        understand(layout.grid, glyphs, columns)
        for layout in found
        if not layout.has_header and layout.grid.columns == len(columns)
    ]
    return [layout for layout in found if layout.has_header] + [layout for layout in again if layout is not None]


def _place(layout: Layout, best: Layout) -> tuple[float, float]:
    """Return a sort key: tables side by side from the left, tables below one another from the top."""
    mine, other = layout.grid.points, best.grid.points
    beside = min(mine[-1, 0, 1], other[-1, 0, 1]) - max(mine[0, 0, 1], other[0, 0, 1]) > 0
    return (0.0, mine[0, 0, 0]) if beside else (mine[0, 0, 1] - other[0, 0, 1], 0.0)


def _table(image: Image, page: PageText, layouts: Sequence[Layout]) -> Table:
    height, width = image.shape[:2]
    rows: list[CellRow] = []
    boxes = []
    for layout in layouts:
        sheet = read_sheet(image, layout.grid)
        rows.extend(_rows(layout, sheet, width, height))
        boxes.append(_box(layout.grid.points.reshape(-1, 2), width, height))
    first = layouts[0]
    box = Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )
    return Table(page.number, box, first.blocks[0].roles, tuple(rows), any(layout.has_header for layout in layouts))


def _rows(layout: Layout, sheet: Sheet, width: int, height: int) -> list[CellRow]:
    wanted = [(band, role) for band in layout.bands for role in band.block.roles]
    spans = [band.span(role) for band, role in wanted]
    written = [role.startswith((SIGNATURE, "remark", "other")) for _, role in wanted]
    strips = [_strip(sheet, band) for band in layout.bands]
    strikes = find_strikes(sheet, strips)
    struck = [strip for strip, strike in zip(strips, strikes, strict=True) if strike.struck]
    ink = dict(zip(wanted, measure(without_strikes(sheet, struck), spans, written), strict=True))
    rows = []
    for band, strike in zip(layout.bands, strikes, strict=True):
        cells = {}
        for role in band.block.roles:
            box = _box(layout.grid.block_corners(band.span(role)), width, height)
            cells[role] = _cell(layout, band, role, ink[band, role], box)
        name = cells["name"]
        cells = {role: _signed_by(name, cell) if role.startswith(SIGNATURE) else cell for role, cell in cells.items()}
        if strike.doubtful and not strike.struck:
            cells = {role: _doubted(cell) if role.startswith(SIGNATURE) else cell for role, cell in cells.items()}
        signed = any(role.startswith(SIGNATURE) and cell.ink >= SIGNED_INK for role, cell in cells.items())
        if name.text or signed or name.ink >= SIGNED_INK:
            row_box = _box(layout.grid.block_corners(band.whole), width, height)
            rows.append(CellRow(row_box, cells, strike.struck))
    return rows


def _signed_by(name: Cell, cell: Cell) -> Cell:
    """Return a signature's cell without doubt whose ink it is where it reads as the name of its own row."""
    own = cell.ink >= SIGNED_INK and len(set(name.text) & set(cell.text)) >= _LEGIBLE
    return replace(cell, confidence=SURE) if own else cell


def _doubted(cell: Cell) -> Cell:
    return replace(cell, confidence=min(cell.confidence, DOUBT))


def _cell(layout: Layout, band: Band, role: str, ink: InkReading, box: Box) -> Cell:
    span = band.span(role)
    glyphs = layout.cells.drawn(span) if role.startswith(_SHARED_ROLES) else layout.cells.inside(span)
    text = join_glyphs(glyphs)
    if role == "ordinal":
        # the ends of rules and strokes beside a number read as dashes and dots
        text = _EDGES.sub("", text) if _NUMBERED.fullmatch(text) else text
    confidence = mean_confidence(glyphs)
    if role.startswith(SIGNATURE):
        confidence = ink.confidence
    elif not text:
        confidence = 0.0 if ink.share > BLANK_INK else 1.0
    return Cell(text, confidence, box, ink.share)


def _strip(sheet: Sheet, band: Band) -> RowStrip:
    whole, name = band.whole, band.span("name")
    return RowStrip(
        int(sheet.xs[whole.column]),
        int(sheet.ys[band.row]),
        int(sheet.xs[whole.column_end]),
        int(sheet.ys[band.row_end]),
        int(sheet.xs[name.column]),
        int(sheet.xs[name.column_end]),
    )


def _box(points: Floats, width: int, height: int) -> Box:
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    sizes = ((left, width), (top, height), (right, width), (bottom, height))
    return Box(*(min(max(float(value) / size, 0.0), 1.0) for value, size in sizes))
