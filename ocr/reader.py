"""One file becomes its documents: pages made upright and read, tables found, documents told apart, images re-encoded.

Runs inside the reader child (ocr/sandbox.py); pure apart from reading the file. Errors are those of intake/pages.py.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.limits import Limits
from intake.pages import RawPage, iter_pages
from intake.types import FileKind
from ocr.documents import read_documents
from ocr.engine import Engine
from ocr.pdftext import TextLayer
from ocr.preprocess import is_blank
from ocr.spelling import contradicts, spell
from ocr.tables import find_table, reread_cells
from ocr.types import FileReading, PageImage, PageText

Image = NDArray[np.uint8]
# Told before each step that may hang: the page's number, and "page" or "text_layer".
Progress = Callable[[int, str], None]

DISTRUSTED = "text_layer_distrusted"
_SHOWN_SIDE = 2000
_SHOWN_QUALITY = 80


def read_file(
    path: Path, kind: FileKind, engine: Engine, limits: Limits, progress: Progress, *, text_layer: bool = True
) -> FileReading:
    """Read one validated file. `text_layer` False leaves a PDF's text layer alone.

    Blank pages are dropped with the note `blank_page_dropped`; a file of nothing but blank pages is one document of
    type other. Every page keeps its image.
    """
    texts, images = read_pages(path, kind, engine, limits, progress, text_layer=text_layer)
    notes = [note for text in texts for note in text.notes]
    if any(not text.lines for text in texts):
        notes.append("blank_page_dropped")
    return FileReading(documents=read_documents(texts), images=tuple(images), notes=tuple(dict.fromkeys(notes)))


def read_pages(
    path: Path, kind: FileKind, engine: Engine, limits: Limits, progress: Progress, *, text_layer: bool = True
) -> tuple[list[PageText], list[PageImage]]:
    """Return what stands on each page of a validated file, and each page's image."""
    layer = TextLayer(path) if text_layer and kind is FileKind.PDF else None
    texts: list[PageText] = []
    images: list[PageImage] = []
    columns: tuple[str, ...] | None = None
    progress(1, "page")
    try:
        for raw in iter_pages(path, kind, limits):
            text, upright, shown = _read_page(raw, engine, layer, progress)
            text = _with_table(text, upright, engine, columns)
            columns = carried_columns(text, columns)
            images.append(_page_image(raw.number, shown))
            texts.append(text)
            progress(raw.number + 1, "page")
    finally:
        if layer is not None:
            layer.close()
    return texts, images


def _read_page(
    raw: RawPage, engine: Engine, layer: TextLayer | None, progress: Progress
) -> tuple[PageText, Image, Image]:
    """Return what stands on a page (no lines: it is blank), the upright page, and the page as people see it."""
    height, width = raw.image.shape[:2]
    if is_blank(raw.image):
        return PageText(number=raw.number, width=width, height=height, source="ocr", lines=()), raw.image, raw.image
    text, upright = engine.read_raw(raw.image, raw.number)
    if layer is not None and upright.as_drawn:
        progress(raw.number, "text_layer")
        glyphs = layer.glyphs(raw.number)
        progress(raw.number, "page")
        if glyphs:
            # the layer of a scan is someone's OCR: it cannot bear out our own
            text, distrusted = (
                (text, contradicts(text.lines, glyphs))
                if raw.scanned
                else spell(text, glyphs, upright.image, engine.recognise)
            )
            notes = (*text.notes, DISTRUSTED) if distrusted else text.notes
            text = replace(text, notes=notes)
    return text, upright.image, upright.shown


def _with_table(text: PageText, image: Image, engine: Engine, columns: tuple[str, ...] | None) -> PageText:
    """Find the sign-in table of a page; doubtful names in it are read again at native resolution.

    `columns` are those of the table on the page before, for a sheet that goes on without a header.
    """
    table = find_table(image, text, columns)
    if table is not None:
        table = reread_cells(table, image, text, engine.read_crop)
    return replace(text, table=table)


def carried_columns(text: PageText, columns: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the columns that a sheet's next page has if it shows no header: those of the last header.

    A blank page ends no sheet, and a page whose rules were misread does not change what its columns are.
    """
    if text.table is None:
        return None if text.lines else columns
    return text.table.columns if text.table.has_header or columns is None else columns


def _page_image(number: int, image: Image) -> PageImage:
    """Encode a page for people: at most 2000 pixels a side, never the uploaded bytes."""
    scale = min(_SHOWN_SIDE / max(image.shape[:2]), 1.0)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _SHOWN_QUALITY])
    return PageImage(number=number, width=small.shape[1], height=small.shape[0], jpeg=encoded.tobytes())
