"""The outermost layer: one log line for each request, security headers, size limits, and no leak of a fault."""

import secrets
import traceback
from time import perf_counter
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.deps import language_of
from api.pages.render import error_page
from core.logs import get_logger
from core.settings import MIB

# Pages need no inline script or style and nothing from another host.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000"

BODY_LIMIT = 1 * MIB
ROSTER_LIMIT = 20 * MIB
LARGE_BODIES = {"/api/v1/rosters": ROSTER_LIMIT, "/admin/roster": ROSTER_LIMIT}
# Uploads count their own bytes, file by file (api/receive.py).
COUNTED_ELSEWHERE = "/api/v1/batches"

log = get_logger(__name__)


class Guard:
    """Wraps the whole application, pure ASGI so that streamed bodies stay streams."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Wrap `app`; `secure` adds HSTS."""
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": HSTS} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = secrets.token_hex(8), perf_counter()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
                headers["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, limited(scope, receive), send_guarded)
        except Exception as error:  # noqa: BLE001 - the last net: whatever it is, the client gets an id and no more
            # not log.exception: a traceback holds messages, and those hold values
            log.error("request_failed", request_id=request_id, kind=type(error).__name__, at=_frames(error))  # noqa: TRY400 - said above
            if status == 0:
                await _fault(scope, request_id)(scope, receive, send_guarded)
        finally:
            log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                handler=handler_of(scope),
                status=status,
                ms=round((perf_counter() - started) * 1000, 1),
            )


def handler_of(scope: Scope) -> str:
    """Return the handler's name, never the path: it may hold a one-time token."""
    handler = scope.get("endpoint")
    return f"{handler.__module__}.{getattr(handler, '__name__', 'app')}" if handler else "unmatched"


def limited(scope: Scope, receive: Receive) -> Receive:
    """Return `receive`, failing with 413 once a body is larger than its address allows."""
    path = str(scope["path"])
    if path.startswith(COUNTED_ELSEWHERE):
        return receive
    left = LARGE_BODIES.get(path, BODY_LIMIT)

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return counted


def _fault(scope: Scope, request_id: str) -> Any:
    request = Request(scope)
    error = errors.unexpected(request_id)
    if request.url.path.startswith(errors.PROGRAMS):
        return JSONResponse(errors.problem_body(error, 500, "zh"), 500, media_type=errors.PROBLEM)
    return error_page(request, error, language_of(request))


def _frames(error: BaseException) -> list[str]:
    """Return where it happened, without the message: drivers put values, and so personal data, into messages."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}" for frame in frames]
