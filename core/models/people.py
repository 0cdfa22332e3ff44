"""Organisations, people, their grants and keys, and the teachers on the rosters."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.models.base import Base, SealedText, UtcMoment
from core.vocabulary import Level


class Organisation(Base):
    """A node of the tree city > county > school. `path` is `/1/3/7/`: ids from the root to itself."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    level: Mapped[Level] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    path: Mapped[str] = mapped_column(String(200), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)

    __table_args__ = (UniqueConstraint("parent_id", "name"),)


class User(Base):
    """A person with a local account; `password_hash` (argon2id) is empty until a one-time link set it."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcMoment)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)

    grants: Mapped[list["Grant"]] = relationship(back_populates="user", lazy="selectin")


class Grant(Base):
    """A role of a user at an organisation and everything below it."""

    __tablename__ = "grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(32))

    user: Mapped[User] = relationship(back_populates="grants")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("user_id", "organisation_id", "role"),)


class OneTimeLink(Base):
    """A link that lets its holder set a password once; only the token's digest is kept.

    `user_id` is empty for the link that sets up the first administrator.
    """

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime] = mapped_column(UtcMoment)
    used_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    __table_args__ = (CheckConstraint("purpose IN ('first_admin', 'set_password', 'sign_in')", name="purpose"),)


class UserSession(Base):
    """A signed-in browser; only the digest of its cookie is kept."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    expires_at: Mapped[datetime] = mapped_column(UtcMoment)


class ApiKey(Base):
    """An integrator's key: shown once, kept as digest; `scopes` is a space-separated list; revocable."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(12))
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcMoment)

    organisation: Mapped[Organisation] = relationship(lazy="joined")


class Teacher(Base):
    """A teacher on a school's roster; the ID number is sealed, its digest serves equality look-ups."""

    __tablename__ = "teacher"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    employee_no: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    gender: Mapped[str | None] = mapped_column(String(4))
    birth_date: Mapped[date | None]
    subject: Mapped[str | None] = mapped_column(String(40))
    entry_date: Mapped[date | None]
    id_number: Mapped[str | None] = mapped_column(SealedText)
    id_number_digest: Mapped[str | None] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)

    school: Mapped[Organisation] = relationship(lazy="joined")

    __table_args__ = (
        UniqueConstraint("school_id", "employee_no"),
        Index("ix_teacher_school_id_name", "school_id", "name"),
    )
