"""Whether a document was handed in before, asked of the database."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.keys import Keyring
from core.models import CandidateEntry, Document
from core.states import EntryState
from core.vocabulary import DocType, FieldName
from ocr.serial import fields_from_data
from ocr.types import DocumentReading, TeacherMatch
from verification.duplicates import Earlier, certificate_key, same_learning


def certificate_digest(keyring: Keyring, reading: DocumentReading) -> str | None:
    """Return the keyed digest that finds equal certificates everywhere, None without a number."""
    key = certificate_key(reading)
    return None if key is None else keyring.digest(key)


def earlier_of(session: Session, document: Document, reading: DocumentReading, match: TeacherMatch) -> Earlier:
    """Return the earlier documents that this one repeats; one whose entries people all rejected does not count."""
    same = None
    if document.certificate_digest is not None:
        same = session.scalar(
            _standing(document).where(Document.certificate_digest == document.certificate_digest).limit(1)
        )
    similar = None
    if match.employee_no is not None:
        similar = _similar(session, document, reading, int(match.employee_no))
    return Earlier(same, similar)


def _standing(document: Document) -> Select[str]:
    """Return the SELECT of earlier documents that still have an entry not rejected."""
    return (
        select(Document.public_id)
        .join(CandidateEntry, CandidateEntry.document_id == Document.id)
        .where(Document.id < document.id, CandidateEntry.state != EntryState.REJECTED)
        .order_by(Document.id)
    )


def _similar(session: Session, document: Document, reading: DocumentReading, teacher_id: int) -> str | None:
    """Return an earlier document of the same teacher that tells of the same learning."""
    entries = session.scalars(
        select(CandidateEntry)
        .where(
            CandidateEntry.teacher_id == teacher_id,
            CandidateEntry.document_id < document.id,
            CandidateEntry.state != EntryState.REJECTED,
        )
        .order_by(CandidateEntry.id)
    ).unique()
    for entry in entries:
        earlier = {name: value.value for name, value in fields_from_data(entry.fields).items()}
        own = {FieldName(name): value.value for name, value in reading.fields.items()}
        if same_learning(reading.doc_type, own, DocType(entry.doc_type), earlier):
            return entry.document.public_id
    return None
