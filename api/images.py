"""What reviewers get to see: re-encoded pages with ID numbers covered, and originals as downloads."""

import io
from typing import Any
from urllib.parse import quote

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import Viewer, get_visible, within
from core.errors import NotFound
from core.models import CandidateEntry, Document, PageRecord, SourceFile
from core.storage import Storage
from core.vocabulary import FieldName

JPEG_QUALITY = 85
COVER = (31, 41, 55)
MARGIN = 0.15  # of the box's height, on every side: a recogniser's box can cut the outermost strokes


def visible_document(session: Session, viewer: Viewer, public_id: str) -> Document:
    """Return a document of the viewer's organisations, or one from which a teacher there has an entry.

    A county's sign-in sheet belongs to the county, but its rows are decided on in the teachers' schools.
    """
    document = session.scalar(select(Document).filter_by(public_id=public_id))
    if document is not None:
        entries = select(CandidateEntry.id).where(CandidateEntry.document_id == document.id).limit(1)
        if session.scalar(within(viewer, entries, CandidateEntry.school_id)) is not None:
            return document
    return get_visible(session, viewer, Document, Document.school_id, public_id=public_id)


def page_jpeg(session: Session, storage: Storage, document: Document, number: int) -> bytes:
    """Return the upright page as JPEG, every ID number read on it covered; NotFound for a page of another document."""
    record = session.scalar(select(PageRecord).filter_by(file_id=document.file_id, number=number))
    if record is None or number not in document.pages:
        raise NotFound("not_found", "There is no such thing here.")
    jpeg = storage.get(record.image)
    boxes = _id_boxes(session, document.file_id, number)
    return covered(jpeg, boxes) if boxes else jpeg


def _id_boxes(session: Session, file_id: int, number: int) -> list[dict[str, float]]:
    """Return where ID numbers stand on a page: as read in any of the file's documents, or as corrected in an entry."""
    readings = session.scalars(select(Document.reading).where(Document.file_id == file_id))
    corrected = session.scalars(
        select(CandidateEntry.fields)
        .join(Document, CandidateEntry.document_id == Document.id)
        .where(Document.file_id == file_id)
    )
    found: list[dict[str, Any]] = [reading["fields"] for reading in readings]
    found += corrected
    values = [fields[FieldName.ID_NUMBER] for fields in found if FieldName.ID_NUMBER in fields]
    return [value["box"] for value in values if value["page"] == number and value["source"] != "person"]


def covered(jpeg: bytes, boxes: list[dict[str, float]]) -> bytes:
    """Return the image with a solid rectangle over each box (fractions of the page)."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        image = picture.convert("RGB")
    draw = ImageDraw.Draw(image)
    for box in boxes:
        margin = (box["bottom"] - box["top"]) * image.height * MARGIN
        draw.rectangle(
            (
                box["left"] * image.width - margin,
                box["top"] * image.height - margin,
                box["right"] * image.width + margin,
                box["bottom"] * image.height + margin,
            ),
            fill=COVER,
        )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def visible_file(session: Session, viewer: Viewer, public_id: str) -> SourceFile:
    """Return a file of the viewer's organisations."""
    return get_visible(session, viewer, SourceFile, SourceFile.school_id, public_id=public_id)


def download_headers(name: str) -> dict[str, str]:
    """Return the headers that make a browser save the bytes and never run or show them."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1].lstrip(".") or "file"
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(plain, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
