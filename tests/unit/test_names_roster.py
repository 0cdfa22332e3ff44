"""Names against a roster: what identifies a person, and what only suggests one."""

from dataclasses import replace
from datetime import date

import pytest

from core.vocabulary import DocType, FieldName, MatchKind
from intake.types import RosterTeacher
from ocr.names import Roster, match_document, match_name, name_likeness, same_unit
from ocr.types import Box, DocumentReading, Evidence, FieldValue, Slot

FIRST, SECOND = "云溪县第一中学", "江岭区育才小学"
ID_A, ID_B = "11010519491231002X", "990101198801010012"
TEACHERS = (
    RosterTeacher("E1", "张丽", FIRST, birth_date=date(1980, 1, 2)),
    RosterTeacher("E2", "张丽", FIRST, birth_date=date(1990, 3, 4)),
    RosterTeacher("E3", "马尕朵", FIRST, id_number=ID_A, birth_date=date(1949, 12, 31)),
    RosterTeacher("E4", "李䶮", SECOND),
    RosterTeacher("E5", "阿依努尔·买买提", SECOND),
    RosterTeacher("E6", "王建国", FIRST),
    RosterTeacher("E7", "王建国", SECOND),
    RosterTeacher("E8", "陈志", FIRST),
    RosterTeacher("E9", "陈志远", FIRST),
)
ROSTER = Roster(TEACHERS)


def reading(confidence: float = 0.98, **fields: str) -> DocumentReading:
    box = Box(0, 0, 1, 1)
    values = {FieldName(k): FieldValue(v, confidence, 1, box, "ocr", v) for k, v in fields.items()}
    return DocumentReading((1,), DocType.DIPLOMA, 0.99, values)


def test_a_name_that_is_on_the_roster_once_is_exact() -> None:
    match = match_document(reading(holder_name="马尕朵"), ROSTER)
    assert (match.match, match.employee_no) == (MatchKind.EXACT, "E3")


@pytest.mark.parametrize("dotted", ["阿依努尔·买买提", "阿依努尔•买买提", "阿依努尔 ． 买买提", "阿依努尔买买提"])
def test_the_code_point_of_a_middle_dot_does_not_matter(dotted: str) -> None:
    assert match_document(reading(holder_name=dotted), ROSTER).employee_no == "E5"


def test_two_teachers_of_one_name_are_ambiguous_until_a_birth_date_decides() -> None:
    open_match = match_document(reading(holder_name="张丽"), ROSTER)
    assert (open_match.match, open_match.employee_no) == (MatchKind.AMBIGUOUS, None)
    assert {c.employee_no for c in open_match.candidates} == {"E1", "E2"}
    decided = match_document(reading(holder_name="张丽", birth_date="1990-03-04"), ROSTER)
    assert (decided.match, decided.employee_no) in {(MatchKind.BIRTH_DATE, "E2"), (MatchKind.EXACT, "E2")}


def test_a_month_alone_or_a_doubtful_date_decides_nothing() -> None:
    assert match_document(reading(holder_name="张丽", birth_date="1990-03"), ROSTER).match is MatchKind.AMBIGUOUS
    doubtful = reading(0.4, holder_name="张丽", birth_date="1990-03-04")
    assert match_document(doubtful, ROSTER).match is MatchKind.AMBIGUOUS


def test_a_contradicting_birth_date_is_someone_else_of_the_same_name() -> None:
    match = match_document(reading(holder_name="马尕朵", birth_date="1975-05-05"), ROSTER)
    assert (match.match, match.employee_no) == (MatchKind.AMBIGUOUS, None)


def test_an_id_number_settles_a_damaged_name_but_not_another_name() -> None:
    damaged = match_document(reading(holder_name="马孕朵", id_number=ID_A), ROSTER)
    assert (damaged.match, damaged.employee_no) == (MatchKind.ID_NUMBER, "E3")
    other = match_document(reading(holder_name="陈志远", id_number=ID_A), ROSTER)
    assert (other.match, other.employee_no) == (MatchKind.AMBIGUOUS, None)


