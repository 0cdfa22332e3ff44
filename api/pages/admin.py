"""Organisations, people, rosters and API keys."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response

from api.auth import keys, links, organisations, people
from api.auth.keys import Scope
from api.numbers import RowId
from api.pages.visit import PersonDep, PersonVisit, redirect
from api.schemas.admin import key_out, user_out
from core.errors import Invalid, NotFound, Refused, XuefenError
from core.i18n import error_text
from core.vocabulary import Level, Role
from intake.roster_service import import_roster

router = APIRouter(prefix="/admin")

E = TypeVar("E", Level, Role)
ADMINS = frozenset({Role.ADMINISTRATOR})
ROSTER_KEEPERS = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_UPLOADER})
GRANTABLE = tuple(role for role in Role if role is not Role.INTEGRATOR)


def _must_administer(visit: PersonVisit) -> None:
    if not visit.viewer.has(Role.ADMINISTRATOR):
        raise Refused("role_missing", "This needs the role {role}.", role=Role.ADMINISTRATOR.value)


def _chosen(kind: type[E], value: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        raise Invalid("malformed", "The request is malformed.") from error


@router.get("/organisations")
def organisations_page(visit: PersonDep) -> Response:
    """Show the tree."""
    return _organisations(visit)


def _organisations(visit: PersonVisit, trouble: XuefenError | None = None) -> Response:
    _must_administer(visit)
    rows = organisations.visible(visit.session, visit.viewer, ADMINS)
    return visit.page("admin_organisations.html", trouble=trouble, rows=rows, levels=[Level.COUNTY, Level.SCHOOL])


@router.post("/organisations")
def add_organisation(
    visit: PersonDep,
    parent_id: Annotated[RowId, Form()],
    level: Annotated[str, Form()],
    name: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Add an organisation."""
    try:
        with visit.session.begin_nested():
            organisations.add_below(
                visit.session, visit.viewer, parent_id=parent_id, level=_chosen(Level, level), name=name
            )
    except XuefenError as error:
        return _organisations(visit, error)
    return redirect("/admin/organisations", "saved")


@router.get("/people")
def people_page(visit: PersonDep) -> Response:
    """Show the people."""
    return _people(visit)


def _people(visit: PersonVisit, trouble: XuefenError | None = None, **values: Any) -> Response:
    _must_administer(visit)
    shown = {"link": None, "link_for": None, "typed": {}} | values
    return visit.page(
        "admin_people.html",
        trouble=trouble,
        users=[user_out(user) for user in people.visible_users(visit.session, visit.viewer)],
        rows=organisations.visible(visit.session, visit.viewer, ADMINS),
        roles=GRANTABLE,
        me=visit.browser.user_id,
        hours=round(visit.ports.settings.link_hours),
        **shown,
    )


@router.post("/people")
def add_person(
    visit: PersonDep,
    organisation_id: Annotated[RowId, Form()],
    role: Annotated[str, Form()],
    username: Annotated[str, Form(max_length=200)] = "",
    display_name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Add a person and show the one-time link."""
    try:
        with visit.session.begin_nested():
            user = people.create_user(
                visit.session,
                visit.viewer,
                username=username,
                display_name=display_name,
                organisation_id=organisation_id,
                role=_chosen(Role, role),
            )
            link = links.user_link(visit.session, visit.ports.settings, user, actor_id=visit.browser.user_id)
    except XuefenError as error:
        typed = {
            "username": username,
            "display_name": display_name,
            "organisation_id": organisation_id,
            "role": role,
        }
        return _people(visit, error, typed=typed)
    return _people(visit, link=link, link_for=user.display_name)


@router.post("/people/{user_id}")
def change_person(
    visit: PersonDep,
    user_id: RowId,
    action: Annotated[str, Form()],
    grant_id: Annotated[RowId, Form()] = 0,
    organisation_id: Annotated[RowId, Form()] = 0,
    role: Annotated[str, Form()] = "",
) -> Response:
    """Make a new link, switch an account off or on, give or take a role."""
    session, viewer = visit.session, visit.viewer
    try:
        with session.begin_nested():
            if action == "link":
                user = people.managed_user(session, viewer, user_id)
                link = links.user_link(session, visit.ports.settings, user, actor_id=visit.browser.user_id)
                return _people(visit, link=link, link_for=user.display_name)
            if action in {"off", "on"}:
                people.switch(session, viewer, user_id, active=action == "on")
            elif action == "grant":
                people.add_grant(session, viewer, user_id, organisation_id, _chosen(Role, role))
            elif action == "ungrant":
                people.remove_grant(session, viewer, user_id, grant_id)
            else:
                raise Invalid("malformed", "The request is malformed.")
    except NotFound:
        raise
    except XuefenError as error:
        return _people(visit, error)
    return redirect("/admin/people", "saved")


@router.get("/roster")
def roster_page(visit: PersonDep) -> Response:
    """Show the roster import."""
    return _roster(visit)


def _roster(visit: PersonVisit, trouble: XuefenError | None = None, **values: Any) -> Response:
    schools = organisations.schools(visit.session, visit.viewer, ROSTER_KEEPERS)
    if not visit.viewer.paths(ROSTER_KEEPERS):
        raise Refused("role_missing", "This needs the role {role}.", role=Role.ADMINISTRATOR.value)
    shown = {"done": None, "problems": [], "school_id": None} | values
    return visit.page("admin_roster.html", trouble=trouble, schools=schools, **shown)


@router.post("/roster")
def import_page(visit: PersonDep, school_id: Annotated[RowId, Form()], file: Annotated[UploadFile, File()]) -> Response:
    """Import a roster and show the report row by row."""
    try:
        with TemporaryDirectory(dir=visit.ports.scratch) as folder, visit.session.begin_nested():
            path = Path(folder) / "roster"
            with path.open("wb") as stream:
                shutil.copyfileobj(file.file, stream)
            done = import_roster(visit.session, visit.ports.keyring, visit.viewer, school_id=school_id, path=path)
    except XuefenError as error:
        return _roster(visit, error, school_id=school_id)
    problems = [(p.row, p.column, error_text(p.error, visit.language)) for p in done.problems]
    return _roster(visit, done=done, problems=problems, school_id=school_id)


@router.get("/keys")
def keys_page(visit: PersonDep) -> Response:
    """Show the API keys."""
    return _keys(visit)


def _keys(visit: PersonVisit, trouble: XuefenError | None = None, text: str | None = None) -> Response:
    _must_administer(visit)
    return visit.page(
        "admin_keys.html",
        trouble=trouble,
        keys=[key_out(row) for row in keys.listed(visit.session, visit.viewer)],
        rows=organisations.visible(visit.session, visit.viewer, ADMINS),
        scopes=list(Scope),
        text=text,
    )


@router.post("/keys")
def add_key(
    visit: PersonDep,
    organisation_id: Annotated[RowId, Form()],
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[Scope] | None, Form()] = None,
) -> Response:
    """Make a key and show its text this once."""
    try:
        with visit.session.begin_nested():
            _, text = keys.create_as(
                visit.session,
                visit.viewer,
                organisation_id=organisation_id,
                name=name,
                scopes=frozenset(scopes or ()),
            )
    except XuefenError as error:
        return _keys(visit, error)
    return _keys(visit, text=text)


@router.post("/keys/{key_id}/revoke")
def revoke_key(visit: PersonDep, key_id: RowId) -> Response:
    """Revoke a key."""
    keys.revoke(visit.session, visit.viewer, key_id)
    return redirect("/admin/keys", "saved")
