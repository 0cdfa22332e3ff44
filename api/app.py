"""The web application: the JSON API, the pages, and what guards both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api import errors, pages, routes
from api.middleware import Guard
from api.ports import open_ports
from core.settings import Settings

STATIC = Path(__file__).parent / "static"
DESCRIPTION = """\
Document intake and certificate verification for teacher credit banks (学分受理).

Programs send `Authorization: Bearer xf_...`. Browsers that are signed in send their cookie, and the header
`X-CSRF-Token` with every request that changes something. Errors are problem details (RFC 9457) with a stable `code`.
"""


def create_app(settings: Settings) -> FastAPI:
    """Return the application; its resources are opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.ports = open_ports(settings)
        yield
        app.state.ports.close()

    app = FastAPI(
        title="Xuefen Intake",
        description=DESCRIPTION,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    errors.install(app)
    app.include_router(routes.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guard, secure=settings.secure_cookies)
    return app
