"""Accounts and grants. An administrator manages the people whose every grant lies at or below the own nodes."""

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.auth import sessions
from core import audit
from core.access import Viewer, get_visible, visible_schools
from core.clock import utc_now
from core.errors import Conflict, Invalid, NotFound, Refused
from core.models import Grant, Organisation, User
from core.vocabulary import Level, Role

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,79}")
MAX_DISPLAY_NAME = 80
ADMINS = frozenset({Role.ADMINISTRATOR})
# An uploader may also stand at a county or city that organises training; other roles fit everywhere.
ROLE_LEVELS = {
    Role.SCHOOL_REVIEWER: frozenset({Level.SCHOOL}),
    Role.COUNTY_REVIEWER: frozenset({Level.COUNTY}),
    Role.CITY_REVIEWER: frozenset({Level.CITY}),
}


def new_user(session: Session, *, username: str, display_name: str) -> User:
    """Add an account without password or role; raises Invalid or Conflict `username_taken`."""
    username, display_name = username.strip(), " ".join(display_name.split())
    if not USERNAME.fullmatch(username):
        raise Invalid("username_form", "A user name has 2 to 80 letters, digits or . _ @ - and no spaces.")
    if re.fullmatch(r"\d{17}[\dXx]|\d{15}", username):
        raise Invalid("username_is_id_number", "An ID number must not be a user name.")
    if not display_name or len(display_name) > MAX_DISPLAY_NAME:
        raise Invalid("display_name", "The person's name needs 1 to 80 characters.")
    if session.scalar(select(User.id).where(func.lower(User.username) == username.lower())) is not None:
        raise Conflict("username_taken", "The user name {username} is taken.", username=username)
    user = User(username=username, display_name=display_name, created_at=utc_now())
    session.add(user)
    session.flush()
    return user


def grant(
    session: Session, user: User, organisation: Organisation, role: Role, *, actor_id: int | None = None
) -> Grant:
    """Give a role; the same grant twice is one. Raises Invalid `role_level` for a role of another level."""
    if organisation.level not in ROLE_LEVELS.get(role, frozenset(Level)):
        raise Invalid("role_level", "The role {role} does not fit this kind of organisation.", role=role.value)
    held = session.scalar(
        select(Grant).where(
            Grant.user_id == user.id, Grant.organisation_id == organisation.id, Grant.role == role.value
        )
    )
    if held is not None:
        return held
    row = Grant(user_id=user.id, organisation_id=organisation.id, role=role.value)
    session.add(row)
    session.flush()
    session.refresh(user)
    audit.record(
        session, "grant.add", f"user:{user.id}", actor_id=actor_id, organisation_id=organisation.id, role=role.value
    )
    return row


def create_user(
    session: Session,
    viewer: Viewer | None,
    *,
    username: str,
    display_name: str,
    organisation_id: int,
    role: Role,
) -> User:
    """Add an account with its first grant. `viewer` None is the machine's owner at the command line."""
    organisation = _organisation_to_manage(session, viewer, organisation_id)
    user = new_user(session, username=username, display_name=display_name)
    actor_id = viewer.user_id if viewer else None
    audit.record(session, "user.add", f"user:{user.id}", actor_id=actor_id, organisation_id=organisation.id)
    grant(session, user, organisation, role, actor_id=actor_id)
    return user


def _organisation_to_manage(session: Session, viewer: Viewer | None, organisation_id: int) -> Organisation:
    if viewer is None:
        found = session.get(Organisation, organisation_id)
        if found is None:
            raise NotFound("not_found", "There is no such thing here.")
        return found
    organisation = get_visible(session, viewer, Organisation, Organisation.id, id=organisation_id)
    viewer.must_have(Role.ADMINISTRATOR, organisation.path)
    return organisation


def visible_users(session: Session, viewer: Viewer) -> list[User]:
    """Return the people with a role at or below the organisations that the viewer administers."""
    inside = select(Grant.user_id).where(Grant.organisation_id.in_(visible_schools(viewer, ADMINS)))
    return list(session.scalars(select(User).where(User.id.in_(inside)).order_by(User.username)))


def managed_user(session: Session, viewer: Viewer, user_id: int) -> User:
    """Return a person whom the viewer may manage.

    NotFound when none of the person's roles is in sight; Refused `user_above` when some lie outside: else a county's
    administrator could take over a city's account that also has a role in the county.
    """
    user = session.get(User, user_id)
    nodes = viewer.paths(ADMINS)
    inside = [any(held.organisation.path.startswith(node) for node in nodes) for held in user.grants] if user else []
    if user is None or not any(inside):
        raise NotFound("not_found", "There is no such thing here.")
    if not all(inside):
        raise Refused("user_above", "This person also has roles outside your organisations.")
    return user


def add_grant(session: Session, viewer: Viewer, user_id: int, organisation_id: int, role: Role) -> User:
    """Give a managed person one more role."""
    user = managed_user(session, viewer, user_id)
    organisation = _organisation_to_manage(session, viewer, organisation_id)
    grant(session, user, organisation, role, actor_id=viewer.user_id)
    return user


def remove_grant(session: Session, viewer: Viewer, user_id: int, grant_id: int) -> User:
    """Take a role from a managed person; the last role stays (switch the account off instead)."""
    user = managed_user(session, viewer, user_id)
    row = next((held for held in user.grants if held.id == grant_id), None)
    if row is None:
        raise NotFound("not_found", "There is no such thing here.")
    if len(user.grants) == 1:
        raise Conflict("last_role", "A person keeps at least one role; switch the account off instead.")
    _not_oneself(viewer, user)
    session.delete(row)
    session.flush()
    session.refresh(user)
    audit.record(
        session,
        "grant.remove",
        f"user:{user.id}",
        actor_id=viewer.user_id,
        organisation_id=row.organisation_id,
        role=row.role,
    )
    return user


def switch(session: Session, viewer: Viewer, user_id: int, *, active: bool) -> User:
    """Switch an account off (its sessions end at once) or on again."""
    user = managed_user(session, viewer, user_id)
    _not_oneself(viewer, user)
    user.active = active
    if not active:
        sessions.close_all(session, user.id)
    session.flush()
    audit.record(session, "user.on" if active else "user.off", f"user:{user.id}", actor_id=viewer.user_id)
    return user


def _not_oneself(viewer: Viewer, user: User) -> None:
    if viewer.user_id == user.id:
        raise Refused("not_oneself", "You cannot do this to your own account.")
