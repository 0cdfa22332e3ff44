"""Reads a roster of teachers from XLSX or CSV: the good rows as values, and a report on each row that is left out.

A row with any problem is left out whole: half a teacher would be matched against certificates. Errors name the file,
the row and the column, never an ID number.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar

from core import idnumber
from core.clock import utc_now
from core.errors import Invalid
from intake.limits import Limits
from intake.rostercells import (
    BadCell,
    CellValue,
    WrittenDate,
    date_of,
    employee_no_of,
    gender_of,
    id_number_of,
    name_of,
    school_of,
    text_of,
)
from intake.rosterheadings import Headings, RosterColumn, find_headings
from intake.rostersheets import Sheet, SheetRow, open_sheets
from intake.types import RosterProblem, RosterSheet, RosterTeacher

_ROWS_ABOVE_HEADINGS = 20
_Value = TypeVar("_Value")

MESSAGES = {
    "name_missing": "The roster {file}, row {row}, column {column}: the name is missing.",
    "name_invalid": "The roster {file}, row {row}, column {column}: this is no name of a person.",
    "employee_no_missing": "The roster {file}, row {row}, column {column}: the employee number is missing.",
    "employee_no_invalid": "The roster {file}, row {row}, column {column}: this is no whole employee number.",
    "employee_no_duplicate": "The roster {file}, row {row}, column {column}: row {first} has the same employee number.",
    "id_number_invalid": "The roster {file}, row {row}, column {column}: the ID number is not valid.",
    "id_number_precision": "The roster {file}, row {row}, column {column}: the ID number lost its last digits, "
    "because it was kept as a number: format the column as text and enter it again.",
    "id_number_duplicate": "The roster {file}, row {row}, column {column}: row {first} has the same ID number.",
    "birth_date_invalid": "The roster {file}, row {row}, column {column}: this is no birth date.",
    "birth_date_contradicts_id": "The roster {file}, row {row}, column {column}: the ID number states another date.",
    "gender_invalid": "The roster {file}, row {row}, column {column}: the gender is neither 男 nor 女.",
    "gender_contradicts_id": "The roster {file}, row {row}, column {column}: the ID number states the other gender.",
    "entry_date_invalid": "The roster {file}, row {row}, column {column}: this is no date.",
    "cell_error": "The roster {file}, row {row}, column {column}: the cell holds an error of the spreadsheet.",
}


@dataclass(slots=True)
class _Roster:
    """What has been read of one sheet so far."""

    file: str
    headings: Headings
    teachers: list[RosterTeacher] = field(default_factory=list)
    problems: list[RosterProblem] = field(default_factory=list)
    employee_nos: dict[str, int] = field(default_factory=dict)
    id_numbers: dict[str, int] = field(default_factory=dict)

    def report(self, row: int, column: RosterColumn, code: str, *, first: int = 0) -> None:
        """Note what is wrong with a row; `first` is the earlier row it collides with."""
        heading = self.headings.shown(column)
        error = Invalid(code, MESSAGES[code], file=self.file, row=row, column=heading, first=first)
        self.problems.append(RosterProblem(row, heading, error))


def read_roster(path: Path, limits: Limits | None = None, name: str | None = None) -> RosterSheet:
    """Return the teachers of the first visible sheet that has a name column, and the problems of its other rows.

    `name` is what errors call the file; by default its own name. Titles may stand above the headings. Dates written to
    the month only are left out (None), unless the ID number states the birth date. Raises what `open_sheets` raises and
    Invalid roster_no_header, roster_no_employee_no, roster_heading_twice or roster_empty.
    """
    file = name or path.name
    roster: _Roster | None = None
    with closing(open_sheets(path, file, limits or Limits())) as sheets:
        for sheet in sheets:
            headings, below = _split(sheet, file)
            if headings is None:
                continue
            if roster is None:
                roster = _read(file, headings, below)
            else:
                roster.problems.append(_sheet_left_out(file, sheet, headings))
    if roster is None:
        raise Invalid("roster_no_header", "The roster {file} has no column with names (姓名).", file=file)
    if not (roster.teachers or roster.problems):
        raise Invalid("roster_empty", "The roster {file} has headings but no rows.", file=file)
    return RosterSheet(tuple(roster.teachers), tuple(roster.problems))


def _split(sheet: Sheet, file: str) -> tuple[Headings | None, Iterator[SheetRow]]:
    """Return a sheet's headings and the rows below them."""
    first = list(islice(sheet.rows, _ROWS_ABOVE_HEADINGS))
    headings = find_headings([(number, [str(cell or "") for cell in cells]) for number, cells in first], file)
    if headings is None:
        return None, iter(())
    return headings, _after(first, sheet.rows, headings.row)


