"""Judging against the database: readings become documents and candidate entries; corrections are judged again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from core import audit
from core.clock import DISPLAY_ZONE, utc_now
from core.errors import Invalid
from core.ids import new_public_id
from core.keys import Keyring
from core.models import CandidateEntry, Document, Organisation, PageRecord, SourceFile, Teacher
from core.models.base import Seal
from core.states import EntryState
from core.storage import Storage
from core.vocabulary import DocType, FieldName, Level, MatchKind, UploadKind
from intake.roster_service import roster_value, teachers_at
from ocr.names import Roster, match_document, match_name, match_row
from ocr.serial import fields_from_data, fields_to_data, reading_from_data, reading_to_data
from ocr.spelled import reading_as_spelled
from ocr.types import Candidate, DocumentReading, FieldValue, FileReading, SignInRow, TeacherMatch
from verification.corrections import corrected_fields
from verification.evaluate import judge, judge_rows
from verification.facts import IDENTIFYING
from verification.loader import LoadedPack, load_pack
from verification.repeats import certificate_digest, earlier_of
from verification.serial import judgement_to_data
from verification.sheets import judge_sheet
from verification.types import Judgement, Submission

WHOLE_DOCUMENT = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person sets right: field values, the teacher (row id), the kind of document. Empty means unchanged."""

    fields: Mapping[FieldName, str] = field(default_factory=dict)
    teacher_id: int | None = None
    doc_type: DocType | None = None


@dataclass(frozen=True, slots=True)
class _Credit:
    """One entry to be: whose, how matched, what was judged, from which fields."""

    ordinal: int
    match: TeacherMatch
    judgement: Judgement
    fields: dict[FieldName, FieldValue]


def store_images(storage: Storage, reading: FileReading) -> dict[int, str]:
    """Put the page images into the storage, outside any transaction; returns page number -> blob name."""
    return {image.number: storage.put(image.jpeg) for image in reading.images}


def store_reading(
    session: Session, keyring: Keyring, file: SourceFile, reading: FileReading, images: Mapping[int, str]
) -> None:
    """Write a finished reading: pages, documents, and at least one candidate entry for each document."""
    for image in reading.images:
        session.add(
            PageRecord(
                file_id=file.id,
                number=image.number,
                width=image.width,
                height=image.height,
                image=images[image.number],
            )
        )
    file.pages = len(reading.images)
    file.notes = [*file.notes, *(note for note in reading.notes if note not in file.notes)]
    teachers = {str(teacher.id): teacher for teacher in teachers_at(session, file.batch.school)}
    roster = Roster([roster_value(teacher) for teacher in teachers.values()])
    for ordinal, document in enumerate(reading.documents, start=1):
        _store_document(session, keyring, file, ordinal, document, teachers, roster)


def _store_document(
    session: Session,
    keyring: Keyring,
    file: SourceFile,
    ordinal: int,
    reading: DocumentReading,
    teachers: Mapping[str, Teacher],
    roster: Roster,
) -> None:
    document = Document(
        public_id=new_public_id(),
        file_id=file.id,
        school_id=file.school_id,
        ordinal=ordinal,
        doc_type=reading.doc_type,
        pages=list(reading.pages),
        reading=reading_to_data(reading),
        certificate_digest=certificate_digest(keyring, reading),
    )
    session.add(document)
    session.flush()
    document.file = file
    pack = load_pack(file.batch.policy_id)
    for credit in _credits(session, pack, document, reading, roster, file.batch.school):
        _store_entry(session, document, credit, teachers, pack)


