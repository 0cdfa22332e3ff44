"""Organisations, people, roles and keys, for administrators."""

from fastapi import APIRouter

from api.auth import keys, links, organisations, people
from api.deps import PortsDep, SessionDep, ViewerDep
from api.numbers import RowId
from api.schemas.admin import (
    ActiveIn,
    GrantIn,
    KeyIn,
    KeyOut,
    LinkOut,
    NewKey,
    NewUser,
    OrganisationIn,
    OrganisationOut,
    UserIn,
    UserOut,
    key_out,
    organisation_out,
    user_out,
)

router = APIRouter(tags=["administration"])


@router.get("/organisations")
def list_organisations(session: SessionDep, viewer: ViewerDep) -> list[OrganisationOut]:
    """List the organisations that you may see, in tree order."""
    return [organisation_out(row) for row in organisations.visible(session, viewer)]


@router.post("/organisations", status_code=201)
def add_organisation(session: SessionDep, viewer: ViewerDep, body: OrganisationIn) -> OrganisationOut:
    """Add an organisation below another."""
    row = organisations.add_below(session, viewer, parent_id=body.parent_id, level=body.level, name=body.name)
    return organisation_out(row)


@router.get("/users")
def list_users(session: SessionDep, viewer: ViewerDep) -> list[UserOut]:
    """List the people with a role where you are administrator."""
    return [user_out(user) for user in people.visible_users(session, viewer)]


@router.post("/users", status_code=201)
def add_user(session: SessionDep, viewer: ViewerDep, ports: PortsDep, body: UserIn) -> NewUser:
    """Add a person with a first role; the answer holds the one-time link that sets the password, this once."""
    user = people.create_user(
        session,
        viewer,
        username=body.username,
        display_name=body.display_name,
        organisation_id=body.organisation_id,
        role=body.role,
    )
    return NewUser(user=user_out(user), link=links.user_link(session, ports.settings, user, actor_id=viewer.user_id))


@router.post("/users/{user_id}/link", status_code=201)
def renew_link(session: SessionDep, viewer: ViewerDep, ports: PortsDep, user_id: RowId) -> LinkOut:
    """Make a fresh link that sets a person's password; older unused ones stop working."""
    user = people.managed_user(session, viewer, user_id)
    return LinkOut(link=links.user_link(session, ports.settings, user, actor_id=viewer.user_id))


@router.post("/users/{user_id}/active")
def switch(session: SessionDep, viewer: ViewerDep, user_id: RowId, body: ActiveIn) -> UserOut:
    """Switch an account off or on; switched off, its sessions end at once."""
    return user_out(people.switch(session, viewer, user_id, active=body.active))


@router.post("/users/{user_id}/grants", status_code=201)
def add_grant(session: SessionDep, viewer: ViewerDep, user_id: RowId, body: GrantIn) -> UserOut:
    """Give a person one more role."""
    return user_out(people.add_grant(session, viewer, user_id, body.organisation_id, body.role))


@router.delete("/users/{user_id}/grants/{grant_id}")
def remove_grant(session: SessionDep, viewer: ViewerDep, user_id: RowId, grant_id: RowId) -> UserOut:
    """Take a role from a person."""
    return user_out(people.remove_grant(session, viewer, user_id, grant_id))


@router.get("/keys")
def list_keys(session: SessionDep, viewer: ViewerDep) -> list[KeyOut]:
    """List the API keys of the organisations where you are administrator."""
    return [key_out(row) for row in keys.listed(session, viewer)]


@router.post("/keys", status_code=201)
def add_key(session: SessionDep, viewer: ViewerDep, body: KeyIn) -> NewKey:
    """Make an API key; its text is in this answer and nowhere else."""
    row, text = keys.create_as(
        session, viewer, organisation_id=body.organisation_id, name=body.name, scopes=body.scopes
    )
    return NewKey(key=key_out(row), text=text)


@router.delete("/keys/{key_id}")
def revoke_key(session: SessionDep, viewer: ViewerDep, key_id: RowId) -> KeyOut:
    """Revoke an API key for good."""
    return key_out(keys.revoke(session, viewer, key_id))
