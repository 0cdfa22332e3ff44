"""Every error as RFC 9457 problem details for programs, or as a page for people."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.deps import language_of
from api.pages.render import error_page
from core.errors import Conflict, Invalid, NotFound, Refused, TooLarge, Unauthenticated, Unavailable, XuefenError
from core.i18n import LANGUAGES, error_text

PROBLEM = "application/problem+json"
PROGRAMS = ("/api/", "/healthz", "/static/", "/openapi.json")


def problem_body(error: XuefenError, status: int, language: str, **more: object) -> dict[str, Any]:
    """Return the problem document: RFC 9457's members, our stable `code` and the sentence in both languages."""
    body: dict[str, Any] = {
        "type": f"urn:xuefen:problem:{error.code}",
        "title": error_text(error, language),
        "status": status,
        "code": error.code,
        "messages": {each: error_text(error, each) for each in LANGUAGES},
    }
    if error.page is not None:
        body["page"] = error.page
    return body | more


def answer(request: Request, error: XuefenError, **more: object) -> Response:
    """Return the answer for an expected error: a problem, a page, or the way to the sign-in page."""
    language = language_of(request)
    headers = {"Cache-Control": "no-store"}
    if request.url.path.startswith(PROGRAMS):
        if error.status == Unauthenticated.status:
            headers["WWW-Authenticate"] = "Bearer"
        if error.status == Unavailable.status:
            headers["Retry-After"] = "5"
        body = problem_body(error, error.status, language, **more)
        return JSONResponse(body, error.status, headers, media_type=PROBLEM)
    if isinstance(error, Unauthenticated) and request.method == "GET":
        return RedirectResponse("/sign-in", 303)
    return error_page(request, error, language)


def from_http(error: HTTPException) -> XuefenError:
    """Return our error for one that the framework raised (no such route, wrong method, too large)."""
    if error.status_code == NotFound.status:
        return NotFound("not_found", "There is no such thing here.")
    if error.status_code == TooLarge.status:
        return TooLarge("request_too_large", "The request is too large.")
    if error.status_code == MethodRefused.status:
        return MethodRefused("method_not_allowed", "This cannot be done at this address.")
    return BadRequest("bad_request", "The request is malformed.")


class BadRequest(Invalid):
    """The request could not be parsed at all."""

    status = 400


class MethodRefused(Refused):
    """The address exists, but not for this method."""

    status = 405


class Unexpected(XuefenError):
    """A fault of ours; only its id leaves the house."""


def unexpected(request_id: str) -> Unexpected:
    """Return the error shown for a fault of ours."""
    return Unexpected(
        "internal_error", "Something went wrong on our side. Tell your administrator this number: {id}.", id=request_id
    )


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, XuefenError)  # noqa: S101 - Starlette calls this handler for the class it is registered for
    return answer(request, error)


def _malformed(request: Request, error: Exception) -> Response:
    """Say which places are malformed, without echoing what was sent: it may hold personal data."""
    raw = error.errors() if isinstance(error, RequestValidationError) else []
    places = [{"place": [str(part) for part in each["loc"]], "kind": each["type"]} for each in raw]
    return answer(request, Invalid("malformed", "The request is malformed."), errors=places)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    return answer(request, from_http(error))


def _integrity(request: Request, error: Exception) -> Response:
    del error
    return answer(request, Conflict("changed_meanwhile", "Someone else changed this meanwhile. Reload and try again."))


def _busy(request: Request, error: Exception) -> Response:
    del error
    return answer(request, Unavailable("database_busy", "The database is busy. Try again in a moment."))


def install(app: FastAPI) -> None:
    """Register the handlers. Unexpected errors are caught further out, by `middleware.Guard`."""
    app.add_exception_handler(XuefenError, _expected)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _integrity)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(PoolTimeout, _busy)