def _credits(
    session: Session,
    pack: LoadedPack,
    document: Document,
    reading: DocumentReading,
    roster: Roster,
    organisation: Organisation,
) -> Iterable[_Credit]:
    """Yield one credit for each signed row of a sheet, or one for the document as a whole."""
    school = organisation.name if organisation.level == Level.SCHOOL else None
    match = match_document(reading, roster, school)
    submission = _submission(session, document, reading, match)
    if reading.doc_type is not DocType.SIGN_IN_SHEET:
        shown = reading_as_spelled(reading, match)
        yield _Credit(WHOLE_DOCUMENT, match, judge(pack, shown, submission), dict(shown.fields))
        return
    matches = [match_row(row, roster, school) for row in reading.rows]
    earlier = [_told_before(session, document, reading, found) for found in matches]
    shown = reading_as_spelled(reading, match, matches)
    whole, judged = judge_sheet(pack, shown, submission, matches, earlier)
    signed = [
        (place, row, found)
        for place, (row, found) in enumerate(zip(judged, matches, strict=True), start=1)
        if row.row.signed and not row.row.struck
    ]
    for place, row, found in signed:
        yield _Credit(place, found, row.judgement, _row_fields(reading, row.row, place))
    if not signed:
        nobody = TeacherMatch(MatchKind.NONE)
        yield _Credit(WHOLE_DOCUMENT, nobody, whole, dict(reading.fields))


def _told_before(session: Session, document: Document, reading: DocumentReading, match: TeacherMatch) -> str | None:
    """Return the earlier document that told of a row's activity, if the row's teacher is known."""
    return earlier_of(session, document, reading, match).similar if match.match in IDENTIFYING else None


def _row_fields(reading: DocumentReading, row: SignInRow, place: int) -> dict[FieldName, FieldValue]:
    """Return the sheet's fields with the row's name as the holder."""
    holder = FieldValue(row.name, row.confidence, row.page, row.box, "ocr", reading.rows[place - 1].name, row.evidence)
    return {**reading.fields, FieldName.HOLDER_NAME: holder}


def _submission(session: Session, document: Document, reading: DocumentReading, match: TeacherMatch) -> Submission:
    batch = document.file.batch
    earlier = earlier_of(session, document, reading, match)
    return Submission(
        upload_kind=UploadKind(batch.upload_kind),
        submitted_on=batch.created_at.astimezone(DISPLAY_ZONE).date(),
        match=match.match,
        duplicate_of=earlier.same,
        possible_duplicate_of=earlier.similar,
    )


def _store_entry(
    session: Session, document: Document, credit: _Credit, teachers: Mapping[str, Teacher], pack: LoadedPack
) -> None:
    teacher = teachers.get(credit.match.employee_no or "")
    own = Level(teacher.school.level) if teacher else Level(document.file.batch.school.level)
    levels = pack.policy.levels
    entry = CandidateEntry(
        public_id=new_public_id(),
        document_id=document.id,
        ordinal=credit.ordinal,
        school_id=teacher.school_id if teacher else document.school_id,
        uploader_id=document.file.batch.uploader_id,
        upload_kind=document.file.batch.upload_kind,
        state=EntryState.IN_REVIEW,
        level=own if own in levels else levels[0],
        version=1,
        created_at=utc_now(),
        updated_at=utc_now(),
        doc_type=document.doc_type,
    )
    _set_person(entry, credit.match, teacher)
    _set_judgement(entry, credit.fields, credit.judgement)
    session.add(entry)
    session.flush()
    audit.record(
        session,
        "entry_proposed",
        f"entry:{entry.public_id}",
        organisation_id=entry.school_id,
        recommendation=entry.recommendation,
        reasons=list(credit.judgement.reasons),
    )


def _set_person(entry: CandidateEntry, match: TeacherMatch, teacher: Teacher | None) -> None:
    entry.teacher_id = teacher.id if teacher and match.match in IDENTIFYING else None
    entry.match = match.match
    entry.candidates = [_candidate(candidate) for candidate in match.candidates]


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "teacher_id": int(candidate.employee_no),
        "name": candidate.name,
        "school": candidate.school,
        "score": round(candidate.score, 3),
    }


