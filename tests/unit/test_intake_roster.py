"""Rosters: headings, normal forms, and the report on each row that is left out."""

import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Invalid, TooLarge, XuefenError
from core.i18n import error_text
from core.idnumber import check_character
from intake.limits import Limits
from intake.roster import MESSAGES, read_roster
from intake.types import RosterSheet, RosterTeacher

HEAD = ("工号", "姓名", "性别", "身份证号", "出生日期", "学校", "学科", "手机号", "入职日期")


def id_number(born: str = "19800102", sequence: str = "013") -> str:
    body = "410799" + born + sequence
    return body + check_character(body)


def workbook(*rows: Sequence[object], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(tmp_path: Path, data: bytes, limits: Limits | None = None) -> RosterSheet:
    path = tmp_path / "upload"
    path.write_bytes(data)
    sheet = read_roster(path, limits, name="教师名册.xlsx")
    for problem in sheet.problems:
        for language in ("zh", "en"):
            text = error_text(problem.error, language)
            assert "教师名册.xlsx" in text
            assert str(problem.row) in text or problem.error.code == "roster_sheet_left_out"
            assert id_number()[:17] not in text
    return sheet


def refused(tmp_path: Path, data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises((Invalid, TooLarge)) as caught:
        read(tmp_path, data, limits)
    assert "教师名册.xlsx" in error_text(caught.value, "zh")
    assert error_text(caught.value, "zh") != error_text(caught.value, "en")
    return caught.value.code


def one(tmp_path: Path, **values: object) -> RosterTeacher:
    """Return the teacher of a sheet with one row that is sound but for `values`, keyed by heading."""
    sheet = read(tmp_path, workbook(("工号", "姓名", *values), ("E1", "张三", *values.values())))
    assert sheet.problems == ()
    return sheet.teachers[0]


def problems(tmp_path: Path, *rows: Sequence[object], head: Sequence[str] = HEAD) -> list[tuple[int, str, str]]:
    sheet = read(tmp_path, workbook(head, *rows))
    return [(problem.row, problem.column, problem.error.code) for problem in sheet.problems]


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
    "head",
    [
        ("*教职工号（必填）", "教师姓名", "身份证号码", "工作单位"),
        ("职工编号", "姓  名", "证件号码(18位)", "所在学校"),
        ("Employee No.", "Name", "ID number", "School"),
        ("教师编号", "名字", "公民身份号码", "单位"),
    ],
)
def test_usual_headings_are_known(tmp_path: Path, head: Sequence[str]) -> None:
    (teacher,) = read(tmp_path, workbook(head, ("E1", "张三", id_number(), "一中"))).teachers
    assert (teacher.employee_no, teacher.name, teacher.id_number, teacher.school) == ("E1", "张三", id_number(), "一中")


def test_the_better_heading_of_two_wins(tmp_path: Path) -> None:
    assert one(tmp_path, 单位="教育局", 学校="一中").school == "一中"


def test_the_row_with_most_headings_is_the_heading_row(tmp_path: Path) -> None:
    data = workbook(("姓名", "说明"), ("工号", "姓名", "性别"), ("E1", "张三", "男"))
    assert [teacher.name for teacher in read(tmp_path, data).teachers] == ["张三"]


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_rosters_are_read_with_row_numbers_as_shown(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = (("教师名册", ""), ("工号", "姓名"), ("001", "赵䶮"), ("", ""), ('"2\n3"', "李四"), ("", "王五"))
    data = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    sheet = read(tmp_path, data)
    assert [(teacher.employee_no, teacher.name, teacher.row) for teacher in sheet.teachers] == [
        ("001", "赵䶮", 3),
        ("23", "李四", 5),
    ]
    assert [(problem.row, problem.error.code) for problem in sheet.problems] == [(6, "employee_no_missing")]


def test_a_workbook_read_by_values_not_formulas_and_hidden_sheets_not_at_all(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.append(["工号", "姓名"])
    hidden.append(["E0", "隐藏"])
    hidden.sheet_state = "hidden"
    book.create_sheet("说明").append(["填表须知"])
    first, second = book.create_sheet("一中"), book.create_sheet("二中")
    for sheet, name in ((first, "张三"), (second, "李四")):
        sheet.append(["工号", "姓名", "学校"])
        sheet.append(["E1", name, '=CONCATENATE("一","中")'])
    book.active = 1
    found = read(tmp_path, saved(book))
    assert [(teacher.name, teacher.school) for teacher in found.teachers] == [("张三", "")]
    assert [(problem.column, problem.error.code) for problem in found.problems] == [("二中", "roster_sheet_left_out")]


def test_a_wrong_statement_of_a_sheets_extent_is_not_believed(tmp_path: Path) -> None:
    data = BytesIO(workbook(("工号", "姓名"), ("E1", "张三"), ("E2", "李四")))
    out = BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.namelist():
            new.writestr(item, old.read(item).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))
    assert len(read(tmp_path, out.getvalue()).teachers) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "roster_unsupported"),
        (b"\xff\xd8\xff\xe0" + bytes(600), "roster_unsupported"),
        (b"%PDF-1.4", "roster_unsupported"),
        (b"\x00\x01\x02", "csv_unreadable"),
        (b"PK\3\4 no more", "roster_damaged"),
        (workbook(("工号", "老师"), ("E1", "张三")), "roster_no_header"),
        (workbook(), "roster_no_header"),
        (workbook(("姓名", "身份证号"), ("张三", id_number())), "roster_no_employee_no"),
        (workbook(("工号", "姓名"), ("", "")), "roster_empty"),
        (workbook(("工号", "姓名", "工号", "姓名"), ("1", "张三", "2", "李四")), "roster_heading_twice"),
        ("姓名,身份证号\n张三,".encode("gbk"), "roster_no_employee_no"),
    ],
)
def test_unusable_sheets_are_refused_as_a_whole(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(tmp_path, data) == code


def test_rosters_are_limited_before_they_are_opened(tmp_path: Path) -> None:
    data = workbook(("工号", "姓名"), *((f"E{number}", "张三") for number in range(5)))
    assert refused(tmp_path, data, Limits(max_file_bytes=100)) == "file_too_large"
    assert refused(tmp_path, data, Limits(max_roster_unpacked_bytes=100)) == "roster_too_large"
    assert refused(tmp_path, data, Limits(max_roster_rows=5)) == "roster_too_many_rows"
    assert len(read(tmp_path, data, Limits(max_roster_rows=6)).teachers) == 5
    with pytest.raises(XuefenError, match="file_not_found"):
        read_roster(tmp_path / "none.xlsx")


def test_every_message_is_said_in_chinese() -> None:
    for code, message in MESSAGES.items():
        error = Invalid(code, message, file="名册.xlsx", row=7, column="工号", first=3)
        assert error_text(error, "zh").startswith("名册“名册.xlsx”第 7 行")
        assert error_text(error, "en").startswith("The roster 名册.xlsx, row 7")


SOUND = workbook(HEAD, ("E1", "张三", "男", id_number()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_workbooks_give_rows_or_coded_errors(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(SOUND)
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6)):
        whole[at] = byte
    path = tmp_path / "upload"
    path.write_bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    try:
        assert read_roster(path).teachers is not None
    except XuefenError as error:
        assert error_text(error, "zh")  # noqa: PT017 - either outcome is right
