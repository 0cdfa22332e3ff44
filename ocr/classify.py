"""What a document is, from weighted evidence over its words and geometry. Pure.

Evidence adds up per type; the type's confidence is a softmax share, capped by how much evidence there is at all. Too
little evidence leaves `other`, as does nearly as much for `other`; of two other types nearly level the likelier is
given, with a confidence that no pack takes for certain.
"""

import math
import re
from dataclasses import dataclass

from core.vocabulary import DocType
from ocr.formbook import Form, formbook
from ocr.layout import DocumentText
from ocr.tables.header import SIGNATURE
from ocr.types import Table

# Characters above which a page is no paper of ours, and how sure that is.
MOST_TEXT = 5000
LONG_TEXT = 0.95
# Points below which a page shows too little to be called a type, and at which the evidence counts as full.
ENOUGH = 4.0
FULL = 8.0
TEMPERATURE = 1.5
TABLE_POINTS = 3.0
# Fewer rows can be lines of a certificate that happen to stand in columns.
TABLE_ROWS = 2
SIGNATURE_POINTS = 3.0
UNSIGNED_POINTS = 5.0
DARK_POINTS = 2.0
TALL_SCREEN = 1.6
SCREEN_POINTS = 1.0
LEVEL = 0.55

_SIGNING = re.compile(r"签[到名字退]|报到")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A type and how sure it is (0..1); `points` are the sums of evidence of each type."""

    doc_type: DocType
    confidence: float
    points: dict[DocType, float]


def classify(document: DocumentText) -> Verdict:
    """Return the type of a document."""
    if len(document.flow.text) > MOST_TEXT and not any(page.table for page in document.pages):
        # No certificate, score page or sheet says so much; patterns are not run over a book.
        return Verdict(DocType.OTHER, LONG_TEXT, {})
    points = {doc_type: _points(document, form) for doc_type, form in formbook().forms.items()}
    _add_geometry(document, points)
    best = max(points, key=lambda t: points[t])
    shares = {t: math.exp((p - points[best]) / TEMPERATURE) for t, p in points.items()}
    share = shares[best] / sum(shares.values())
    if best is DocType.OTHER:
        return Verdict(best, _capped(share, points[best]), points)
    if points[best] < ENOUGH:
        return Verdict(DocType.OTHER, 1 - points[best] / FULL if points[best] > 0 else 0.9, points)
    if share < LEVEL and points[DocType.OTHER] >= points[best] - TEMPERATURE:
        return Verdict(DocType.OTHER, 1 - share, points)
    return Verdict(best, _capped(share, points[best]), points)


def has_signatures(table: Table) -> bool:
    """Return whether a table has a column to sign in."""
    return any(role.startswith(SIGNATURE) for role in table.columns)


def _points(document: DocumentText, form: Form) -> float:
    views = {"flow": document.flow.text, "lines": document.by_line.text, "head": document.head.text}
    return sum(e.weight for e in form.evidence if e.pattern.search(views[e.view]))


def _add_geometry(document: DocumentText, points: dict[DocType, float]) -> None:
    """Add what the page's shape and tables say."""
    tables = [page.table for page in document.pages if page.table and len(page.table.rows) >= TABLE_ROWS]
    if tables:
        # Lines of a certificate can stand in columns: without a header or a word of signing a table says little.
        told = any(table.has_header for table in tables) or _SIGNING.search(document.flow.text)
        points[DocType.SIGN_IN_SHEET] += TABLE_POINTS if told else 0.0
        if told and any(has_signatures(table) for table in tables):
            points[DocType.SIGN_IN_SHEET] += SIGNATURE_POINTS
    if not _SIGNING.search(document.flow.text) and not any(t.has_header and has_signatures(t) for t in tables):
        # A list of names is no sheet until there is room to sign.
        points[DocType.SIGN_IN_SHEET] -= UNSIGNED_POINTS
    if any(page.dark for page in document.pages):
        points[DocType.SCORE_SCREENSHOT] += DARK_POINTS
    first = document.pages[0]
    if first.height > TALL_SCREEN * first.width:
        points[DocType.SCORE_SCREENSHOT] += SCREEN_POINTS


def _capped(share: float, points: float) -> float:
    return round(share * min(1.0, 0.5 + 0.5 * points / FULL), 4)
