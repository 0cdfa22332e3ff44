"""`xuefen db`: the database's shape, and whether its audit chain is whole."""

from typing import Annotated

import typer

from core import audit
from core.db import migrate, open_engine, read_scope, session_factory
from core.i18n import translator
from core.keys import load_keyring
from core.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="维护数据库与审计链。/ Look after the database of XUEFEN_DATABASE_URL (unset: SQLite in XUEFEN_HOME).",
    epilog="例 / Examples:  xuefen db migrate  ·  xuefen db audit check",
)
audit_app = typer.Typer(no_args_is_help=True, help="只增不改的审计表。/ The append-only audit table.")
app.add_typer(audit_app, name="audit")


@app.command("migrate")
def migrate_command() -> None:
    """更新表结构 / Bring the tables to the newest shape; `xuefen up` does it at every start.

    例 / Example:  XUEFEN_HOME=/srv/xuefen xuefen db migrate
    """
    settings = Settings()
    migrate(settings)
    typer.echo(translator(settings.language)("The database has the newest shape."))


@audit_app.command("check")
def check(
    show: Annotated[int, typer.Option(help="最多列出几处 / How many broken events to name at most.", min=1)] = 20,
) -> None:
    """校验审计链 / Recompute every digest of the chain; status 1 when an event was changed, removed or slipped in.

    例 / Example:  xuefen db audit check
    """
    settings = Settings()
    say = translator(settings.language)
    engine = open_engine(settings, load_keyring(settings.home))
    with read_scope(session_factory(engine)) as session:
        broken = list(audit.broken_links(session))
        total = audit.count(session)
    engine.dispose()
    if not broken:
        typer.echo(say("The audit chain is whole: {count} events.").format(count=total))
        return
    events = ", ".join(str(event) for event in broken[:show])
    typer.echo(say("The audit chain is broken at {count} events: {events}").format(count=len(broken), events=events))
    raise typer.Exit(1)
