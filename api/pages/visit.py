"""What a page handler works with: the visitor, the language, and the token that its forms carry."""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.auth import sessions
from api.auth.sessions import SignedIn
from api.auth.tokens import new_token
from api.deps import SAFE_METHODS, LanguageDep, PortsDep, SessionDep, csrf_refused
from api.pages import render
from api.ports import Ports
from core.access import Viewer
from core.db import read_scope
from core.errors import Unauthenticated, XuefenError
from core.models import User

FORM_FIELD = "csrf_token"
NOTICES = {
    "approved": "Approved. Here is the next entry.",
    "returned": "Returned with your reason. Here is the next entry.",
    "rejected": "Rejected with your reason. Here is the next entry.",
    "corrected": "Saved. The rules have judged the entry again.",
    "password": "Your password is set. Sign in with it now.",
    "saved": "Saved.",
}


def form_cookie(ports: Ports) -> str:
    """Return the name of the cookie that ties a form to a browser that is not signed in."""
    return "__Host-xuefen_form" if ports.settings.secure_cookies else "xuefen_form"


def stranger_token(ports: Ports, cookie: str) -> str:
    """Return the form token of a browser that is not signed in; without the installation's key nobody can make it."""
    return ports.keyring.digest(f"form:{cookie}")


def session_cookie(ports: Ports, request: Request) -> str | None:
    """Return the session's token as the browser sent it."""
    return request.cookies.get(sessions.cookie_name(ports.settings))


def signed_in(request: Request, ports: Ports) -> SignedIn | None:
    """Return the browser's session, looked up in a transaction of its own."""
    with read_scope(ports.maker) as session:
        return sessions.find(session, session_cookie(ports, request))


async def form_token(request: Request) -> str:
    """Return the token in a posted form."""
    if request.method in SAFE_METHODS:
        return ""
    return str((await request.form()).get(FORM_FIELD, ""))


def form_guard(request: Request, ports: PortsDep, token: Annotated[str, Depends(form_token)]) -> None:
    """Refuse every post without its page's token. Stands on the pages' router, so that no page can forget it."""
    if request.method in SAFE_METHODS:
        return
    browser = signed_in(request, ports)
    if browser is not None:
        good = browser.csrf_fits(token)
    else:
        cookie = request.cookies.get(form_cookie(ports), "")
        good = bool(cookie) and hmac.compare_digest(stranger_token(ports, cookie).encode(), token.encode())
    if not good:
        raise csrf_refused()


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a page by someone who is not signed in, or need not be."""

    request: Request
    ports: Ports
    language: str
    browser: SignedIn | None

    def page(self, template: str, status: int = 200, trouble: XuefenError | None = None, **values: Any) -> Response:
        """Return a page whose forms carry this browser's token: its session's if it has one, as `form_guard` asks."""
        cookie = self.request.cookies.get(form_cookie(self.ports)) or new_token()
        response = render.page(
            self.request,
            template,
            self.language,
            status,
            csrf=self.browser.csrf_token if self.browser else stranger_token(self.ports, cookie),
            trouble=render.sentence(trouble, self.language) if trouble else None,
            notice=NOTICES.get(self.request.query_params.get("notice", "")),
            **values,
        )
        response.set_cookie(
            form_cookie(self.ports), cookie, httponly=True, samesite="lax", secure=self.ports.settings.secure_cookies
        )
        return response

    def enter(self, token: str) -> Response:
        """Return the way home with a new session's cookie."""
        response = RedirectResponse("/", 303)
        response.set_cookie(
            sessions.cookie_name(self.ports.settings),
            token,
            httponly=True,
            samesite="lax",
            secure=self.ports.settings.secure_cookies,
        )
        return response


def get_visit(request: Request, ports: PortsDep, language: LanguageDep) -> Visit:
    """Return the visit."""
    return Visit(request, ports, language, signed_in(request, ports))


VisitDep = Annotated[Visit, Depends(get_visit)]


@dataclass(frozen=True, slots=True)
class PersonVisit:
    """A visit by a signed-in person, with the request's transaction."""

    request: Request
    ports: Ports
    language: str
    session: Session
    browser: SignedIn

    @property
    def viewer(self) -> Viewer:
        """The person, as services ask for them."""
        return self.browser.viewer

    def page(self, template: str, status: int = 200, trouble: XuefenError | None = None, **values: Any) -> Response:
        """Return a page for the person."""
        return render.page(
            self.request,
            template,
            self.language,
            trouble.status if trouble else status,
            browser=self.browser,
            csrf=self.browser.csrf_token,
            trouble=render.sentence(trouble, self.language) if trouble else None,
            notice=NOTICES.get(self.request.query_params.get("notice", "")),
            **values,
        )

    def user(self) -> User:
        """Return the person's row."""
        return self.session.get_one(User, self.browser.user_id)


def get_person_visit(request: Request, ports: PortsDep, language: LanguageDep, session: SessionDep) -> PersonVisit:
    """Return the visit of a signed-in person; strangers are sent to the sign-in page."""
    browser = sessions.find(session, session_cookie(ports, request))
    if browser is None:
        raise Unauthenticated("sign_in_needed", "Sign in first.")
    if request.method in SAFE_METHODS:
        sessions.keep_alive(ports.maker, ports.settings, browser)
    return PersonVisit(request, ports, language, session, browser)


PersonDep = Annotated[PersonVisit, Depends(get_person_visit, scope="function")]


def redirect(path: str, notice: str = "") -> Response:
    """Return the way to another page after a post, with a notice to show there."""
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}notice={notice}" if notice else path, 303)
