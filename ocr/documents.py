"""From the pages of a file to its documents: split, classified, with fields, rows and notes. Pure.

Facts are the inside's of a certificate; its cover and back add only what it lacks. A cover alone names no one.
"""

from collections.abc import Sequence

from core.vocabulary import DocType, FieldName
from ocr.calibration import calibrated
from ocr.checks import cross_check
from ocr.choice import choose_fields
from ocr.classify import Verdict, classify
from ocr.evidence import with_evidence
from ocr.extract.certificates import refine_schooling, refine_signed
from ocr.extract.courses import refine_mooc, with_computed_hours
from ocr.extract.doubts import doubted
from ocr.extract.modules import with_total_hours
from ocr.extract.screens import refine_screenshot
from ocr.extract.sheet_heads import naming, refine_sheet
from ocr.extract.sheets import sign_in_rows, without_table
from ocr.extract.trainings import certifies, names_over_numbers, training_titles
from ocr.fields import find_candidates
from ocr.formbook import formbook
from ocr.found import Found
from ocr.layout import DocumentText, read_layout
from ocr.splitting import cover_kinds, is_blank, side_of, split_pages
from ocr.types import DocumentReading, PageText

BLANK = "blank_page"
DARK = "dark_mode"
SCHOOLING = frozenset({DocType.DIPLOMA, DocType.DEGREE_CERTIFICATE})
# A document of outsides alone names no one; its kind is what the cover says.
COVER = "cover_only"
COVER_SURE = 0.75
# How sure a paper is no certificate that has the words of one but tells next to nothing.
UNTOLD = 0.9
OF_COVER = frozenset({FieldName.ISSUER, FieldName.EDUCATION_LEVEL, FieldName.STUDY_FORM})
# What a paper must tell to be taken for one of a kind without the kind's words, and how sure that is.
GUESSED_TYPE = 0.5
_LEARNED = frozenset({FieldName.HOLDER_NAME, FieldName.TITLE, FieldName.ISSUER})
BY_FACTS = {
    DocType.TRAINING_CERTIFICATE: _LEARNED | {FieldName.HOURS, FieldName.ISSUE_DATE},
    DocType.MOOC_CERTIFICATE: _LEARNED | {FieldName.PLATFORM, FieldName.ISSUE_DATE},
    DocType.SCORE_SCREENSHOT: _LEARNED | {FieldName.SCORE, FieldName.PLATFORM},
    DocType.DIPLOMA: frozenset(
        {FieldName.HOLDER_NAME, FieldName.ISSUER, FieldName.CERTIFICATE_NO, FieldName.EDUCATION_LEVEL}
    ),
}
# What a certificate's outsides can add to its inside.
OUTSIDE = OF_COVER | {FieldName.CERTIFICATE_NO, FieldName.ID_NUMBER}

Facts = dict[FieldName, Found]


def read_documents(pages: Sequence[PageText]) -> tuple[DocumentReading, ...]:
    """Return the documents that a file's pages (at least one, in order) make up, their confidences calibrated."""
    return tuple(calibrated(read_document(group)) for group in split_pages(pages))


def read_document(pages: Sequence[PageText]) -> DocumentReading:
    """Return what one document's pages say, with the reader's own beliefs as confidences."""
    numbers = tuple(p.number for p in pages)
    notes: list[str] = [note for page in pages for note in page.notes]
    if any(p.dark for p in pages):
        notes.append(DARK)
    if all(is_blank(p) for p in pages):
        return DocumentReading(numbers, DocType.OTHER, 1.0, notes=_unique([*notes, BLANK]))
    document, verdict, facts, told = _inside(pages)
    if verdict.doc_type is DocType.OTHER and not facts:
        verdict, facts, told = _by_facts(document, verdict) or (verdict, facts, told)
    if verdict.doc_type is DocType.TRAINING_CERTIFICATE and COVER not in told and not certifies(facts):
        verdict, facts = Verdict(DocType.OTHER, verdict.confidence * UNTOLD, verdict.points), {}
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


