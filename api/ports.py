"""What every request works with, opened once when the application starts."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from api.auth.throttle import AddressThrottle
from core.db import open_engine, session_factory
from core.keys import Keyring, load_keyring
from core.queue import Doorbell
from core.settings import Settings
from core.storage import Storage
from core.valkey import connect
from intake.service import IntakePorts, limits_of


@dataclass(frozen=True, slots=True)
class Ports:
    """The application's open resources; `scratch` holds uploads while they arrive."""

    settings: Settings
    engine: Engine
    maker: sessionmaker[Session]
    keyring: Keyring
    storage: Storage
    redis: Redis
    doorbell: Doorbell
    throttle: AddressThrottle
    scratch: Path

    @property
    def intake(self) -> IntakePorts:
        """What receiving files needs."""
        settings = self.settings
        return IntakePorts(self.storage, limits_of(settings), self.scratch, settings.max_batch_files)

    def queue_answers(self) -> bool:
        """Return whether the doorbell's server answers."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False

    def close(self) -> None:
        """Close what was opened."""
        self.redis.close()
        self.engine.dispose()


def open_ports(settings: Settings) -> Ports:
    """Open database, keys, storage and the doorbell's connection; the queue's server is asked only when needed."""
    keyring = load_keyring(settings.home)
    connection = connect(settings)
    scratch = settings.home / "scratch" / "api"
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in scratch.iterdir():
        # an upload that a killed process was receiving; one API process owns this folder
        shutil.rmtree(leftover, ignore_errors=True)
    engine = open_engine(settings, keyring)
    return Ports(
        settings=settings,
        engine=engine,
        maker=session_factory(engine),
        keyring=keyring,
        storage=Storage(settings.blobs, keyring),
        redis=connection,
        doorbell=Doorbell(connection),
        throttle=AddressThrottle(),
        scratch=scratch,
    )
