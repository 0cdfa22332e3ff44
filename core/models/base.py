"""The declarative base, and column types that keep our promises: aware UTC moments, sealed JSON and text."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

from core.keys import Keyring


class Base(DeclarativeBase):
    """Base of all tables, with fixed names for constraints so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, stored as UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware moment into UTC; SQLite gets it without zone, as it stores none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware moment in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Seal:
    """Holds the keyring that sealed columns use; set once by the driver that opens the database."""

    keyring: Keyring | None = None

    @classmethod
    def ring(cls) -> Keyring:
        """Return the keyring, or fail loudly: sealed columns never fall back to clear text."""
        if cls.keyring is None:
            raise RuntimeError("the database was opened without a keyring")
        return cls.keyring


class SealedJson(TypeDecorator[Any]):
    """A JSON value, encrypted at rest: readings and fields hold names and ID numbers."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> bytes | None:
        """Seal the value's JSON."""
        del dialect
        return None if value is None else Seal.ring().seal(json.dumps(value, ensure_ascii=False).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Open and parse."""
        del dialect
        return None if value is None else json.loads(Seal.ring().open(value))


class SealedText(TypeDecorator[str]):
    """A text, encrypted at rest (ID numbers)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Seal the text."""
        del dialect
        return None if value is None else Seal.ring().seal(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Open the text."""
        del dialect
        return None if value is None else Seal.ring().open(value).decode()