def _inside(
    pages: Sequence[PageText],
) -> tuple[DocumentText, Verdict, Facts, tuple[str, ...]]:
    """Return a document's text, type, facts and notes: its inside's, and what only its outsides say."""
    document = read_layout(pages)
    sides = [side_of(page) for page in pages]
    inner = [page for page, side in zip(pages, sides, strict=True) if side in {"inside", "identity"}]
    if not inner and sides[0] == "cover":
        return _cover(document)
    if not inner or len(inner) == len(pages):
        verdict = classify(document)
        return document, verdict, *_facts(document, verdict)
    inside = read_layout(inner)
    verdict = classify(inside)
    if verdict.doc_type is DocType.OTHER:
        inside, verdict = document, classify(document)
    facts, told = _facts(inside, verdict)
    added, _ = _facts(document, verdict)
    return document, verdict, {**{n: f for n, f in added.items() if n in OUTSIDE}, **facts}, told


def _by_facts(document: DocumentText, verdict: Verdict) -> tuple[Verdict, Facts, tuple[str, ...]] | None:
    """Return what a paper of too few words to know it by is by what it tells: who learned what, when and how long.

    Only where nothing speaks for any other paper; no pack takes such a type for certain.
    """
    if verdict.points.get(DocType.OTHER, 0.0) > 0:
        return None
    likely = sorted(BY_FACTS, key=lambda kind: -verdict.points.get(kind, 0.0))
    for kind in (kind for kind in likely if verdict.points.get(kind, 0.0) > 0):
        guess = Verdict(kind, GUESSED_TYPE, verdict.points)
        facts, told = _facts(document, guess)
        if BY_FACTS[kind] <= facts.keys():
            return guess, facts, told
    return None


def _cover(document: DocumentText) -> tuple[DocumentText, Verdict, Facts, tuple[str, ...]]:
    """Return what a cover without its certificate says: a kind and hardly more."""
    verdict = classify(document)
    kinds = cover_kinds(document.pages[0])
    if verdict.doc_type is DocType.OTHER and len(kinds) == 1:
        verdict = Verdict(next(iter(kinds)), COVER_SURE, verdict.points)
    facts, told = _facts(document, verdict)
    return document, verdict, {n: f for n, f in facts.items() if n in OF_COVER}, (*told, COVER)


def _facts(document: DocumentText, verdict: Verdict) -> tuple[Facts, tuple[str, ...]]:
    """Return the document's facts by its form, and the notes that reading it gave."""
    kind = verdict.doc_type
    form = formbook().forms[kind]
    if kind is DocType.SIGN_IN_SHEET:
        document = read_layout([without_table(p) for p in document.pages])
    found, told = find_candidates(document, form)
    if kind is DocType.TRAINING_CERTIFICATE:
        found.extend([*training_titles(document), *names_over_numbers(document)])
    facts: Facts
    more: tuple[str, ...] = ()
    if kind is DocType.SIGN_IN_SHEET:
        facts = refine_sheet(document, choose_fields(naming(document, found), form))
    elif kind is DocType.SCORE_SCREENSHOT:
        facts, more = refine_screenshot(document, found, form)
    else:
        facts, more = _refined(document, kind, choose_fields(found, form))
    facts, doubt = doubted(document, kind, facts)
    return facts, (*told, *more, *doubt)


def _refined(document: DocumentText, kind: DocType, facts: Facts) -> tuple[Facts, tuple[str, ...]]:
    """Apply what is particular to the document's type."""
    if kind in SCHOOLING:
        return refine_schooling(document, kind, facts), ()
    if kind is DocType.TRAINING_CERTIFICATE:
        signed = with_total_hours(document, refine_signed(document, facts))
        return (signed, ()) if FieldName.HOURS in signed else with_computed_hours(document, signed)
    if kind is DocType.MOOC_CERTIFICATE:
        return refine_mooc(document, facts)
    return facts, ()


def _unique(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
