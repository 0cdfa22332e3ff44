"""Finds the heading row of a roster: which column holds what, from the usual spellings kept as data. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Invalid


class RosterColumn(StrEnum):
    """What a roster's column can hold."""

    NAME = "name"
    EMPLOYEE_NO = "employee_no"
    ID_NUMBER = "id_number"
    BIRTH_DATE = "birth_date"
    GENDER = "gender"
    SCHOOL = "school"
    SUBJECT = "subject"
    PHONE = "phone"
    ENTRY_DATE = "entry_date"


# Spellings as `_plain` leaves them, best first: of 学校 and 单位 in one sheet, 学校 is the school.
SPELLINGS: Mapping[RosterColumn, tuple[str, ...]] = {
    RosterColumn.NAME: (
        *("姓名", "教师姓名", "教职工姓名", "职工姓名", "老师姓名", "员工姓名", "真实姓名", "名字"),
        *("name", "fullname", "teachername", "teacher"),
    ),
    RosterColumn.EMPLOYEE_NO: (
        *(
            "工号",
            "教职工号",
            "教工号",
            "职工号",
            "教师工号",
            "职工编号",
            "教职工编号",
            "教师编号",
            "人员编号",
            "员工编号",
        ),
        *("员工号", "教师代码", "职工代码", "人员代码"),
        *("employeeno", "employeenumber", "employeeid", "staffno", "staffnumber", "staffid", "teacherno", "teacherid"),
    ),
    RosterColumn.ID_NUMBER: (
        *("身份证号", "身份证号码", "身份证", "居民身份证号", "居民身份证号码", "公民身份号码", "证件号码", "证件号"),
        *("idnumber", "idno", "idcardnumber", "idcard", "identitynumber", "citizenid"),
    ),
    RosterColumn.BIRTH_DATE: (
        *("出生日期", "出生年月日", "出生年月", "出生时间", "生日"),
        *("birthdate", "dateofbirth", "birthday", "dob"),
    ),
    RosterColumn.GENDER: ("性别", "gender", "sex"),
    RosterColumn.SCHOOL: (
        *("学校", "学校名称", "所在学校", "任教学校", "所属学校", "工作单位", "单位名称", "所在单位", "单位"),
        *("school", "schoolname", "organisation", "organization", "unit"),
    ),
    RosterColumn.SUBJECT: ("学科", "任教学科", "所教学科", "教学学科", "任课学科", "科目", "任教科目", "subject"),
    RosterColumn.PHONE: (
        *("手机号", "手机号码", "手机", "联系电话", "电话", "电话号码", "联系方式"),
        *("mobile", "mobilephone", "phone", "phonenumber", "telephone"),
    ),
    RosterColumn.ENTRY_DATE: (
        *("入职日期", "入职时间", "入职年月", "参加工作时间", "参加工作日期", "参加工作年月", "工作时间"),
        *("entrydate", "hiredate", "dateofentry", "startdate"),
    ),
}
_RANKS = {
    spelling: (column, rank) for column, spellings in SPELLINGS.items() for rank, spelling in enumerate(spellings)
}

# Remarks such as (必填) and marks such as * are no part of a heading.
_REMARK = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|〔.*?〕")
_MARKS = re.compile(r"[^\w]|_")


@dataclass(frozen=True, slots=True)
class Headings:
    """The heading row's number, and for each column found its index from 0 and its heading as written."""

    row: int
    columns: Mapping[RosterColumn, tuple[int, str]]

    def shown(self, column: RosterColumn) -> str:
        """Return a column's heading as the sheet shows it, or its usual heading where the sheet has none."""
        return self.columns[column][1] if column in self.columns else SPELLINGS[column][0]


def find_headings(rows: Sequence[tuple[int, Sequence[str]]], file: str) -> Headings | None:
    """Return the headings among a sheet's first rows: the row with a name column that knows most columns, else None.

    Raises Invalid roster_heading_twice if that row has a heading twice: which column is meant would be a guess.
    """
    best: Headings | None = None
    for number, cells in rows:
        found = Headings(number, _columns(cells))
        if RosterColumn.NAME in found.columns and (best is None or len(found.columns) > len(best.columns)):
            best = found
    if best is not None:
        _refuse_repeated(best, dict(rows)[best.row], file)
    return best


def _columns(cells: Sequence[str]) -> dict[RosterColumn, tuple[int, str]]:
    chosen: dict[RosterColumn, tuple[int, int, str]] = {}
    for index, text in enumerate(cells):
        column, rank = _RANKS.get(_plain(text), (None, 0))
        if column is not None and (column not in chosen or rank < chosen[column][0]):
            chosen[column] = (rank, index, " ".join(text.split()))
    return {column: (index, text) for column, (_, index, text) in chosen.items()}


def _refuse_repeated(headings: Headings, cells: Sequence[str], file: str) -> None:
    plain = [_plain(text) for text in cells]
    for index, text in headings.columns.values():
        if plain.count(plain[index]) > 1:
            raise Invalid(
                "roster_heading_twice", "The roster {file} has the column {column} twice.", file=file, column=text
            )


def _plain(text: str) -> str:
    """Return a heading's letters and digits alone, in lower case, without its remarks."""
    normal = unicodedata.normalize("NFKC", text).lower()
    return _MARKS.sub("", _REMARK.sub("", normal))
