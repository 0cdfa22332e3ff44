"""Readings become documents and entries; corrections are judged again; repeats are known across the database."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.keys import Keyring
from core.models import CandidateEntry, Document, SourceFile, Teacher
from core.states import EntryState
from core.vocabulary import DocType, FieldName, MatchKind, Recommendation, Role, UploadKind
from ocr.types import Box, DocumentReading, FieldValue, FileReading, PageImage, SignInRow
from review import decide
from tests import factories
from verification.service import Correction, store_reading

both_databases = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
WHOLE = Box(0.1, 0.1, 0.9, 0.2)
COURSE = {
    FieldName.HOLDER_NAME: "张三",
    FieldName.REAL_NAMED: "true",
    FieldName.PLATFORM: "中国大学MOOC",
    FieldName.TITLE: "教育心理学",
    FieldName.HOURS: "36",
    FieldName.HOURS_UNIT: "学时",
    FieldName.SCORE: "88",
    FieldName.ISSUE_DATE: "2019-07-01",
    FieldName.CERTIFICATE_NO: "MOOC20190701001",
}
SHEET = {
    FieldName.TITLE: "小学语文教研活动",
    FieldName.ISSUER: "云溪县教育局",
    FieldName.PERIOD_START: "2018-05-03",
    FieldName.HOURS: "8",
    FieldName.HOURS_UNIT: "学时",
}


def field(value: str, confidence: float = 0.99) -> FieldValue:
    return FieldValue(value, confidence, 1, WHOLE, "ocr", value)


def document(doc_type: DocType, values: dict[FieldName, str], **more: object) -> DocumentReading:
    fields = {name: field(value) for name, value in values.items()}
    return replace(DocumentReading((1,), doc_type, 0.99, fields), **more)  # type: ignore[arg-type]


def row(ordinal: int, name: str, *signed: str, struck: bool = False) -> SignInRow:
    return SignInRow(ordinal, name, "", "", signed, struck, 0.97, 1, WHOLE)


@dataclass
class Desk:
    """A school with a roster, ready to store readings."""

    session: Session
    keyring: Keyring
    file: SourceFile
    teachers: dict[str, Teacher]

    def store(self, *documents: DocumentReading, file: SourceFile | None = None) -> list[CandidateEntry]:
        target = file or factories.file(self.session, into=self.file.batch)
        target.batch = self.file.batch if file is None else target.batch
        image = PageImage(1, 800, 600, b"jpeg")
        store_reading(self.session, self.keyring, target, FileReading(documents, (image,)), {1: "0" * 64})
        found = self.session.scalars(
            select(CandidateEntry).join(Document).where(Document.file_id == target.id).order_by(CandidateEntry.id)
        )
        return list(found.unique())


@pytest.fixture
def desk(session: Session, keyring: Keyring) -> Desk:
    school = factories.school(session, name="云溪县第一中学")
    names = ("张三", "李四", "王建国", "王建国")
    born = (date(1980, 1, 1), date(1981, 2, 2), date(1975, 3, 3), date(1985, 4, 4))
    teachers = [factories.teacher(session, school, n, birth_date=b) for n, b in zip(names, born, strict=True)]
    file = factories.file(session, into=factories.batch(session, school))
    return Desk(session, keyring, file, {t.name: t for t in teachers})


def organiser(desk: Desk) -> Desk:
    desk.file.batch.upload_kind = UploadKind.ORGANISER
    return desk


@both_databases
def test_a_clear_certificate_becomes_an_entry_recommended_for_approval(desk: Desk) -> None:
    (entry,) = desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    assert (entry.recommendation, entry.credits) == (Recommendation.APPROVE, Decimal(36))
    assert entry.teacher_id == desk.teachers["张三"].id
    assert entry.state == EntryState.IN_REVIEW
    assert all(finding["clause"] for finding in entry.judgement["findings"])


def test_every_document_gets_an_entry_even_one_of_no_known_kind(desk: Desk) -> None:
    entries = desk.store(DocumentReading((1,), DocType.OTHER, 0.3), document(DocType.MOOC_CERTIFICATE, COURSE))
    assert [entry.recommendation for entry in entries] == [Recommendation.REVIEW, Recommendation.APPROVE]
    assert "unsupported_document" in entries[0].judgement["reasons"]


def test_the_same_certificate_number_again_is_a_duplicate(desk: Desk) -> None:
    desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    (again,) = desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    assert again.recommendation == Recommendation.REJECT
    assert "duplicate" in again.judgement["reasons"]


def test_a_duplicate_in_another_school_is_known_too(desk: Desk) -> None:
    desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    elsewhere = factories.school(desk.session, name="江岭区第三中学")
    factories.teacher(desk.session, elsewhere, "张三")
    file = factories.file(desk.session, into=factories.batch(desk.session, elsewhere))
    (again,) = desk.store(document(DocType.MOOC_CERTIFICATE, COURSE), file=file)
    assert "duplicate" in again.judgement["reasons"]


def test_a_document_whose_first_scan_was_rejected_may_come_again(desk: Desk) -> None:
    (first,) = desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    first.state = EntryState.REJECTED
    desk.session.flush()
    (again,) = desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    assert again.recommendation == Recommendation.APPROVE


def test_a_sheet_gives_each_signed_teacher_an_entry(desk: Desk) -> None:
    rows = (row(1, "张三", "签名"), row(2, "李四"), row(3, "王建国", "签名"), row(4, "赵六", "签名", struck=True))
    entries = organiser(desk).store(document(DocType.SIGN_IN_SHEET, SHEET, rows=rows))
    assert [(e.ordinal, e.match) for e in entries] == [(1, MatchKind.EXACT), (3, MatchKind.AMBIGUOUS)]
    assert (entries[0].recommendation, entries[0].credits) == (Recommendation.APPROVE, Decimal(8))
    assert entries[1].recommendation == Recommendation.REVIEW
    assert entries[1].teacher_id is None
    assert len(entries[1].candidates) == 2


def test_the_same_activity_again_is_seen_on_each_row(desk: Desk) -> None:
    rows = (row(1, "张三", "签名"),)
    organiser(desk).store(document(DocType.SIGN_IN_SHEET, SHEET, rows=rows))
    (again,) = desk.store(document(DocType.SIGN_IN_SHEET, SHEET, rows=rows))
    assert again.recommendation == Recommendation.REVIEW
    assert "possible_duplicate" in again.judgement["reasons"]


def test_a_sheet_that_nobody_signed_still_reaches_a_person(desk: Desk) -> None:
    (entry,) = organiser(desk).store(document(DocType.SIGN_IN_SHEET, SHEET, rows=(row(1, "张三"),)))
    assert (entry.ordinal, entry.teacher_id) == (0, None)
    assert entry.recommendation != Recommendation.APPROVE


def test_a_correction_is_judged_again_and_starts_over(desk: Desk) -> None:
    values = {**COURSE, FieldName.HOLDER_NAME: "张二"}
    (entry,) = desk.store(document(DocType.MOOC_CERTIFICATE, values))
    assert entry.teacher_id is None
    reviewer = factories.viewer(factories.user(desk.session, entry.school, Role.SCHOOL_REVIEWER))
    decide.correct(
        desk.session, reviewer, entry.public_id, 1, Correction({FieldName.HOLDER_NAME: "张三", FieldName.HOURS: "30"})
    )
    assert (entry.match, entry.credits) == (MatchKind.EXACT, Decimal(30))
    assert entry.recommendation == Recommendation.APPROVE
    assert entry.fields["hours"]["source"] == "person"
    assert entry.fields["score"]["source"] == "ocr"


def test_a_person_chooses_among_namesakes(desk: Desk) -> None:
    (entry,) = desk.store(document(DocType.MOOC_CERTIFICATE, {**COURSE, FieldName.HOLDER_NAME: "王建国"}))
    assert entry.match == MatchKind.AMBIGUOUS
    reviewer = factories.viewer(factories.user(desk.session, entry.school, Role.SCHOOL_REVIEWER))
    chosen = entry.candidates[1]["teacher_id"]
    decide.correct(desk.session, reviewer, entry.public_id, 1, Correction(teacher_id=chosen))
    assert entry.teacher_id == chosen
    assert entry.recommendation == Recommendation.APPROVE


@pytest.mark.parametrize(
    ("name", "value"),
    [(FieldName.HOURS, "-3"), (FieldName.ISSUE_DATE, "2019-13-01"), (FieldName.ID_NUMBER, "4107**********1234")],
)
def test_a_malformed_correction_is_refused(desk: Desk, name: FieldName, value: str) -> None:
    (entry,) = desk.store(document(DocType.MOOC_CERTIFICATE, COURSE))
    reviewer = factories.viewer(factories.user(desk.session, entry.school, Role.SCHOOL_REVIEWER))
    with pytest.raises(Invalid) as refusal:
        decide.correct(desk.session, reviewer, entry.public_id, 1, Correction({name: value}))
    assert refusal.value.code == "field_invalid"


def test_id_numbers_are_sealed_in_the_database(desk: Desk) -> None:
    number = "990101198001010017"
    desk.store(document(DocType.MOOC_CERTIFICATE, {**COURSE, FieldName.ID_NUMBER: number}))
    desk.session.flush()
    for stored in ("SELECT reading FROM document", "SELECT fields FROM candidate_entry"):
        raw = desk.session.execute(text(stored)).scalars().all()
        assert raw
        assert all(number.encode() not in bytes(value) for value in raw)
