"""Duplicates: certain by bytes and numbers, possible by likeness."""

import pytest

from core.vocabulary import DocType, FieldName, MatchKind, Recommendation
from ocr.types import Box, DocumentReading, FieldValue, TeacherMatch
from verification.duplicates import DuplicateIndex, Earlier, certificate_key, same_learning

F = FieldName
PLACE = Box(0, 0, 1, 1)
WHO = TeacherMatch(MatchKind.EXACT, "E1")
OTHER = TeacherMatch(MatchKind.EXACT, "E2")
MOOC = DocType.MOOC_CERTIFICATE
SHOT = DocType.SCORE_SCREENSHOT
TRAINING = DocType.TRAINING_CERTIFICATE
COURSE = {F.PLATFORM: "中国大学MOOC", F.TITLE: "教师如何做研究"}


def reading(doc_type: DocType, values: dict[FieldName, str], confidence: float = 0.95) -> DocumentReading:
    fields = {n: FieldValue(v, confidence, 1, PLACE, "ocr", v) for n, v in values.items()}
    return DocumentReading((1,), doc_type, 0.9, fields)


def ask(index: DuplicateIndex, name: str, document: DocumentReading, match: TeacherMatch = WHO) -> Earlier:
    earlier = index.earlier(document, match)
    index.remember(name, document, match, Recommendation.REVIEW)
    return earlier


def test_the_same_bytes_name_the_first_file() -> None:
    index = DuplicateIndex()
    assert index.file_seen("a.jpg", "1") is None
    assert index.file_seen("b.jpg", "1") == "a.jpg"
    assert index.file_seen("c.jpg", "1") == "a.jpg"
    assert index.file_seen("d.jpg", "2") is None


def test_an_equal_certificate_number_is_the_same_certificate() -> None:
    index = DuplicateIndex()
    assert ask(index, "a.jpg", reading(DocType.DIPLOMA, {F.CERTIFICATE_NO: "104765201805000123"})) == Earlier()
    assert (
        ask(index, "b.jpg", reading(DocType.DIPLOMA, {F.CERTIFICATE_NO: "1047 6520 1805 000123"}), OTHER).same
        == "a.jpg"
    )
    assert ask(index, "c.jpg", reading(DocType.DIPLOMA, {F.CERTIFICATE_NO: "104765201805000124"}), OTHER).same is None


@pytest.mark.parametrize(
    ("doc_type", "number", "confidence"),
    [(DocType.DIPLOMA, "104765201805000123", 0.5), (MOOC, "123", 0.95), (TRAINING, "教培2018012号", 0.95)],
)
def test_a_doubtful_short_or_project_number_rejects_no_one(doc_type: DocType, number: str, confidence: float) -> None:
    assert certificate_key(reading(doc_type, {F.CERTIFICATE_NO: number}, confidence)) is None


def test_a_projects_number_is_only_the_same_for_the_same_person() -> None:
    index = DuplicateIndex()
    first, second = ({F.CERTIFICATE_NO: "YP20180001", F.HOLDER_NAME: name} for name in ("张三", "李四"))
    ask(index, "a.jpg", reading(TRAINING, first))
    assert ask(index, "b.jpg", reading(TRAINING, second), OTHER) == Earlier()
    assert ask(index, "c.jpg", reading(TRAINING, first)).same == "a.jpg"


def test_certificate_and_screenshot_of_one_course_are_possibly_one() -> None:
    index = DuplicateIndex()
    ask(index, "a.jpg", reading(MOOC, COURSE))
    assert ask(index, "b.jpg", reading(SHOT, {**COURSE, F.TITLE: "《教师如何做研究》"})) == Earlier(None, "a.jpg")
    assert ask(index, "c.jpg", reading(SHOT, COURSE), OTHER) == Earlier()


def test_rejected_learning_does_not_stand_in_the_way() -> None:
    index = DuplicateIndex()
    index.remember("a.jpg", reading(SHOT, COURSE), WHO, Recommendation.REJECT)
    assert index.earlier(reading(SHOT, COURSE), WHO) == Earlier()


def test_without_a_roster_the_printed_name_tells_whose_it_is() -> None:
    index = DuplicateIndex()
    nobody = TeacherMatch(MatchKind.NONE)
    ask(index, "a.jpg", reading(MOOC, {**COURSE, F.HOLDER_NAME: "张三"}), nobody)
    assert ask(index, "b.jpg", reading(MOOC, {**COURSE, F.HOLDER_NAME: "张三"}), nobody).similar == "a.jpg"
    assert ask(index, "c.jpg", reading(MOOC, {**COURSE, F.HOLDER_NAME: "李四"}), nobody).similar is None
    assert ask(index, "d.jpg", reading(MOOC, COURSE), nobody).similar is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((MOOC, COURSE), (MOOC, {**COURSE, F.PLATFORM: "学堂在线"}), False),
        ((MOOC, COURSE), (MOOC, {F.TITLE: "教师如何做研究"}), True),
        ((MOOC, COURSE), (MOOC, {**COURSE, F.TITLE: "教师如何做研空"}), True),
        ((MOOC, COURSE), (MOOC, {**COURSE, F.TITLE: "情绪调整与素质提升"}), False),
        ((MOOC, {**COURSE, F.TITLE: "教育心理学上"}), (MOOC, {**COURSE, F.TITLE: "教育心理学下"}), False),
        ((MOOC, {F.PLATFORM: "中国大学MOOC"}), (MOOC, {F.PLATFORM: "中国大学MOOC"}), False),
        ((DocType.DIPLOMA, {F.EDUCATION_LEVEL: "本科"}), (DocType.DIPLOMA, {F.EDUCATION_LEVEL: "本科"}), True),
        ((DocType.DIPLOMA, {F.EDUCATION_LEVEL: "本科"}), (DocType.DIPLOMA, {F.EDUCATION_LEVEL: "专科"}), False),
        ((DocType.DIPLOMA, {}), (DocType.DEGREE_CERTIFICATE, {}), False),
        (
            (TRAINING, {F.TITLE: "岗位培训", F.PERIOD_END: "2018-07-16"}),
            (TRAINING, {F.TITLE: "岗位培训", F.PERIOD_END: "2018-07"}),
            True,
        ),
        (
            (TRAINING, {F.TITLE: "岗位培训", F.ISSUE_DATE: "2018-07"}),
            (TRAINING, {F.TITLE: "岗位培训", F.ISSUE_DATE: "2019-07"}),
            False,
        ),
        ((DocType.OTHER, {}), (DocType.OTHER, {}), False),
    ],
)
def test_likeness(
    one: tuple[DocType, dict[FieldName, str]], other: tuple[DocType, dict[FieldName, str]], same: bool
) -> None:
    assert same_learning(*one, *other) is same
    assert same_learning(*other, *one) is same