def _after(first: list[SheetRow], rest: Iterator[SheetRow], heading_row: int) -> Iterator[SheetRow]:
    yield from (row for row in first if row[0] > heading_row)
    yield from rest


def _sheet_left_out(file: str, sheet: Sheet, headings: Headings) -> RosterProblem:
    error = Invalid(
        "roster_sheet_left_out",
        "The roster {file} has several sheets with names: {sheet} was not read, import it by itself.",
        file=file,
        sheet=sheet.title,
    )
    return RosterProblem(headings.row, sheet.title, error)


def _read(file: str, headings: Headings, rows: Iterator[SheetRow]) -> _Roster:
    if RosterColumn.EMPLOYEE_NO not in headings.columns:
        raise Invalid(
            "roster_no_employee_no", "The roster {file} has no column with employee numbers (工号).", file=file
        )
    roster = _Roster(file, headings)
    for number, cells in rows:
        values = {
            column: cells[index] if index < len(cells) else None for column, (index, _) in headings.columns.items()
        }
        if any(str(value).strip() for value in values.values() if value is not None):
            _read_row(roster, number, values)
    return roster


def _read_row(roster: _Roster, row: int, values: dict[RosterColumn, CellValue]) -> None:
    """Add a row's teacher, or the problems that keep it out."""
    before = len(roster.problems)

    def taken(column: RosterColumn, meaning: Callable[[CellValue], _Value | None]) -> _Value | None:
        try:
            return meaning(values.get(column))
        except BadCell as bad:
            roster.report(row, column, bad.reason)
            return None

    name = taken(RosterColumn.NAME, name_of)
    employee_no = taken(RosterColumn.EMPLOYEE_NO, employee_no_of)
    id_number = taken(RosterColumn.ID_NUMBER, id_number_of)
    born = taken(RosterColumn.BIRTH_DATE, lambda value: date_of(value, "birth_date_invalid"))
    gender = taken(RosterColumn.GENDER, gender_of)
    entered = taken(RosterColumn.ENTRY_DATE, lambda value: date_of(value, "entry_date_invalid"))
    teacher = RosterTeacher(
        employee_no=employee_no or "",
        name=name or "",
        school=taken(RosterColumn.SCHOOL, school_of) or "",
        id_number=id_number,
        birth_date=_birth_date(born, id_number),
        gender=gender or (idnumber.gender(id_number) if id_number else None),
        subject=taken(RosterColumn.SUBJECT, text_of) or None,
        phone=taken(RosterColumn.PHONE, text_of) or None,
        entry_date=entered.whole() if entered else None,
        row=row,
    )
    reported = {problem.column for problem in roster.problems[before:]}
    _check_presence(roster, teacher, reported)
    _check_against_id(roster, teacher, born)
    _check_repeated(roster, teacher)
    if len(roster.problems) == before:
        roster.teachers.append(teacher)


def _birth_date(written: WrittenDate | None, id_number: str | None) -> date | None:
    if written is not None and written.whole() is not None:
        return written.whole()
    return idnumber.birth_date(id_number) if id_number else None


def _check_presence(roster: _Roster, teacher: RosterTeacher, reported: set[str]) -> None:
    for column, value, code in (
        (RosterColumn.NAME, teacher.name, "name_missing"),
        (RosterColumn.EMPLOYEE_NO, teacher.employee_no, "employee_no_missing"),
    ):
        if not value and roster.headings.shown(column) not in reported:
            roster.report(teacher.row or 0, column, code)


def _check_against_id(roster: _Roster, teacher: RosterTeacher, written: WrittenDate | None) -> None:
    row = teacher.row or 0
    whole = written.whole() if written else None
    if whole is not None and whole > utc_now().date():
        roster.report(row, RosterColumn.BIRTH_DATE, "birth_date_invalid")
    if teacher.id_number is None:
        return
    stated = idnumber.birth_date(teacher.id_number)
    if written is not None and stated is not None and not written.agrees_with(stated):
        roster.report(row, RosterColumn.BIRTH_DATE, "birth_date_contradicts_id")
    if teacher.gender != idnumber.gender(teacher.id_number):
        roster.report(row, RosterColumn.GENDER, "gender_contradicts_id")


def _check_repeated(roster: _Roster, teacher: RosterTeacher) -> None:
    """Report a number that an earlier row has: the later row is left out, and the report names the earlier one."""
    row = teacher.row or 0
    for column, value, code, seen in (
        (RosterColumn.EMPLOYEE_NO, teacher.employee_no, "employee_no_duplicate", roster.employee_nos),
        (RosterColumn.ID_NUMBER, teacher.id_number, "id_number_duplicate", roster.id_numbers),
    ):
        if value and seen.setdefault(value, row) != row:
            roster.report(row, column, code, first=seen[value])
