"""The rows of rosters: normal forms, and the report on each row that is left out."""

from datetime import date
from pathlib import Path

import pytest

from core.errors import Invalid
from core.i18n import error_text
from intake.roster import MESSAGES
from intake.types import RosterTeacher
from tests.rosters import HEAD, id_number, one, problems, read, workbook


def test_a_whole_row_is_read_below_titles(tmp_path: Path) -> None:
    data = workbook(
        ("某某市第一中学教师名册",),
        (),
        ("序号", *HEAD),
        (1, 1001, "张  三", "男", id_number(), date(1980, 1, 2), "第一中学 ", "语文", 13800000000, "2003.9.1"),
        (2,),
    )
    assert read(tmp_path, data).teachers == (
        RosterTeacher(
            employee_no="1001",
            name="张三",
            school="第一中学",
            id_number=id_number(),
            birth_date=date(1980, 1, 2),
            gender="男",
            subject="语文",
            phone="13800000000",
            entry_date=date(2003, 9, 1),
            row=4,
        ),
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张\u3000三", "张三"),
        (" 欧阳 娜娜 ", "欧阳娜娜"),
        ("阿依努尔•买买提", "阿依努尔·买买提"),
        ("阿依努尔．买买提", "阿依努尔·买买提"),
        ("阿依努尔 ・ 买买提", "阿依努尔·买买提"),
        ("阿依努尔.买买提", "阿依努尔·买买提"),
        ("赵䶮", "赵䶮"),
        ("𠮷野", "𠮷野"),
        ("Ａnna  Smith-Li", "Anna Smith-Li"),
        ("张\u200b三", "张三"),
    ],
)
def test_names_come_in_their_normal_form(tmp_path: Path, written: str, name: str) -> None:
    assert one(tmp_path, 姓名2=None).name == "张三"
    assert read(tmp_path, workbook(("工号", "姓名"), ("E1", written))).teachers[0].name == name


@pytest.mark.parametrize("written", ["张三2", "李娜(大)", "\ue863", "张" * 60, 12])
def test_what_is_no_name_is_reported(tmp_path: Path, written: object) -> None:
    assert problems(tmp_path, ("E1", written)) == [(2, "姓名", "name_invalid")]


@pytest.mark.parametrize(
    ("written", "shown"), [(1001, "1001"), (1001.0, "1001"), ("００１", "001"), ("' E 7", "E7"), ("a-1", "a-1")]
)
def test_employee_numbers_are_read_as_shown(tmp_path: Path, written: object, shown: str) -> None:
    assert read(tmp_path, workbook(("工号", "姓名"), (written, "张三"))).teachers[0].employee_no == shown


def test_leading_zeros_of_a_number_format_are_kept(tmp_path: Path) -> None:
    data = workbook(("工号", "姓名"), (12, "张三"), formats={"A2": "00000"})
    assert read(tmp_path, data).teachers[0].employee_no == "00012"


@pytest.mark.parametrize("written", [10**15, 1.5, True, "1.23E+11", "E" * 65])
def test_employee_numbers_that_lost_digits_are_reported(tmp_path: Path, written: object) -> None:
    assert problems(tmp_path, (written, "张三")) == [(2, "工号", "employee_no_invalid")]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2"), "id_number_invalid"),
        ("410799800102013", "id_number_invalid"),
        ("4107**********1234", "id_number_invalid"),
        (4.10799198001020e17, "id_number_precision"),
        (410799198001020000, "id_number_precision"),
        ("4.10799E+17", "id_number_precision"),
    ],
)
def test_bad_id_numbers_are_reported_and_never_shown(tmp_path: Path, written: object, code: str) -> None:
    assert problems(tmp_path, ("E1", "张三", "男", written)) == [(2, "身份证号", code)]


