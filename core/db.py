"""Engines and transactions. `session_scope` is the one place that commits outside a driver's own edge."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from core.keys import Keyring
from core.models.base import Seal
from core.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000

AFTER_COMMIT = "after_commit_calls"
READ_ONLY = "xuefen_read_only"


def open_engine(settings: Settings, keyring: Keyring) -> Engine:
    """Return an engine on the settings' database; sealed columns use `keyring` from now on, errors hold no values.

    SQLite runs in WAL mode with synchronous=FULL and BEGIN IMMEDIATE: a writer waits for its turn at the start
    instead of failing in the middle (measured design, docs/decisions/0005).
    """
    Seal.keyring = keyring
    if not settings.database.startswith("sqlite"):
        return create_engine(settings.database, pool_pre_ping=True, hide_parameters=True)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(settings.database, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def migrate(settings: Settings) -> None:
    """Bring the database to the newest shape."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database"] = settings.database
    if settings.database.startswith("sqlite"):
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(config, "head")


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; rows stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Have `call` run once this session's transaction is committed (rings leave only then); a rollback drops it."""
    session.info.setdefault(AFTER_COMMIT, []).append(call)


@contextmanager
def session_scope(maker: sessionmaker[Session]) -> Iterator[Session]:
    """One transaction: commit at the end, roll back on any exception, then run what waited for the commit."""
    with maker() as session:
        with session.begin():
            yield session
        for call in session.info.pop(AFTER_COMMIT, []):
            call()


@contextmanager
def read_scope(maker: sessionmaker[Session]) -> Iterator[Session]:
    """One transaction that only reads: on SQLite it waits for no writer."""
    with maker() as session:
        session.connection(execution_options={READ_ONLY: True})
        yield session
        session.rollback()
