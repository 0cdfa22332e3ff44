"""Rosters as workbooks in memory, and what is read of them."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from core.errors import Invalid, TooLarge
from core.i18n import error_text
from core.idnumber import check_character
from intake.limits import Limits
from intake.roster import read_roster
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
