"""`xuefen up`: the whole service of one machine, under one supervisor."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.auth.links import first_admin_link
from core.db import migrate, open_engine, session_factory, session_scope
from core.i18n import translator
from core.keys import load_keyring
from core.settings import Settings
from ocr.models import present
from ocr.paddle import require_opencv
from ocr.service import fetch_models
from workers.supervisor import Part, Supervisor


def up(
    home: Annotated[
        Path | None, typer.Option(help="数据文件夹 / Folder of the service's data (XUEFEN_HOME, else var).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="网页端口 / Port of the web page (XUEFEN_PORT, else 8000).")
    ] = None,
) -> None:
    """启动整个服务 / Start everything on this machine: queue, web page, readers. Ctrl-C stops it; nothing is lost.

    首次启动会显示一次性链接，用于设置管理员；再次启动则接着处理。

    A first start prints a one-time link to set up the administrator; the next start carries on where the last ended.

    例 / Examples:  xuefen up  ·  xuefen up --home /srv/xuefen --port 8080
    """
    settings = Settings()
    run_service(settings.model_copy(update={"home": home or settings.home, "port": port or settings.port}))


def run_service(settings: Settings) -> None:
    """Fetch the OCR weights if need be, then run the service until Ctrl-C or SIGTERM.

    Raises Unavailable `system_library_missing` or `port_taken`, Conflict `already_running`, and what fetching the
    weights raises.
    """
    text = translator(settings.language)

    def say(message: str, **facts: object) -> None:
        typer.echo(text(message).format(**facts))

    require_opencv()
    if not present(settings.models_dir.expanduser()):
        say("Fetching the OCR weights (about 80 MB, once) ...")
        fetch_models(settings)

    def ready() -> None:
        say(
            "The service runs: {url}   (Ctrl-C stops it; logs: {logs})",
            url=settings.base_url,
            logs=settings.home / "logs",
        )
        link = _first_link(settings)
        if link is not None:
            say(
                "Set up the first administrator with this link, good once and for {hours} hours:",
                hours=f"{settings.link_hours:g}",
            )
            typer.echo(f"  {link}")

    Supervisor(settings, service_parts(settings), say).run(lambda: migrate(settings), ready)
    say("Stopped.")


def service_parts(settings: Settings) -> list[Part]:
    """Return the commands of the service: web page, readers, reconciler."""
    command = (sys.executable, "-m", "cli.main")
    readers = [Part(f"reader-{number}", (*command, "worker", "read")) for number in range(1, settings.workers + 1)]
    return [
        Part("web", (*command, "api"), serves=True),
        *readers,
        Part("reconciler", (*command, "worker", "reconcile")),
    ]


def _first_link(settings: Settings) -> str | None:
    """Return a link to set up the first administrator, or None when there is one."""
    engine = open_engine(settings, load_keyring(settings.home))
    try:
        with session_scope(session_factory(engine)) as session:
            return first_admin_link(session, settings)
    finally:
        engine.dispose()