def test_an_id_number_that_fails_its_check_identifies_no_one() -> None:
    wrong = reading(holder_name="张丽", id_number=ID_A[:-1] + "1")
    assert match_document(wrong, ROSTER).match is MatchKind.AMBIGUOUS


def test_look_alikes_are_similar_never_exact() -> None:
    match = match_document(reading(holder_name="马孕朵"), ROSTER)
    assert (match.match, match.employee_no) == (MatchKind.SIMILAR, "E3")
    rare = match_document(reading(holder_name="李龚"), ROSTER)
    assert (rare.match, rare.employee_no) == (MatchKind.SIMILAR, "E4")


def test_a_stranger_matches_no_one() -> None:
    assert match_document(reading(holder_name="钱多多"), ROSTER).match is MatchKind.NONE
    assert match_document(reading(nickname="sunny"), ROSTER).match is MatchKind.NONE


def test_the_uploading_school_comes_first() -> None:
    assert match_document(reading(holder_name="王建国"), ROSTER, SECOND).employee_no == "E7"
    assert match_document(reading(holder_name="王建国"), ROSTER).match is MatchKind.AMBIGUOUS
    assert match_document(reading(holder_name="李䶮"), ROSTER, FIRST).match is MatchKind.AMBIGUOUS


def test_an_uncertain_short_name_may_be_a_clipped_longer_one() -> None:
    assert match_document(reading(0.99, holder_name="陈志"), ROSTER).employee_no == "E8"
    assert match_document(reading(0.8, holder_name="陈志"), ROSTER).match is MatchKind.AMBIGUOUS


def test_the_unit_of_a_row_tells_namesakes_apart() -> None:
    assert match_name("王建国", ROSTER, unit="育才小学", school=None).employee_no == "E7"
    assert match_name("王建国", ROSTER, unit=None, school=None).match is MatchKind.AMBIGUOUS
    assert match_name("李䶮", ROSTER, unit="云溪一中", school=None).match is MatchKind.AMBIGUOUS
    assert match_name("", ROSTER, unit=None, school=None).match is MatchKind.NONE


def test_a_short_form_is_the_same_unit() -> None:
    assert same_unit("云溪一中", "云溪县第一中学")
    assert not same_unit("云溪二中", "云溪县第一中学")


def test_a_clipped_end_costs_less_than_another_character() -> None:
    assert name_likeness("欧阳静", "欧阳静怡") > name_likeness("欧阳静芳", "欧阳静怡")
    assert name_likeness("马孕朵", "马尕朵") > name_likeness("马小朵", "马尕朵")


@pytest.mark.parametrize(("other", "seen", "kind"), [("袆", 0.05, MatchKind.SIMILAR), ("袆", 0.001, MatchKind.EXACT)])
def test_a_character_that_may_be_its_twin_identifies_no_one(other: str, seen: float, kind: MatchKind) -> None:
    roster = Roster([*TEACHERS, RosterTeacher("E10", "郭祎", FIRST)])
    slots = (Slot(0, "郭", (1.0,), 0.0), Slot(1, f"祎{other}", (0.94, seen), 0.0))
    read = reading(holder_name="郭祎")
    holder = replace(read.fields[FieldName.HOLDER_NAME], evidence=Evidence(slots, 0.97))
    match = match_document(replace(read, fields={FieldName.HOLDER_NAME: holder}), roster)
    assert (match.match, match.employee_no) == (kind, "E10")


def test_a_row_whose_character_may_be_its_twin_names_no_one_but_beside_the_own_school() -> None:
    roster = Roster([*TEACHERS, RosterTeacher("E10", "郭祎", FIRST)])
    evidence = Evidence((Slot(0, "郭", (1.0,), 0.0), Slot(1, "祎袆", (0.94, 0.05), 0.0)), 0.97)
    alone = match_name("郭祎", roster, evidence=evidence)
    at_school = match_name("郭祎", roster, unit=FIRST, evidence=evidence)
    assert (alone.match, alone.employee_no) == (MatchKind.SIMILAR, "E10")
    assert (at_school.match, at_school.employee_no) == (MatchKind.EXACT, "E10")
