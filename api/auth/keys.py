"""API keys of integrators: `xf_<prefix>_<secret>`, shown once, kept as digest, with scopes, revocable."""

import re
import secrets
import string
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.sessions import viewer_of
from api.auth.tokens import digest, new_token
from core import audit
from core.access import HeldRole, Viewer, get_visible, within
from core.clock import utc_now
from core.errors import Invalid
from core.models import ApiKey, Organisation, User
from core.vocabulary import Role

PREFIX_LENGTH = 8
FORM = re.compile(r"xf_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")
ALPHABET = string.ascii_lowercase + string.digits
ADMINS = frozenset({Role.ADMINISTRATOR})
MAX_NAME = 80


class Scope(StrEnum):
    """What a key may do at its organisation and below."""

    LEDGER_READ = "ledger:read"
    BATCHES_READ = "batches:read"
    BATCHES_WRITE = "batches:write"


UPLOADS = frozenset({Scope.BATCHES_READ, Scope.BATCHES_WRITE})


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A request that came with a good key."""

    key_id: int
    viewer: Viewer
    scopes: frozenset[Scope]


def create(
    session: Session,
    organisation: Organisation,
    *,
    name: str,
    scopes: frozenset[Scope],
    created_by: int | None,
) -> tuple[ApiKey, str]:
    """Make a key and return its row and its text, which is never shown again.

    A key that uploads acts for the person who made it (an upload needs a person for the four-eyes rule).
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise Invalid("key_name", "The name needs 1 to {most} characters.", most=MAX_NAME)
    if not scopes:
        raise Invalid("key_scopes", "Choose at least one permission for the key.")
    if created_by is None and scopes & UPLOADS:
        raise Invalid("key_needs_person", "A key that handles uploads needs a person whom it acts for.")
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    text = f"xf_{prefix}_{new_token()}"
    row = ApiKey(
        organisation_id=organisation.id,
        name=name,
        prefix=prefix,
        key_digest=digest(text),
        scopes=" ".join(sorted(scopes)),
        created_by=created_by,
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "api_key.create",
        f"api_key:{row.id}",
        actor_id=created_by,
        organisation_id=organisation.id,
        scopes=row.scopes,
    )
    return row, text


def create_as(
    session: Session, viewer: Viewer, *, organisation_id: int, name: str, scopes: frozenset[Scope]
) -> tuple[ApiKey, str]:
    """Make a key as an administrator of its organisation."""
    organisation = get_visible(session, viewer, Organisation, Organisation.id, id=organisation_id)
    viewer.must_have(Role.ADMINISTRATOR, organisation.path)
    return create(session, organisation, name=name, scopes=scopes, created_by=viewer.user_id)


def listed(session: Session, viewer: Viewer) -> list[ApiKey]:
    """Return the keys of the organisations that the viewer administers, newest first."""
    statement = within(viewer, select(ApiKey), ApiKey.organisation_id, ADMINS)
    return list(session.scalars(statement.order_by(ApiKey.id.desc())))


def revoke(session: Session, viewer: Viewer, key_id: int) -> ApiKey:
    """Revoke a key for good; once more does nothing."""
    return revoke_row(
        session, get_visible(session, viewer, ApiKey, ApiKey.organisation_id, ADMINS, id=key_id), viewer.user_id
    )


def revoke_row(session: Session, row: ApiKey, actor_id: int | None) -> ApiKey:
    """Mark a key revoked."""
    if row.revoked_at is None:
        row.revoked_at = utc_now()
        session.flush()
        audit.record(
            session,
            "api_key.revoke",
            f"api_key:{row.id}",
            actor_id=actor_id,
            organisation_id=row.organisation_id,
        )
    return row


def find(session: Session, text: str) -> KeyHolder | None:
    """Return who stands behind a key's text, None when it is unknown or revoked, or its person inactive."""
    if not FORM.fullmatch(text):
        return None
    row = session.scalar(select(ApiKey).where(ApiKey.key_digest == digest(text), ApiKey.revoked_at.is_(None)))
    if row is None:
        return None
    scopes = frozenset(Scope(scope) for scope in row.scopes.split())
    roles = [HeldRole(Role.INTEGRATOR, row.organisation_id, row.organisation.path)]
    user_id = None
    if scopes & UPLOADS:
        user = session.get(User, row.created_by) if row.created_by else None
        if user is None or not user.active or not viewer_of(user).has(Role.ADMINISTRATOR, row.organisation.path):
            return None
        user_id = user.id
        roles.append(HeldRole(Role.SCHOOL_UPLOADER, row.organisation_id, row.organisation.path))
    return KeyHolder(row.id, Viewer(user_id, row.name, tuple(roles)), scopes)
