"""Tables without (vertical) rules: columns and rows laid through the white space around aligned text."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ocr.tables.glyph import Glyph
from ocr.tables.grid import Grid, lay_grid
from ocr.tables.header import is_header, names_slot, plain, role_of, spellings
from ocr.tables.rules import Ints, Rule, unite_doubles
from ocr.tables.strokes import drop_strokes
from ocr.tables.text import text_lines
from ocr.types import PageText

_WORD_GAP = 1.6
_FEWEST_ROWS = 2
_LONG_RULE = 0.5
_SLACK = 6.0
_ABOVE_HEADER = 40.0
_TABLE_END = 2.5
_PARTED = 0.6
_TILTED = 0.03
_TILTS = 15
_TILT_BIN = 8.0


def mentions_header(page: PageText) -> bool:
    """Return whether the page's text holds words of a table's header: names, and a second column's word."""
    roles: set[str] = set()
    for line in page.lines:
        bare = plain(line.text)
        roles.update(role for word, role in spellings().roles.items() if len(word) > 1 and word in bare)
        roles.update("signature" for word in spellings().signature if word in bare)
    return "name" in roles and len(roles) > 1


def lay_by_text(glyphs: Sequence[Glyph], width: int, horizontal: Sequence[Rule]) -> list[Grid]:
    """Return a grid through the white space under a header row; none if no header is found.

    `horizontal` are the page's rules: where a table has only level rules, they part its rows.
    """
    long = [rule for rule in horizontal if rule.high - rule.low > _LONG_RULE * width]
    tilt = text_tilt(glyphs)
    lines = text_lines([_lifted(glyph, tilt) for glyph in glyphs])
    found = _header_line(lines)
    if found is None:
        return []
    index, words = found
    body = [line for line in lines[index + 1 :] if line]
    stops = _column_stops(words, body, width)
    header = lines[index]
    top = min(g.top for g in header) - _SLACK
    inside = [rule for rule in long if rule.coverage(stops[0], stops[-1]) >= _LONG_RULE]
    ruled = _ruled_rows(inside, top, width, [_level(line) for line in body])
    rows = _with_header(ruled, _level(header), top, width) if ruled else _text_rows(header, body, stops, top, tilt)
    if len(rows) < _FEWEST_ROWS + 1:
        return []
    low, high = rows[0].at(width / 2), rows[-1].at(width / 2)
    columns = [Rule((stop,), ((low, high),), (low, high)) for stop in stops]
    if ruled:
        rows = drop_strokes(rows, columns, glyphs)
    grid = lay_grid(rows, columns, ruled=bool(ruled))
    grid.row_borders[:] = 1.0
    return [grid]


def _header_line(lines: Sequence[Sequence[Glyph]]) -> tuple[int, list[list[Glyph]]] | None:
    """Return the line that holds the most header words, and its words as characters."""
    best, best_known = None, 0
    for index, line in enumerate(lines):
        words = _words(line)
        roles = [role_of("".join(g.char for g in word)) for word in words]
        known = sum(role is not None for role in roles)
        if is_header(roles) and known > best_known:
            best, best_known = (index, words), known
    return best


def _words(line: Sequence[Glyph]) -> list[list[Glyph]]:
    """Part a header line into column titles: at wide gaps, and inside runs where known words meet."""
    words: list[list[Glyph]] = []
    rest = list(line)
    while rest:
        size = next((n for n in range(min(len(rest), 10), 0, -1) if _is_title(rest[:n])), 0)
        if size:
            words.append(rest[:size])
            rest = rest[size:]
            continue
        glyph = rest.pop(0)
        if words and not _is_title(words[-1]) and glyph.left - words[-1][-1].right < _WORD_GAP * glyph.height:
            words[-1].append(glyph)
        else:
            words.append([glyph])
    return words


def _is_title(glyphs: Sequence[Glyph]) -> bool:
    text = plain("".join(glyph.char for glyph in glyphs))
    words = spellings()
    exact = text in words.roles or text in words.signature or bool(words.slot.fullmatch(text)) or names_slot(text)
    return exact and len(text) == len(glyphs) and (len(text) > 1 or text in {"序", "号", "#"})


def _column_stops(words: Sequence[Sequence[Glyph]], body: Sequence[Sequence[Glyph]], width: int) -> list[float]:
    """Return where columns begin and end: in the widest gap that the body leaves between two neighbouring titles."""
    filled = np.zeros(width + 1, np.int64)
    for line in body:
        for glyph in line:
            filled[max(int(glyph.left), 0) : max(int(glyph.right), 0) + 1] += 1
    stops = []
    for left, right in pairwise(words):
        start, end = left[-1].right, right[0].left
        stops.append(_widest_gap(filled, start, end, (start + end) / 2))
    lead = max(min(words[0][0].left, *(line[0].left for line in body), width) - _SLACK, 0.0) if body else 0.0
    last = max([words[-1][-1].right, *(line[-1].right for line in body)]) + _SLACK
    # the last column's title stands in its middle
    title = (words[-1][0].left + words[-1][-1].right) / 2
    return [lead, *stops, min(max(last, 2 * title - stops[-1] if stops else last), float(width - 1))]


