"""From the pages of a file to its documents: split, classified, with fields, rows and notes. Pure.

One certificate stands on one page. A sign-in table that goes on (no title, or numbering that continues) joins the page
before; so do the covers of a diploma; a blank page is dropped unless the file holds nothing else.
"""

import re
from collections.abc import Sequence

from core.vocabulary import DocType, FieldName
from ocr.checks import cross_check
from ocr.choice import choose_fields
from ocr.classify import Verdict, classify, has_signatures
from ocr.evidence import with_evidence
from ocr.extract.certificates import refine_schooling, refine_signed
from ocr.extract.courses import refine_mooc
from ocr.extract.screens import refine_screenshot
from ocr.extract.sheets import sign_in_rows, without_table
from ocr.fields import find_candidates
from ocr.formbook import formbook
from ocr.found import Found
from ocr.layout import DocumentText, read_layout
from ocr.runs import folded
from ocr.types import DocumentReading, PageText, Table

BLANK_CHARACTERS = 4
BLANK = "blank_page"
DARK = "dark_mode"
SCHOOLING = frozenset({DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE})
COVER_CHARACTERS = 60

Facts = dict[FieldName, Found]

_COVER = re.compile(r"毕业证|学位证|毕业|学位|高等学校|高等教育|教育部")


def read_documents(pages: Sequence[PageText]) -> tuple[DocumentReading, ...]:
    """Return the documents that a file's pages (at least one, in order) make up."""
    return tuple(read_document(group) for group in split_pages(pages))


def split_pages(pages: Sequence[PageText]) -> tuple[tuple[PageText, ...], ...]:
    """Group a file's pages into documents, blank ones dropped."""
    written = [p for p in pages if not is_blank(p)] or list(pages[:1])
    groups: list[list[PageText]] = []
    for page in written:
        if groups and (_continues_table(groups[-1], page) or _is_cover(groups[-1], page)):
            groups[-1].append(page)
        else:
            groups.append([page])
    return tuple(tuple(group) for group in groups)


def is_blank(page: PageText) -> bool:
    """Return whether a page says nothing."""
    return page.table is None and sum(len(folded(line.text)) for line in page.lines) < BLANK_CHARACTERS


def read_document(pages: Sequence[PageText]) -> DocumentReading:
    """Return what one document's pages say."""
    numbers = tuple(p.number for p in pages)
    notes: list[str] = [note for page in pages for note in page.notes]
    if any(p.dark for p in pages):
        notes.append(DARK)
    if all(is_blank(p) for p in pages):
        return DocumentReading(numbers, DocType.OTHER, 1.0, notes=_unique([*notes, BLANK]))
    document = read_layout(pages)
    verdict = classify(document)
    facts, told = _facts(document, verdict)
    facts, contradictions = cross_check(verdict.doc_type, facts)
    reading = DocumentReading(
        pages=numbers,
        doc_type=verdict.doc_type,
        type_confidence=verdict.confidence,
        fields={name: found.as_field() for name, found in facts.items()},
        rows=sign_in_rows(document.pages) if verdict.doc_type is DocType.SIGN_IN_SHEET else (),
        notes=_unique([*notes, *told, *contradictions]),
    )
    return with_evidence(reading, document.pages)


def _facts(document: DocumentText, verdict: Verdict) -> tuple[Facts, tuple[str, ...]]:
    """Return the document's facts by its form, and the notes that reading it gave."""
    kind = verdict.doc_type
    form = formbook().forms[kind]
    told: tuple[str, ...]
    if kind is DocType.SIGN_IN_SHEET:
        found, told = find_candidates(read_layout([without_table(p) for p in document.pages]), form)
        return choose_fields(found, form), told
    found, told = find_candidates(document, form)
    if kind is DocType.SCORE_SCREENSHOT:
        facts, more = refine_screenshot(document, found, form)
        return facts, (*told, *more)
    facts, more = _refined(document, kind, choose_fields(found, form))
    return facts, (*told, *more)


def _refined(document: DocumentText, kind: DocType, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Apply what is particular to the document's type."""
    if kind in SCHOOLING:
        return refine_schooling(document, kind, facts), ()
    if kind is DocType.TRAINING_CERTIFICATE:
        return refine_signed(document, facts), ()
    if kind is DocType.MOOC_CERTIFICATE:
        return refine_mooc(document, facts)
    return facts, ()


def _continues_table(group: Sequence[PageText], page: PageText) -> bool:
    """Return whether a page's table goes on from the one before: no header of its own, or numbering that continues."""
    before, table = group[-1].table, page.table
    if before is None or table is None or not has_signatures(before):
        return False
    if not table.has_header:
        return True
    last, first = _ordinals(before), _ordinals(table)
    return bool(last and first and first[0] == last[-1] + 1 and first[0] > 1)


def _ordinals(table: Table) -> list[int]:
    texts = [folded(row.cells["ordinal"].text) for row in table.rows if "ordinal" in row.cells]
    return [int(t) for t in texts if t.isascii() and t.isdigit()]


def _is_cover(group: Sequence[PageText], page: PageText) -> bool:
    """Return whether a page and the one before are outside and inside of a diploma: one says little but its name."""
    if len(group) > 1 or page.table or group[0].table:
        return False
    sizes = [sum(len(folded(line.text)) for line in p.lines) for p in (group[0], page)]
    if min(sizes) > COVER_CHARACTERS:
        return False
    small, large = (group[0], page) if sizes[0] <= sizes[1] else (page, group[0])
    said = "".join(folded(line.text) for line in small.lines)
    if not _COVER.search(said) or classify(read_layout([large])).doc_type not in SCHOOLING:
        return False
    return classify(read_layout([small])).doc_type in SCHOOLING | {DocType.OTHER}


def _unique(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
