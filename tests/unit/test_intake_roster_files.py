"""Rosters as files: headings, CSV and workbooks, and what is refused as a whole."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import XuefenError
from core.i18n import error_text
from intake.limits import Limits
from intake.roster import read_roster
from intake.types import RosterTeacher
from tests.rosters import HEAD, id_number, one, read, refused, saved, workbook

SOUND = workbook(HEAD, ("E1", "张三", "男", id_number()))


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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_workbooks_give_rows_or_coded_errors(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(SOUND)
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6)):
        whole[at] = byte
    path = tmp_path / "upload"
    path.write_bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    teachers: tuple[RosterTeacher, ...] = ()
    refusal = ""
    try:
        teachers = tuple(read_roster(path).teachers)
    except XuefenError as error:
        refusal = error_text(error, "zh")
    assert refusal or all(teacher.employee_no and teacher.name for teacher in teachers)