def _widest_gap(filled: Ints, start: float, end: float, default: float) -> float:
    part = filled[int(start) : int(end) + 1]
    if not len(part):
        return default
    least = int(part.min())
    free = np.nonzero(part <= least)[0]
    runs = np.split(free, np.nonzero(np.diff(free) > 1)[0] + 1)
    longest = max(runs, key=len)
    if len(longest) > 0.5 * len(part):
        return float(np.clip(default, start + longest[0] + _SLACK, start + longest[-1] - _SLACK))
    return start + float(longest[0] + longest[-1]) / 2


def _ruled_rows(rules: Sequence[Rule], top: float, width: int, levels: Sequence[float]) -> list[Rule]:
    """Return the long level rules from the header on, if the table's rows are parted by rules.

    `levels` are where the lines of text below the header stand (on a levelled page). Rules that part rows run between
    nearly all of them; strokes that strike rows out, or the table that the paper lies on, do not.
    """
    rows = [rule for rule in rules if rule.at(0) > top - _ABOVE_HEADER]
    rows = unite_doubles(rows, width / 2)
    places = [rule.at(width / 2) - rule.slope * width / 2 for rule in rows]
    between = list(pairwise(levels))
    parted = sum(any(above < place < below for place in places) for above, below in between)
    return rows if len(rows) > _FEWEST_ROWS + 1 and parted >= _PARTED * len(between) else []


def _with_header(rows: Sequence[Rule], level: float, top: float, width: int) -> list[Rule]:
    """Return the rules with an upper edge for a header that stands on the first rule instead of under one."""
    first = rows[0]
    lift = first.at(0.0) - top
    if first.at(width / 2) - first.slope * width / 2 <= level:
        return list(rows)
    coefficients = (*first.coefficients[:-1], first.coefficients[-1] - lift)
    return [replace(first, coefficients=coefficients), *rows]


def _lifted(glyph: Glyph, tilt: float) -> Glyph:
    """Return a character where it would stand if the page's lines were level."""
    lift = tilt * glyph.center_x
    return replace(glyph, top=glyph.top - lift, bottom=glyph.bottom - lift)


def text_tilt(glyphs: Sequence[Glyph]) -> float:
    """Return the slope of a page's lines of text: the one at which their characters stand most sharply in lines."""
    if not glyphs:
        return 0.0
    across = np.array([glyph.center_x for glyph in glyphs])
    down = np.array([glyph.center_y for glyph in glyphs])
    best, best_score = 0.0, -1.0
    for tilt in sorted(np.linspace(-_TILTED, _TILTED, 2 * _TILTS + 1), key=abs):
        places = np.floor((down - tilt * across) / _TILT_BIN).astype(np.int64)
        counts = np.bincount(places - places.min()).astype(np.float64)
        # neighbours count half: a line may lie over the edge of two bins
        score = float((counts**2).sum() + (counts[1:] * counts[:-1]).sum())
        if score > best_score * 1.01:
            best, best_score = float(tilt), score
    return best


def _text_rows(
    header: Sequence[Glyph], body: Sequence[Sequence[Glyph]], stops: Sequence[float], top: float, tilt: float
) -> list[Rule]:
    """Return lines half way between the rows of text that stand in at least two columns, as tilted as the text."""
    middles = [_level(header)]
    for line in body:
        columns = {int(np.searchsorted(stops, glyph.center_x)) for glyph in line}
        if len(columns) >= 2:  # noqa: PLR2004 - a lone text is a note or a signature, not a row
            middles.append(_level(line))
    if len(middles) <= _FEWEST_ROWS:
        return []
    usual = float(np.median(np.diff(middles)))
    edges = [max(top, middles[0] - usual / 2)]
    for above, below in pairwise(middles):
        if below - above > _TABLE_END * usual:
            edges.append(above + usual / 2)
            break
        edges.append((above + below) / 2)
    else:
        edges.append(middles[-1] + usual / 2)
    low, high = stops[0], stops[-1]
    return [Rule((tilt, edge), ((low, high),), (low, high)) for edge in edges]


def _level(line: Sequence[Glyph]) -> float:
    return float(np.median([glyph.center_y for glyph in line]))
