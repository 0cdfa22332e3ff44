"""`xuefen api`: the web page and the JSON API as one process."""

import uvicorn

from api.app import create_app
from core.logs import configure_logs
from core.settings import Settings

SHUTDOWN_SECONDS = 10


def api() -> None:
    """启动网页与接口 / Serve the web page and the JSON API; `xuefen up` starts it for you.

    例 / Example:  XUEFEN_PORT=8080 xuefen api
    """
    configure_logs()
    settings = Settings()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        # our own log has no paths and queries: they may hold one-time tokens (api/middleware.py)
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
