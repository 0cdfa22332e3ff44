"""Lines that look like rules and are none: strokes that strike out a row, parts of signatures, folds of the paper."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ocr.tables.glyph import Glyph
from ocr.tables.rules import Rule, span_coverage

# Pixels of the working image (see rules.WORKING_SIDE).
_PARTLY = (0.2, 0.85)
_AT_RULE = 6.0
_CUT_ZONE = 0.25
_CUT_SHARE = 0.6
_CUT_CHARS = 3
_CROWDED = 1.35
_ROOMY = 1.7
_STROKE = 0.3
_IN_PART = 0.6
_OVERSHOOT = 80.0
_UNBROKEN = 0.9
_FEWEST_TRUE = 3


def without_folds(rules: Sequence[Rule], across: Sequence[Rule]) -> list[Rule]:
    """Return rules of one direction without those that run on far beyond the table at both ends: folds of the paper.

    True rules end where the outermost rules across them are; if most run on beyond, the table's sides are open.
    """
    folds = [rule for rule in rules if _runs_through(rule, rules, across)]
    return [rule for rule in rules if rule not in folds] if len(rules) - len(folds) >= _FEWEST_TRUE else list(rules)


def _runs_through(rule: Rule, beside: Sequence[Rule], across: Sequence[Rule]) -> bool:
    level = rule.at((rule.low + rule.high) / 2)
    ends = [other.at(level) for other in across]
    low = min(*ends, float(np.median([other.low for other in beside])))
    high = max(*ends, float(np.median([other.high for other in beside])))
    if rule.low > low - _OVERSHOOT or rule.high < high + _OVERSHOOT:
        return False
    # text that happens to lie on a rule's continuation has gaps
    return min(rule.coverage(rule.low, low), rule.coverage(high, rule.high)) >= _UNBROKEN


def drop_strokes(rows: Sequence[Rule], columns: Sequence[Rule], glyphs: Sequence[Glyph]) -> list[Rule]:
    """Return the horizontal rules without strokes drawn through a row of text (they strike it out) or in a signature.

    The least drawn of the doubtful ones goes first: without it, a true rule beside it stands in its place again.
    """
    wide = max(rule.high for rule in rows) - min(rule.low for rule in rows)
    kept = [rule for rule in rows if rule.covered >= _STROKE * wide or _ends_on_rules(rule, columns)]
    cuts = {id(rule): _text_cut(rule, glyphs) for rule in rows}
    loose = {id(rule): not _ends_on_rules(rule, columns) for rule in rows}
    middle = (kept[0].low + kept[0].high) / 2 if kept else 0.0
    # lines through text are none of the rules, whose room tells a row's: where many rows are struck, it would be half
    sure = [rule.at(middle) for rule in kept if not _through(*cuts[id(rule)])]
    steps = np.diff(sure) if len(sure) >= _FEWEST_TRUE else None
    while len(kept) > 3:  # noqa: PLR2004 - no spacing to compare with
        places = np.array([rule.at(middle) for rule in kept])
        usual = float(np.median(np.diff(places) if steps is None else steps))
        strokes = []
        for index in range(1, len(kept) - 1):
            rule = kept[index]
            room = (places[index + 1] - places[index - 1]) / max(usual, 1.0)
            cut, near = cuts[id(rule)]
            in_part = rule.covered < _IN_PART * wide and cut >= _CUT_CHARS
            through = in_part or _through(cut, near)
            cuts_all = loose[id(rule)] and cut >= max(1, _CUT_SHARE * near)
            if (room < _CROWDED and (through or loose[id(rule)])) or (room < _ROOMY and cuts_all):
                strokes.append(rule)
        if not strokes:
            break
        kept.remove(min(strokes, key=lambda rule: rule.covered))
    return kept


def _through(cut: int, near: int) -> bool:
    """Return whether a line runs through the middle of most characters that it passes."""
    return cut >= _CUT_CHARS and cut >= _CUT_SHARE * near


def _ends_on_rules(rule: Rule, columns: Sequence[Rule]) -> bool:
    """Return whether a horizontal rule begins and ends at vertical ones: no cell of its row is covered in part."""
    if not rule.seeds:
        return True
    shares = []
    for left, right in pairwise(columns):
        level = rule.at((rule.low + rule.high) / 2)
        shares.append(span_coverage(rule.seeds, left.at(level) + 4, right.at(level) - 4))
    ends = [min(abs(c.at(rule.at(end)) - end) for c in columns) for end in (rule.seeds[0][0], rule.seeds[-1][1])]
    return min(ends) <= _AT_RULE and not any(_PARTLY[0] < share < _PARTLY[1] for share in shares)


def _text_cut(rule: Rule, glyphs: Sequence[Glyph]) -> tuple[int, int]:
    """Return how many characters the rule runs through the middle of, and how many it touches or passes close by."""
    cut = near = 0
    level = rule.at((rule.low + rule.high) / 2)
    bend = max(abs(rule.at(rule.low) - level), abs(rule.at(rule.high) - level))
    for glyph in glyphs:
        if abs(glyph.center_y - level) > bend + glyph.height or not rule.touches(glyph.center_x, 0):
            continue
        off = abs(rule.at(glyph.center_x) - glyph.center_y)
        near += off <= glyph.height
        cut += off <= _CUT_ZONE * glyph.height
    return cut, near
