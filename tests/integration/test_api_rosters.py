"""Rosters over HTTP: imported with a report row by row."""

from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import select

from core.db import session_scope
from core.models import Teacher
from core.vocabulary import Role
from tests.integration.conftest import World


def roster(tmp_path: Path, school: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["工号", "姓名", "性别", "身份证号", "学校"])
    sheet.append(["E0001", "王芳", "女", None, school])
    sheet.append(["E0002", "", "女", None, school])
    path = tmp_path / "roster.xlsx"
    book.save(path)
    return path.read_bytes()


def test_a_roster_is_imported_with_a_report_row_by_row(world: World, tmp_path: Path) -> None:
    uploader = world.ours_as(Role.SCHOOL_UPLOADER)
    content = roster(tmp_path, world.ours.name)

    answer = uploader.post(
        "/api/v1/rosters", data={"school_id": str(world.ours.organisation_id)}, files={"file": ("r.xlsx", content)}
    )

    assert answer.json()["added"] == 1
    assert [p["row"] for p in answer.json()["problems"]] == [3]
    with session_scope(world.maker) as session:
        assert session.scalar(select(Teacher.name).filter_by(employee_no="E0001")) == "王芳"


def test_the_roster_page_shows_the_report(world: World, tmp_path: Path) -> None:
    admin = world.ours_as(Role.ADMINISTRATOR)
    form = {"csrf_token": admin.headers["X-CSRF-Token"], "school_id": str(world.ours.organisation_id)}

    good = admin.post("/admin/roster", data=form, files={"file": ("r.xlsx", roster(tmp_path, world.ours.name))})
    bad = admin.post("/admin/roster", data=form, files={"file": ("r.xlsx", b"no spreadsheet")})

    assert "新增教师 1 名" in good.text
    assert bad.status_code == 422
    assert 'role="alert"' in bad.text
