"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api.auth import sessions
from api.pages.visit import PersonDep, VisitDep, session_cookie
from core import audit
from core.db import session_scope
from core.errors import Unauthenticated

router = APIRouter()


@router.get("/sign-in")
def form(visit: VisitDep) -> Response:
    """Show the sign-in form; who is signed in goes home."""
    if visit.browser is not None:
        return RedirectResponse("/", 303)
    return visit.page("sign_in.html", username="")


@router.post("/sign-in")
def sign_in(
    visit: VisitDep,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Check the password and open a new session; an older one of this browser ends."""
    address = visit.request.client.host if visit.request.client else ""
    ports = visit.ports
    try:
        token = sessions.sign_in(
            ports.maker, ports.settings, ports.throttle, username=username, password=password, address=address
        )
    except Unauthenticated as error:
        return visit.page("sign_in.html", error.status, trouble=error, username=username)
    with session_scope(ports.maker) as session:
        sessions.close(session, session_cookie(ports, visit.request))
    return visit.enter(token)


@router.post("/sign-out")
def sign_out(visit: PersonDep) -> Response:
    """End the session."""
    sessions.close(visit.session, session_cookie(visit.ports, visit.request))
    user_id = visit.browser.user_id
    audit.record(visit.session, "session.sign_out", f"user:{user_id}", actor_id=user_id)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(sessions.cookie_name(visit.ports.settings), secure=visit.ports.settings.secure_cookies)
    return response
