"""One-time links: opening one shows its form, posting the form uses it up."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.auth import links, organisations, sessions
from api.deps import SessionDep
from api.pages.visit import Visit, VisitDep, redirect, session_cookie
from core.errors import Invalid, NotFound, XuefenError

router = APIRouter()

TEMPLATES = {
    "first_admin": "link_first_admin.html",
    "set_password": "link_password.html",
    "sign_in": "link_sign_in.html",
}


@router.get("/link/{token}")
def show(visit: VisitDep, session: SessionDep, token: str) -> Response:
    """Show the form of a link without using it up."""
    return _form(visit, session, token, None, {})


def _form(
    visit: Visit, session: SessionDep, token: str, trouble: XuefenError | None, values: dict[str, str]
) -> Response:
    link = links.look(session, token)
    return visit.page(
        TEMPLATES[link.purpose],
        trouble.status if trouble else 200,
        trouble=trouble,
        person=links.person_of(session, link),
        has_city=organisations.root(session) is not None,
        values=values,
        link_path=f"/link/{token}",
    )


@router.post("/link/{token}/first-admin")
def first_admin(
    visit: VisitDep,
    session: SessionDep,
    token: str,
    username: Annotated[str, Form(max_length=200)] = "",
    display_name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
    city: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Set up the city and its first administrator, who is signed in at once."""
    try:
        _same(password, again)
        with session.begin_nested():
            user = links.set_up_first_admin(
                session, token, city=city, username=username, display_name=display_name, password=password
            )
    except XuefenError as error:
        _gone(error)
        values = {"username": username, "display_name": display_name, "city": city}
        return _form(visit, session, token, error, values)
    return _enter(visit, session, sessions.open_session(session, visit.ports.settings, user))


@router.post("/link/{token}/password")
def set_password(
    visit: VisitDep,
    session: SessionDep,
    token: str,
    password: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Set the person's password; they sign in with it next."""
    try:
        _same(password, again)
        with session.begin_nested():
            links.set_password(session, token, password)
    except XuefenError as error:
        _gone(error)
        return _form(visit, session, token, error, {})
    return redirect("/sign-in", "password")


@router.post("/link/{token}/sign-in")
def sign_in(visit: VisitDep, session: SessionDep, token: str) -> Response:
    """Sign the link's person in."""
    user = links.sign_in_once(session, token)
    return _enter(visit, session, sessions.open_session(session, visit.ports.settings, user))


def _enter(visit: Visit, session: SessionDep, token: str) -> Response:
    sessions.close(session, session_cookie(visit.ports, visit.request))
    return visit.enter(token)


def _same(password: str, again: str) -> None:
    if password != again:
        raise Invalid("passwords_differ", "The two passwords are not the same.")


def _gone(error: XuefenError) -> None:
    """Let a used or expired link be an error page: there is no form to show again."""
    if isinstance(error, NotFound):
        raise error
