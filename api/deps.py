"""What handlers ask for by type: ports, one transaction, the person behind the request.

One request is one transaction. `SessionDep` has FastAPI's function scope: it ends, commits and rings before the answer
is sent, so a commit that fails is an error for the client, never a 200. GET and HEAD get a transaction that only reads.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from api.auth import keys, sessions
from api.auth.keys import KeyHolder, Scope
from api.auth.sessions import SignedIn
from api.ports import Ports
from core.access import Viewer
from core.db import read_scope, session_scope
from core.errors import Refused, Unauthenticated
from core.i18n import LANGUAGES

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


def get_ports(request: Request) -> Ports:
    """Return the application's open resources."""
    ports: Ports = request.app.state.ports
    return ports


PortsDep = Annotated[Ports, Depends(get_ports)]


def get_session(request: Request, ports: PortsDep) -> Iterator[Session]:
    """Yield the request's one transaction, committed at its end."""
    scope = read_scope if request.method in SAFE_METHODS else session_scope
    with scope(ports.maker) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request: a signed-in browser or an API key."""

    viewer: Viewer
    browser: SignedIn | None = None
    key: KeyHolder | None = None


def identify(session: Session, ports: Ports, request: Request) -> Caller | None:
    """Return who sent the request, None for a stranger; raises Unauthenticated for a key that is no good.

    A request with an Authorization header is judged by it alone, never by a cookie that came along.
    """
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, text = header.partition(" ")
        holder = keys.find(session, text.strip()) if scheme.lower() == "bearer" else None
        if holder is None:
            raise Unauthenticated("api_key_invalid", "The API key is unknown or revoked.")
        return Caller(holder.viewer, key=holder)
    browser = sessions.find(session, request.cookies.get(sessions.cookie_name(ports.settings)))
    return Caller(browser.viewer, browser=browser) if browser else None


def authorise(caller: Caller | None, request: Request, scope: Scope | None) -> Caller:
    """Return the caller if the request may go on.

    A key needs `scope` (None: keys are refused); a browser's unsafe request needs its CSRF token in the header.
    """
    if caller is None:
        raise Unauthenticated("sign_in_needed", "Sign in first.")
    if caller.key is not None:
        if scope is None or scope not in caller.key.scopes:
            raise Refused("scope_missing", "This API key may not do this.")
        return caller
    unsafe = request.method not in SAFE_METHODS
    if unsafe and not (caller.browser and caller.browser.csrf_fits(request.headers.get(CSRF_HEADER))):
        raise csrf_refused()
    return caller


def csrf_refused() -> Refused:
    """Return the error for a form or request without its token."""
    return Refused("csrf_failed", "The page is out of date. Reload it and try again.")


def viewer_with(scope: Scope | None) -> Callable[..., Viewer]:
    """Return the dependency of a JSON route: its viewer, by session or by a key that has `scope`."""

    def viewer(request: Request, session: SessionDep, ports: PortsDep) -> Viewer:
        return authorise(identify(session, ports, request), request, scope).viewer

    return viewer


ViewerDep = Annotated[Viewer, Depends(viewer_with(None), scope="function")]
BatchReaderDep = Annotated[Viewer, Depends(viewer_with(Scope.BATCHES_READ), scope="function")]
LedgerReaderDep = Annotated[Viewer, Depends(viewer_with(Scope.LEDGER_READ), scope="function")]


def language_of(request: Request) -> str:
    """Return zh or en: asked for in the address, chosen by cookie, else by the client's Accept-Language, else ours."""
    for asked in (request.query_params.get("lang"), request.cookies.get("lang")):
        if asked in LANGUAGES:
            return asked
    first = request.headers.get("accept-language", "")[:2].lower()
    settings_language: str = request.app.state.settings.language
    return first if request.url.path.startswith("/api/") and first in LANGUAGES else settings_language


LanguageDep = Annotated[str, Depends(language_of)]
