"""Bodies about organisations, people and keys."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.auth.keys import Scope
from api.numbers import RowId
from core.models import ApiKey, Organisation, User
from core.vocabulary import Level, Role


class OrganisationOut(BaseModel):
    """A node of the tree."""

    id: int
    parent_id: int | None
    level: Level
    name: str


class OrganisationIn(BaseModel):
    """A new node below `parent_id`."""

    model_config = ConfigDict(extra="forbid")
    parent_id: RowId
    level: Level
    name: str = Field(max_length=200)


class GrantOut(BaseModel):
    """A role at an organisation and below."""

    id: int
    organisation_id: int
    organisation: str
    role: Role


class UserOut(BaseModel):
    """A person's account."""

    id: int
    username: str
    display_name: str
    active: bool
    has_password: bool
    grants: list[GrantOut]


class UserIn(BaseModel):
    """A new account with its first role."""

    model_config = ConfigDict(extra="forbid")
    username: str = Field(max_length=80)
    display_name: str = Field(max_length=80)
    organisation_id: RowId
    role: Role


class NewUser(BaseModel):
    """A new account and the one-time link that sets its password, shown this once."""

    user: UserOut
    link: str


class LinkOut(BaseModel):
    """A one-time link, shown this once."""

    link: str


class GrantIn(BaseModel):
    """A role to give."""

    model_config = ConfigDict(extra="forbid")
    organisation_id: RowId
    role: Role


class ActiveIn(BaseModel):
    """Whether an account can be used."""

    model_config = ConfigDict(extra="forbid")
    active: bool


class KeyOut(BaseModel):
    """An API key without its secret."""

    id: int
    name: str
    prefix: str
    organisation_id: int
    organisation: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class KeyIn(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")
    organisation_id: RowId
    name: str = Field(max_length=80)
    scopes: frozenset[Scope] = Field(min_length=1)


class NewKey(BaseModel):
    """A new key and its text, shown this once."""

    key: KeyOut
    text: str


def organisation_out(row: Organisation) -> OrganisationOut:
    """Return the body of an organisation."""
    return OrganisationOut(id=row.id, parent_id=row.parent_id, level=Level(row.level), name=row.name)


def user_out(user: User) -> UserOut:
    """Return the body of an account."""
    grants = [
        GrantOut(
            id=held.id,
            organisation_id=held.organisation_id,
            organisation=held.organisation.name,
            role=Role(held.role),
        )
        for held in user.grants
    ]
    return UserOut(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        active=user.active,
        has_password=user.password_hash is not None,
        grants=grants,
    )


def key_out(row: ApiKey) -> KeyOut:
    """Return the body of a key."""
    return KeyOut(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        organisation_id=row.organisation_id,
        organisation=row.organisation.name,
        scopes=[Scope(scope) for scope in row.scopes.split()],
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