def _set_judgement(entry: CandidateEntry, fields: Mapping[FieldName, FieldValue], judgement: Judgement) -> None:
    title = fields.get(FieldName.TITLE)
    entry.fields = fields_to_data(dict(fields))
    entry.title = title.value[:300] if title else None
    entry.judgement = judgement_to_data(judgement)
    entry.recommendation = judgement.recommendation
    entry.category = judgement.category
    entry.credits = judgement.credits


def rejudge(session: Session, entry: CandidateEntry, correction: Correction) -> tuple[str, ...]:
    """Apply a correction to an entry and judge it again under its pack; returns the names of what changed.

    Raises Invalid `field_invalid` for a malformed value, `teacher_unknown` for one outside the entry's organisation,
    `nothing_changed` when the correction says nothing new.
    """
    document = entry.document
    before = fields_from_data(entry.fields)
    fields = corrected_fields(before, correction.fields)
    changed = [name.value for name in fields.keys() | before.keys() if fields.get(name) != before.get(name)]
    doc_type = correction.doc_type or DocType(entry.doc_type)
    if doc_type != entry.doc_type:
        changed.append("doc_type")
    organisation = document.file.batch.school
    teachers = {str(teacher.id): teacher for teacher in teachers_at(session, organisation)}
    roster = Roster([roster_value(teacher) for teacher in teachers.values()])
    reading = replace(reading_from_data(document.reading), doc_type=doc_type, fields=fields)
    if correction.doc_type is not None:
        reading = replace(reading, type_confidence=1.0)
    match = _corrected_match(entry, correction, reading, roster, teachers)
    if match.employee_no != (str(entry.teacher_id) if entry.teacher_id else None):
        changed.append("teacher")
    if not changed:
        raise Invalid("nothing_changed", "Nothing was changed.")
    document.certificate_digest = certificate_digest(Seal.ring(), reading)
    session.flush()
    submission = _submission(session, document, reading, match)
    pack = load_pack(entry.judgement["pack_id"])
    judgement = _judged_again(pack, entry, reading, submission, match)
    teacher = teachers.get(match.employee_no or "")
    entry.doc_type = doc_type
    entry.school_id = teacher.school_id if teacher else document.school_id
    _set_person(entry, match, teacher)
    _set_judgement(entry, fields, judgement)
    session.flush()
    return tuple(changed)


def _corrected_match(
    entry: CandidateEntry,
    correction: Correction,
    reading: DocumentReading,
    roster: Roster,
    teachers: Mapping[str, Teacher],
) -> TeacherMatch:
    """Return the person's choice if there is one, else the match of the corrected fields."""
    if correction.teacher_id is not None:
        if str(correction.teacher_id) not in teachers:
            raise Invalid("teacher_unknown", "This teacher is not on the roster here.")
        return TeacherMatch(MatchKind.EXACT, str(correction.teacher_id))
    if FieldName.HOLDER_NAME not in correction.fields and entry.teacher_id is not None:
        return TeacherMatch(MatchKind(entry.match), str(entry.teacher_id))
    if entry.ordinal != WHOLE_DOCUMENT:
        holder = reading.fields.get(FieldName.HOLDER_NAME)
        return match_name(holder.value if holder else "", roster, evidence=holder.evidence if holder else None)
    organisation = entry.document.file.batch.school
    return match_document(reading, roster, organisation.name if organisation.level == Level.SCHOOL else None)


def _judged_again(
    pack: LoadedPack, entry: CandidateEntry, reading: DocumentReading, submission: Submission, match: TeacherMatch
) -> Judgement:
    if entry.ordinal == WHOLE_DOCUMENT or reading.doc_type is not DocType.SIGN_IN_SHEET:
        return judge(pack, reading, submission)
    row = replace(reading.rows[entry.ordinal - 1], confidence=1.0, ink=1.0)
    (judged,) = judge_rows(pack, replace(reading, rows=(row,)), submission, [match])
    return judged.judgement