def test_id_numbers_are_read_in_the_ways_people_type_them(tmp_path: Path) -> None:
    number = next(n for n in (id_number(sequence=f"{s:03d}") for s in range(1, 99, 2)) if n.endswith("X"))
    for written in (number.lower(), " " + number[:6] + " " + number[6:], "'" + number, number[:-1] + "×"):
        assert one(tmp_path, 身份证号=written).id_number == number
    fullwidth = "".join(chr(ord(digit) + 0xFEE0) for digit in id_number())
    assert one(tmp_path, 身份证号=fullwidth).id_number == id_number()


@pytest.mark.parametrize(
    "written",
    [
        "1980-01-02",
        "1980/1/2",
        "1980.1.2",
        "1980年1月2日",
        "19800102",
        19800102,
        "1980-01-02 00:00:00",
        date(1980, 1, 2),
    ],
)
def test_birth_dates_are_read_in_the_ways_people_write_them(tmp_path: Path, written: object) -> None:
    assert one(tmp_path, 出生日期=written).birth_date == date(1980, 1, 2)


@pytest.mark.parametrize("written", ["1980-01", "1980年1月", "198001", 198001, 1980.1, "1980"])
def test_dates_without_a_day_are_not_made_up(tmp_path: Path, written: object) -> None:
    teacher = one(tmp_path, 出生年月=written, 参加工作时间="2003-09")
    assert (teacher.birth_date, teacher.entry_date) == (None, None)
    assert one(tmp_path, 出生年月=written, 身份证号=id_number()).birth_date == date(1980, 1, 2)


@pytest.mark.parametrize("written", ["1980-13-01", "1979-02-29", 29221, "不详", "2999-01-01", "1880-01-01"])
def test_what_is_no_birth_date_is_reported(tmp_path: Path, written: object) -> None:
    assert problems(tmp_path, ("E1", "张三", "", "", written)) == [(2, "出生日期", "birth_date_invalid")]


def test_contradictions_of_the_id_number_are_reported(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        ("E1", "张三", "男", id_number(), "1980-01-03"),
        ("E2", "李四", "女", id_number(sequence="031"), "1980-01"),
        ("E3", "王五", "男", id_number(sequence="051"), "1981"),
    ) == [
        (2, "出生日期", "birth_date_contradicts_id"),
        (3, "性别", "gender_contradicts_id"),
        (4, "出生日期", "birth_date_contradicts_id"),
    ]


def test_birth_date_and_gender_come_from_the_id_number(tmp_path: Path) -> None:
    teacher = one(tmp_path, 身份证号=id_number(sequence="024"))
    assert (teacher.birth_date, teacher.gender) == (date(1980, 1, 2), "女")


def test_missing_and_repeated_numbers_are_reported_row_by_row(tmp_path: Path) -> None:
    sheet = read(
        tmp_path,
        workbook(
            HEAD,
            ("E1", "张三", "男", id_number()),
            ("", "李四"),
            ("E3", ""),
            ("E1", "王五"),
            ("E5", "赵六", "男", id_number()),
            ("E6", "钱七", "保密", "", "", "", "", "", "去年"),
            ("E7", "#N/A"),
            ("E8", "孙八"),
        ),
    )
    assert [teacher.employee_no for teacher in sheet.teachers] == ["E1", "E8"]
    assert [(problem.row, problem.column, problem.error.code) for problem in sheet.problems] == [
        (3, "工号", "employee_no_missing"),
        (4, "姓名", "name_missing"),
        (5, "工号", "employee_no_duplicate"),
        (6, "身份证号", "id_number_duplicate"),
        (7, "性别", "gender_invalid"),
        (7, "入职日期", "entry_date_invalid"),
        (8, "姓名", "cell_error"),
    ]
    assert sheet.problems[2].error.facts["first"] == 2


def test_every_message_is_said_in_chinese() -> None:
    for code, message in MESSAGES.items():
        error = Invalid(code, message, file="名册.xlsx", row=7, column="工号", first=3)
        assert error_text(error, "zh").startswith("名册“名册.xlsx”第 7 行")
        assert error_text(error, "en").startswith("The roster 名册.xlsx, row 7")
