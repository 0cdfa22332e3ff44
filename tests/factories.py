"""Rows for tests: each function adds one row with sensible values, flushes, and returns it."""

import hashlib
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from core.access import HeldRole, Viewer
from core.clock import utc_now
from core.ids import new_public_id
from core.models import (
    Batch,
    BatchItem,
    CandidateEntry,
    Document,
    Grant,
    Organisation,
    SourceFile,
    Teacher,
    User,
)
from core.states import EntryState, FileState
from core.storage import Storage
from core.vocabulary import DocType, Level, MatchKind, Recommendation, Role, UploadKind
from ocr.serial import reading_to_data
from ocr.types import DocumentReading

POLICY = "xinxiang-2016-2020"
_numbers = count(1)


def organisation(session: Session, level: Level, parent: Organisation | None = None, name: str = "") -> Organisation:
    """Add a node of the tree below `parent`."""
    row = Organisation(
        parent_id=parent.id if parent else None,
        level=level,
        name=name or f"{level.value} {next(_numbers)}",
        path="",
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    row.path = f"{parent.path if parent else '/'}{row.id}/"
    session.flush()
    return row


def city(session: Session, name: str = "") -> Organisation:
    """Add a city."""
    return organisation(session, Level.CITY, None, name)


def county(session: Session, parent: Organisation | None = None, name: str = "") -> Organisation:
    """Add a county, below a city of its own unless `parent` is given."""
    return organisation(session, Level.COUNTY, parent or city(session), name)


def school(session: Session, parent: Organisation | None = None, name: str = "") -> Organisation:
    """Add a school, below a county of its own unless `parent` is given."""
    return organisation(session, Level.SCHOOL, parent or county(session), name)


def user(session: Session, at: Organisation | None = None, *roles: Role, **values: Any) -> User:
    """Add a person who holds `roles` at `at`."""
    number = next(_numbers)
    row = User(**{"username": f"user{number}", "display_name": f"用户{number}", "created_at": utc_now(), **values})
    session.add(row)
    session.flush()
    if at is not None:
        session.add_all(Grant(user_id=row.id, organisation_id=at.id, role=role.value) for role in roles)
        session.flush()
        session.refresh(row)
    return row


def teacher(session: Session, at: Organisation, name: str, **values: Any) -> Teacher:
    """Add a teacher to a school's roster."""
    row = Teacher(**{"school_id": at.id, "employee_no": f"T{next(_numbers):04}", "name": name, **values})
    session.add(row)
    session.flush()
    return row


def batch(session: Session, at: Organisation | None = None, uploader: User | None = None, **values: Any) -> Batch:
    """Add an empty upload, by an uploader of its own unless one is given."""
    place = at or school(session)
    person = uploader or user(session, place, Role.SCHOOL_UPLOADER)
    row = Batch(
        **{
            "public_id": new_public_id(),
            "school_id": place.id,
            "uploader_id": person.id,
            "upload_kind": UploadKind.INDIVIDUAL,
            "policy_id": POLICY,
            "created_at": utc_now(),
            **values,
        }
    )
    session.add(row)
    session.flush()
    return row


def file(session: Session, storage: Storage | None = None, into: Batch | None = None, **values: Any) -> SourceFile:
    """Add a received file with its item to a batch; `content` (bytes) is stored when a storage is given."""
    target = into or batch(session)
    number = next(_numbers)
    content = values.pop("content", f"file {number}".encode())
    sha256 = storage.put(content) if storage else hashlib.sha256(content).hexdigest()
    row = SourceFile(
        **{
            "public_id": new_public_id(),
            "school_id": target.school_id,
            "batch_id": target.id,
            "name": f"{number}.jpg",
            "sha256": sha256,
            "size": len(content),
            "kind": "jpeg",
            "notes": [],
            "state": FileState.RECEIVED,
            "next_at": utc_now(),
            "created_at": utc_now(),
            **values,
        }
    )
    session.add(row)
    session.flush()
    item = BatchItem(batch_id=target.id, ordinal=number, name=row.name, outcome="accepted", file_id=row.id, notes=[])
    session.add(item)
    session.flush()
    return row


def judgement_data(**values: Any) -> dict[str, Any]:
    """Return an entry's judgement as stored: recommended for approval unless `values` say otherwise."""
    return {
        "pack_id": POLICY,
        "pack_version": "1",
        "pack_hash": "0" * 64,
        "findings": [],
        "recommendation": "approve",
        "reasons": [],
        "category": "special.mooc",
        "credits": "36",
        "needs_attestation": [],
        **values,
    }


def document(session: Session, into: SourceFile, **values: Any) -> Document:
    """Add a MOOC certificate that stands on page 1 of a file, read without fields."""
    reading = DocumentReading(pages=(1,), doc_type=DocType.MOOC_CERTIFICATE, type_confidence=0.99)
    row = Document(
        **{
            "public_id": new_public_id(),
            "file_id": into.id,
            "school_id": into.school_id,
            "ordinal": next(_numbers),
            "doc_type": reading.doc_type,
            "pages": [1],
            "reading": reading_to_data(reading),
            **values,
        }
    )
    session.add(row)
    session.flush()
    return row


def entry(session: Session, of: Document, whose: Teacher | None = None, **values: Any) -> CandidateEntry:
    """Add a candidate entry in review at school level, worth 36 credits, for a teacher if given."""
    uploader_id = of.file.batch.uploader_id
    row = CandidateEntry(
        **{
            "public_id": new_public_id(),
            "document_id": of.id,
            "ordinal": 0,
            "school_id": whose.school_id if whose else of.school_id,
            "uploader_id": uploader_id,
            "upload_kind": UploadKind.INDIVIDUAL,
            "teacher_id": whose.id if whose else None,
            "match": MatchKind.EXACT if whose else MatchKind.NONE,
            "candidates": [],
            "fields": {},
            "judgement": judgement_data(),
            "doc_type": of.doc_type,
            "title": "教育心理学",
            "recommendation": Recommendation.APPROVE,
            "category": "special.mooc",
            "credits": Decimal(36),
            "state": EntryState.IN_REVIEW,
            "level": Level.SCHOOL,
            "version": 1,
            "created_at": utc_now(),
            "updated_at": utc_now(),
            **values,
        }
    )
    session.add(row)
    session.flush()
    return row


def viewer(person: User) -> Viewer:
    """Return the person as services see them."""
    held = tuple(HeldRole(Role(g.role), g.organisation_id, g.organisation.path) for g in person.grants)
    return Viewer(person.id, person.display_name, held)
