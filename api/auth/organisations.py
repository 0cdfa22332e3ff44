"""The tree of organisations: city > county > school."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.access import READERS, Viewer, get_visible, within
from core.clock import utc_now
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.vocabulary import Level, Role

PARENT_LEVEL = {Level.COUNTY: Level.CITY, Level.SCHOOL: Level.COUNTY}
# A city keeps some schools itself; they skip the county.
ALSO_UNDER_CITY = frozenset({Level.SCHOOL})
MAX_NAME = 200


def root(session: Session) -> Organisation | None:
    """Return the first city, None in an empty system."""
    return session.scalar(select(Organisation).where(Organisation.parent_id.is_(None)).order_by(Organisation.id))


def add(
    session: Session, *, parent: Organisation | None, level: Level, name: str, actor_id: int | None = None
) -> Organisation:
    """Add an organisation below `parent` (None: a city at the root) and return it.

    Raises Invalid `organisation_level` when the levels do not fit, Conflict `organisation_exists` for a taken name.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise Invalid("organisation_name", "The name needs 1 to {most} characters.", most=MAX_NAME)
    _check_level(parent, level)
    parent_id = parent.id if parent else None
    taken = select(Organisation.id).where(Organisation.parent_id.is_not_distinct_from(parent_id))
    if session.scalar(taken.where(Organisation.name == name)) is not None:
        raise Conflict("organisation_exists", "There is already an organisation called {name} here.", name=name)
    row = Organisation(parent_id=parent_id, level=level, name=name, path="", created_at=utc_now())
    session.add(row)
    session.flush()
    row.path = f"{parent.path if parent else '/'}{row.id}/"
    audit.record(session, "organisation.add", f"organisation:{row.id}", actor_id=actor_id, organisation_id=row.id)
    return row


def _check_level(parent: Organisation | None, level: Level) -> None:
    above = parent.level if parent else None
    fits = PARENT_LEVEL.get(level) == above or (level in ALSO_UNDER_CITY and above == Level.CITY)
    if not fits:
        raise Invalid(
            "organisation_level",
            "Counties stand below a city, schools below a county or a city.",
        )


def add_below(session: Session, viewer: Viewer, *, parent_id: int, level: Level, name: str) -> Organisation:
    """Add an organisation as an administrator; NotFound for a parent out of sight, Refused without the role."""
    parent = get_visible(session, viewer, Organisation, Organisation.id, id=parent_id)
    viewer.must_have(Role.ADMINISTRATOR, parent.path)
    return add(session, parent=parent, level=level, name=name, actor_id=viewer.user_id)


def visible(session: Session, viewer: Viewer, roles: frozenset[Role] = READERS) -> list[Organisation]:
    """Return the organisations at and below the viewer's nodes (where one of `roles` is held), in tree order."""
    return in_tree_order(session.scalars(within(viewer, select(Organisation), Organisation.id, roles)))


def in_tree_order(rows: Iterable[Organisation]) -> list[Organisation]:
    """Return organisations so that each stands right below the one above it."""
    return sorted(rows, key=lambda row: [int(part) for part in row.path.strip("/").split("/")])


def schools(session: Session, viewer: Viewer, roles: frozenset[Role]) -> list[Organisation]:
    """Return the schools where the viewer holds one of `roles`."""
    return [row for row in visible(session, viewer, roles) if row.level == Level.SCHOOL]
