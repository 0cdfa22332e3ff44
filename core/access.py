"""Who may see what: the one place that filters queries by a person's place in the tree of organisations.

What lies outside answers NotFound, like what does not exist, so that ids tell a stranger nothing.
"""

from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import NotFound, Refused
from core.models import Organisation
from core.vocabulary import Level, Role

REVIEWER_OF = {
    Level.SCHOOL: Role.SCHOOL_REVIEWER,
    Level.COUNTY: Role.COUNTY_REVIEWER,
    Level.CITY: Role.CITY_REVIEWER,
}
READERS = frozenset(Role) - {Role.INTEGRATOR}

Columns = TypeVarTuple("Columns")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at the organisation whose `path` is given, and below it."""

    role: Role
    organisation_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person (or API key: `user_id` is None) behind a request, with all held roles."""

    user_id: int | None
    name: str
    roles: tuple[HeldRole, ...]

    def paths(self, roles: frozenset[Role] = READERS) -> tuple[str, ...]:
        """Return the tree paths at which one of `roles` is held."""
        return tuple(sorted({held.path for held in self.roles if held.role in roles}))

    def has(self, role: Role, path: str | None = None) -> bool:
        """Return whether `role` is held at all, or at `path` or above it."""
        return any(held.role == role and (path is None or path.startswith(held.path)) for held in self.roles)

    def sees(self, path: str) -> bool:
        """Return whether an organisation at `path` lies at or below one of the person's own."""
        return any(path.startswith(own) for own in self.paths())

    def must_have(self, role: Role, path: str) -> None:
        """Raise NotFound when `path` is out of sight, Refused `role_missing` when seen but not allowed."""
        if not self.sees(path):
            raise NotFound("not_found", "There is no such thing here.")
        if not self.has(role, path):
            raise Refused("role_missing", "This needs the role {role}.", role=role.value)


def visible_schools(viewer: Viewer, roles: frozenset[Role] = READERS) -> Select[int]:
    """Return a SELECT of the organisation ids at and below the viewer's nodes."""
    paths = viewer.paths(roles)
    clause: ColumnElement[bool] = or_(*(Organisation.path.startswith(path, autoescape=True) for path in paths))
    return select(Organisation.id).where(clause if paths else false())


def within(
    viewer: Viewer, statement: Select[*Columns], column: InstrumentedAttribute[int], roles: frozenset[Role] = READERS
) -> Select[*Columns]:
    """Return `statement` narrowed to rows whose organisation `column` the viewer may see."""
    return statement.where(column.in_(visible_schools(viewer, roles)))


def get_visible(
    session: Session,
    viewer: Viewer,
    row: type[Row],
    column: InstrumentedAttribute[int],
    roles: frozenset[Role] = READERS,
    **where: object,
) -> Row:
    """Return the one row that `where` names if the viewer may see it; raises NotFound otherwise."""
    found = session.scalars(within(viewer, select(row).filter_by(**where), column, roles)).unique().one_or_none()
    if found is None:
        raise NotFound("not_found", "There is no such thing here.")
    return found
