"""The tables, one file a subject. Import table classes from here."""

from core.models.base import Base
from core.models.documents import Document, PageRecord
from core.models.entries import Attestation, CandidateEntry, Decision
from core.models.files import Batch, BatchItem, SourceFile
from core.models.ledger import LedgerEntry, LedgerHead
from core.models.log import AuditEvent, OutboxEvent
from core.models.people import ApiKey, Grant, OneTimeLink, Organisation, Teacher, User, UserSession

__all__ = [
    "ApiKey",
    "Attestation",
    "AuditEvent",
    "Base",
    "Batch",
    "BatchItem",
    "CandidateEntry",
    "Decision",
    "Document",
    "Grant",
    "LedgerEntry",
    "LedgerHead",
    "OneTimeLink",
    "Organisation",
    "OutboxEvent",
    "PageRecord",
    "SourceFile",
    "Teacher",
    "User",
    "UserSession",
]
