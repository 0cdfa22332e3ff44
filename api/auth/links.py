"""One-time links: set up the first administrator, set a password, sign in to the demo.

A link is `BASE/link/TOKEN`. Opening it shows a form; only posting the form uses it up, so that a mail scanner's look
does no harm. Our own request log holds handler names, never paths (api/middleware.py).
"""

from datetime import timedelta
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.auth import organisations, passwords, sessions
from api.auth.people import new_user
from api.auth.tokens import digest, new_token
from core import audit
from core.clock import utc_now
from core.errors import NotFound
from core.models import Grant, OneTimeLink, User
from core.settings import Settings
from core.vocabulary import Level, Role

Purpose = Literal["first_admin", "set_password", "sign_in"]


def first_admin_link(session: Session, settings: Settings) -> str | None:
    """Return a fresh link that sets up the first administrator; None when there is one already.

    Older unused links of this kind stop working, so only the newest one printed is good.
    """
    if has_administrator(session):
        return None
    return _make(session, settings, None, "first_admin")


def has_administrator(session: Session) -> bool:
    """Return whether any active administrator exists who can sign in or has been sent a link."""
    held = select(Grant.id).join(User).where(Grant.role == Role.ADMINISTRATOR.value, User.active).limit(1)
    return session.scalar(held) is not None


def user_link(
    session: Session,
    settings: Settings,
    user: User,
    purpose: Purpose = "set_password",
    *,
    actor_id: int | None = None,
) -> str:
    """Return a fresh link for a person; their older unused links of the same purpose stop working."""
    audit.record(session, "user.link", f"user:{user.id}", actor_id=actor_id, purpose=purpose)
    return _make(session, settings, user, purpose)


def _make(session: Session, settings: Settings, user: User | None, purpose: Purpose) -> str:
    owner = OneTimeLink.user_id.is_(None) if user is None else OneTimeLink.user_id == user.id
    session.execute(delete(OneTimeLink).where(owner, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)))
    token = new_token()
    session.add(
        OneTimeLink(
            token_digest=digest(token),
            user_id=user.id if user else None,
            purpose=purpose,
            expires_at=utc_now() + timedelta(hours=settings.link_hours),
        )
    )
    session.flush()
    return f"{settings.base_url}/link/{token}"


def look(session: Session, token: str) -> OneTimeLink:
    """Return an unused, unexpired link without using it; raises NotFound `link_invalid`."""
    link = session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_digest == digest(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > utc_now(),
        )
    )
    if link is None or (link.purpose == "first_admin" and has_administrator(session)):
        raise _invalid()
    return link


def _use(session: Session, token: str, purpose: Purpose) -> OneTimeLink:
    """Mark a link used by compare-and-swap: of two posts at once, one wins."""
    link = look(session, token)
    won = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None), OneTimeLink.purpose == purpose)
        .values(used_at=utc_now())
        .returning(OneTimeLink.id)
    ).scalar_one_or_none()
    if won is None:
        raise _invalid()
    return link


def _invalid() -> NotFound:
    return NotFound("link_invalid", "This link has been used or has expired. Ask your administrator for a new one.")


def set_up_first_admin(
    session: Session, token: str, *, city: str, username: str, display_name: str, password: str
) -> User:
    """Use a first-administrator link: make the city at the root of the tree, and its administrator."""
    passwords.check_rules(password, username=username)
    _use(session, token, "first_admin")
    root = organisations.root(session) or organisations.add(session, parent=None, level=Level.CITY, name=city)
    user = new_user(session, username=username, display_name=display_name)
    user.password_hash = passwords.hash_password(password)
    session.add(Grant(user_id=user.id, organisation_id=root.id, role=Role.ADMINISTRATOR.value))
    session.flush()
    session.refresh(user)
    audit.record(session, "user.first_admin", f"user:{user.id}", actor_id=user.id, organisation_id=root.id)
    return user


def set_password(session: Session, token: str, password: str) -> User:
    """Use a set-password link; every session of the person ends, and a lock is lifted."""
    user = _person(session, look(session, token))
    passwords.check_rules(password, username=user.username)
    _use(session, token, "set_password")
    user.password_hash = passwords.hash_password(password)
    user.failed_logins, user.locked_until = 0, None
    sessions.close_all(session, user.id)
    audit.record(session, "user.password_set", f"user:{user.id}", actor_id=user.id)
    return user


def sign_in_once(session: Session, token: str) -> User:
    """Use a sign-in link and return its person."""
    user = _person(session, _use(session, token, "sign_in"))
    audit.record(session, "session.link_sign_in", f"user:{user.id}", actor_id=user.id)
    return user


def person_of(session: Session, link: OneTimeLink) -> User | None:
    """Return whom a link is for, None for the first administrator's."""
    return None if link.user_id is None else session.get(User, link.user_id)


def _person(session: Session, link: OneTimeLink) -> User:
    user = person_of(session, link)
    if user is None or not user.active:
        raise _invalid()
    return user
