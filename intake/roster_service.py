"""A school's roster into the database, and out of it as the values that matching uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.access import Viewer, get_visible
from core.errors import Invalid
from core.keys import Keyring
from core.models import Organisation, Teacher
from core.vocabulary import Level, Role
from intake.roster import read_roster
from intake.types import RosterProblem, RosterTeacher


@dataclass(frozen=True, slots=True)
class RosterImport:
    """What an import did: how many teachers were added and changed, and the rows that were left out with why."""

    added: int
    changed: int
    problems: tuple[RosterProblem, ...]


def import_roster(
    session: Session, keyring: Keyring, viewer: Viewer, *, school_id: int, path: Path, name: str | None = None
) -> RosterImport:
    """Add and update a school's teachers from a spreadsheet, keyed by employee number; nobody is ever removed.

    `name` is how the uploader calls the file.

    A row that names another school is left out with `school_mismatch`. Raises Invalid for an unreadable sheet,
    NotFound or Refused when the viewer may not, Invalid `not_a_school` for a county or city.
    """
    school = get_visible(session, viewer, Organisation, Organisation.id, id=school_id)
    if not (viewer.has(Role.ADMINISTRATOR, school.path) or viewer.has(Role.SCHOOL_UPLOADER, school.path)):
        viewer.must_have(Role.ADMINISTRATOR, school.path)
    if school.level != Level.SCHOOL:
        raise Invalid("not_a_school", "{name} is not a school: a roster belongs to one.", name=school.name)
    sheet = read_roster(path, name=name)
    known = {t.employee_no: t for t in session.scalars(select(Teacher).filter_by(school_id=school.id))}
    problems = list(sheet.problems)
    added = changed = 0
    for row in sheet.teachers:
        if row.school and row.school != school.name:
            problems.append(_other_school(row, school.name))
            continue
        teacher = known.get(row.employee_no)
        if teacher is None:
            teacher = Teacher(school_id=school.id, employee_no=row.employee_no)
            session.add(teacher)
            added += 1
        else:
            changed += 1
        _fill(teacher, row, keyring)
    session.flush()
    audit.record(
        session,
        "roster_imported",
        f"organisation:{school.id}",
        actor_id=viewer.user_id,
        organisation_id=school.id,
        added=added,
        changed=changed,
        left_out=len(problems),
    )
    return RosterImport(added, changed, tuple(problems))


def _other_school(row: RosterTeacher, name: str) -> RosterProblem:
    error = Invalid(
        "school_mismatch", "The row belongs to {other}, the roster to {school}.", other=row.school, school=name
    )
    return RosterProblem(row.row or 0, "学校", error)


def _fill(teacher: Teacher, row: RosterTeacher, keyring: Keyring) -> None:
    teacher.name = row.name
    teacher.gender = row.gender
    teacher.birth_date = row.birth_date
    teacher.subject = row.subject
    teacher.entry_date = row.entry_date
    teacher.id_number = row.id_number
    teacher.id_number_digest = keyring.digest(row.id_number) if row.id_number else None
    teacher.active = True


def teachers_at(session: Session, organisation: Organisation) -> Sequence[Teacher]:
    """Return the active teachers at and below an organisation."""
    return session.scalars(
        select(Teacher)
        .join(Organisation, Teacher.school_id == Organisation.id)
        .where(Organisation.path.startswith(organisation.path, autoescape=True), Teacher.active)
        .order_by(Teacher.id)
    ).all()


def roster_value(teacher: Teacher) -> RosterTeacher:
    """Return a teacher's row as the value that matching uses; `employee_no` is the row's id, unique across schools."""
    return RosterTeacher(
        employee_no=str(teacher.id),
        name=teacher.name,
        school=teacher.school.name,
        id_number=teacher.id_number,
        birth_date=teacher.birth_date,
        gender=teacher.gender,
        subject=teacher.subject,
        entry_date=teacher.entry_date,
    )
