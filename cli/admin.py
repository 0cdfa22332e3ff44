"""`xuefen admin`: organisations, people, one-time links and API keys, for whoever runs the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth import keys, links, organisations, people
from api.auth.keys import Scope
from core.clock import shown
from core.db import migrate, open_engine, session_factory, session_scope
from core.errors import NotFound
from core.i18n import translator
from core.keys import load_keyring
from core.models import ApiKey, Organisation, User
from core.settings import Settings
from core.vocabulary import Level, Role

app = typer.Typer(
    no_args_is_help=True,
    help="Organisations, people, one-time links and API keys. / 机构、人员、一次性链接与接口密钥。",
    epilog="Examples:  xuefen admin org add 云溪县教育局 --level county --parent 1  ·  "
    "xuefen admin create-user zhangsan 张三 --role school_uploader --at 3  ·  xuefen admin link zhangsan",
)
org_app = typer.Typer(no_args_is_help=True, help="The tree of organisations. / 机构。")
key_app = typer.Typer(no_args_is_help=True, help="API keys. / 接口密钥。")
app.add_typer(org_app, name="org")
app.add_typer(key_app, name="api-key")

console = Console()


@contextmanager
def _session() -> Iterator[tuple[Session, Settings]]:
    """Yield one transaction on the settings' database, brought to the newest shape first."""
    settings = Settings()
    migrate(settings)
    engine = open_engine(settings, load_keyring(settings.home))
    try:
        with session_scope(session_factory(engine)) as session:
            yield session, settings
    finally:
        engine.dispose()


@app.command("create-user")
def create_user(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    display_name: Annotated[str, typer.Argument(help="The person's name as pages show it.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    at: Annotated[int, typer.Option(help="Id of the organisation (see `xuefen admin org list`).")],
) -> None:
    """Add a person with a role and print the one-time link that sets the password.

    Example:  xuefen admin create-user zhangsan 张三 --role school_uploader --at 3
    """
    with _session() as (session, settings):
        user = people.create_user(
            session, None, username=username, display_name=display_name, organisation_id=at, role=role
        )
        typer.echo(links.user_link(session, settings, user))


@app.command("link")
def link(username: Annotated[str, typer.Argument(help="Whose password the link sets.")]) -> None:
    """Print a fresh one-time link that sets a person's password; older unused ones stop working.

    Example:  xuefen admin link zhangsan
    """
    with _session() as (session, settings):
        typer.echo(links.user_link(session, settings, _user(session, username)))


def _user(session: Session, username: str) -> User:
    user = session.scalar(select(User).filter_by(username=username))
    if user is None:
        raise NotFound("user_unknown", "There is no user called {username}.", username=username)
    return user


@org_app.command("add")
def add_organisation(
    name: Annotated[str, typer.Argument(help="The organisation's full name.")],
    level: Annotated[Level, typer.Option(help="city, county or school.")],
    parent: Annotated[int | None, typer.Option(help="Id of the organisation above; none for a city.")] = None,
) -> None:
    """Add an organisation and print its id.

    Example:  xuefen admin org add 云溪县第一中学 --level school --parent 2
    """
    with _session() as (session, _):
        above = _organisation(session, parent) if parent is not None else None
        typer.echo(organisations.add(session, parent=above, level=level, name=name).id)


def _organisation(session: Session, organisation_id: int) -> Organisation:
    row = session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound("organisation_unknown", "There is no organisation with the id {id}.", id=organisation_id)
    return row


@org_app.command("list")
def list_organisations() -> None:
    """Print the tree of organisations with ids.

    Example:  xuefen admin org list
    """
    with _session() as (session, settings):
        say = translator(settings.language)
        table = Table(say("Id"), say("Level"), say("Name"))
        for row in organisations.in_tree_order(session.scalars(select(Organisation))):
            table.add_row(str(row.id), row.level, "  " * (row.path.count("/") - 2) + row.name)
        console.print(table)


@key_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    at: Annotated[int, typer.Option(help="Id of the organisation whose data the key reaches.")],
    scope: Annotated[list[Scope], typer.Option(help="What the key may do; repeatable.")],
    owner: Annotated[
        str | None, typer.Option(help="Administrator whom a key with upload permissions acts for.")
    ] = None,
) -> None:
    """Make an API key and print it, this once.

    Example:  xuefen admin api-key create 学分台账 --at 1 --scope ledger:read
    """
    with _session() as (session, _):
        owner_id = _user(session, owner).id if owner else None
        _, text = keys.create(
            session, _organisation(session, at), name=name, scopes=frozenset(scope), created_by=owner_id
        )
        typer.echo(text)


@key_app.command("revoke")
def revoke_key(key_id: Annotated[int, typer.Argument(help="Id of the key (see `api-key list`).")]) -> None:
    """Revoke an API key for good.

    Example:  xuefen admin api-key revoke 3
    """
    with _session() as (session, settings):
        row = session.get(ApiKey, key_id)
        if row is None:
            raise NotFound("key_unknown", "There is no API key with the id {id}.", id=key_id)
        keys.revoke_row(session, row, None)
        typer.echo(translator(settings.language)("Revoked."))


@key_app.command("list")
def list_keys() -> None:
    """Print the API keys, without their secrets.

    Example:  xuefen admin api-key list
    """
    with _session() as (session, settings):
        say = translator(settings.language)
        table = Table(
            say("Id"), say("Name"), say("Begins with"), say("Organisation"), say("Permissions"), say("Revoked")
        )
        for row in session.scalars(select(ApiKey).order_by(ApiKey.id)):
            revoked = shown(row.revoked_at) if row.revoked_at else ""
            table.add_row(str(row.id), row.name, f"xf_{row.prefix}_", row.organisation.name, row.scopes, revoked)
        console.print(table)
