"""Signing in and out: server-side sessions, of which the browser holds only a random cookie."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from api.auth import passwords
from api.auth.throttle import AddressThrottle, lock_after
from api.auth.tokens import digest, new_token
from core import audit
from core.access import HeldRole, Viewer
from core.clock import utc_now
from core.db import read_scope, session_scope
from core.errors import Unauthenticated
from core.models import User, UserSession
from core.settings import Settings
from core.vocabulary import Role

WRONG = "The user name or password is wrong, or there were too many attempts. Wait a few minutes and try again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser's session: the person's id and names, what they may see, and the token its forms must carry."""

    session_id: int
    user_id: int
    username: str
    viewer: Viewer
    csrf_token: str
    expires_at: datetime

    def csrf_fits(self, token: str | None) -> bool:
        """Return whether a form's or header's token is this session's."""
        return hmac.compare_digest(self.csrf_token.encode(), (token or "").encode())


def cookie_name(settings: Settings) -> str:
    """Return the session cookie's name; `__Host-` ties it to this host and HTTPS where that is set up."""
    return "__Host-xuefen" if settings.secure_cookies else "xuefen"


def sign_in(
    maker: sessionmaker[Session],
    settings: Settings,
    throttle: AddressThrottle,
    *,
    username: str,
    password: str,
    address: str,
) -> str:
    """Check a password and return a new session's token; raises Unauthenticated `sign_in_failed`.

    Unknown name, wrong password, locked and inactive account are not told apart, in words or in time. The hash is
    computed between two transactions, so that no database lock is held meanwhile.
    """
    if not throttle.allows(address):
        raise Unauthenticated("sign_in_failed", WRONG)
    account = _account(maker, username)
    fits = passwords.verify(account.password_hash, password)
    if account.user_id is None or not account.open or not fits:
        throttle.failed(address)
        _count_failure(maker, account)
        raise Unauthenticated("sign_in_failed", WRONG)
    with session_scope(maker) as session:
        user = session.get_one(User, account.user_id)
        user.failed_logins, user.locked_until = 0, None
        audit.record(session, "session.sign_in", f"user:{user.id}", actor_id=user.id)
        return open_session(session, settings, user)


@dataclass(frozen=True, slots=True)
class _Account:
    """What a sign-in asks of an account; nobody's has no id."""

    user_id: int | None = None
    password_hash: str | None = None
    locked: bool = False
    active: bool = False

    @property
    def open(self) -> bool:
        """Whether the right password opens it now."""
        return self.active and not self.locked


def _account(maker: sessionmaker[Session], username: str) -> _Account:
    with read_scope(maker) as session:
        user = session.scalar(select(User).where(User.username == username.strip()))
        if user is None:
            return _Account()
        locked = user.locked_until is not None and user.locked_until > utc_now()
        return _Account(user.id, user.password_hash, locked, user.active)


def _count_failure(maker: sessionmaker[Session], account: _Account) -> None:
    """Record a failed sign-in; an unknown name costs the same write as a known one, so that time tells nothing."""
    with session_scope(maker) as session:
        user = session.get(User, account.user_id) if account.user_id else None
        if user is not None and not account.locked:
            user.failed_logins += 1
            lock = lock_after(user.failed_logins)
            user.locked_until = utc_now() + lock if lock else None
        audit.record(session, "session.sign_in_failed", f"user:{account.user_id or 0}")


def open_session(session: Session, settings: Settings, user: User) -> str:
    """Store a new session for `user` and return its token; ended sessions are cleared away."""
    now = utc_now()
    session.execute(delete(UserSession).where(UserSession.expires_at < now))
    token = new_token()
    session.add(
        UserSession(
            token_digest=digest(token),
            user_id=user.id,
            csrf_token=new_token(),
            created_at=now,
            expires_at=now + timedelta(hours=settings.session_hours),
        )
    )
    session.flush()
    return token


def find(session: Session, token: str | None) -> SignedIn | None:
    """Return the session that a cookie names, None when it is unknown, ended, or its person inactive."""
    if not token:
        return None
    row = session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.token_digest == digest(token), UserSession.expires_at > utc_now(), User.active)
    ).one_or_none()
    if row is None:
        return None
    opened, user = row
    return SignedIn(opened.id, user.id, user.username, viewer_of(user), opened.csrf_token, opened.expires_at)


def viewer_of(user: User) -> Viewer:
    """Return what a person may see and do."""
    held = (HeldRole(Role(g.role), g.organisation_id, g.organisation.path) for g in user.grants)
    return Viewer(user.id, user.display_name, tuple(held))


def keep_alive(maker: sessionmaker[Session], settings: Settings, browser: SignedIn) -> None:
    """Push the end of a used session out again once half of its time is gone.

    Only then does a page that reads need a second connection: were it always so, a full pool would wait for itself.
    """
    life = timedelta(hours=settings.session_hours)
    if browser.expires_at - utc_now() > life / 2:
        return
    with session_scope(maker) as session:
        opened = session.get(UserSession, browser.session_id)
        if opened is not None and opened.expires_at > utc_now():
            opened.expires_at = utc_now() + life


def close(session: Session, token: str | None) -> None:
    """End the session that a cookie names, if any."""
    if token:
        session.execute(delete(UserSession).where(UserSession.token_digest == digest(token)))


def close_all(session: Session, user_id: int, *, but: int | None = None) -> None:
    """End a person's sessions (after a new password, or when the account is switched off), except `but`."""
    statement = delete(UserSession).where(UserSession.user_id == user_id)
    session.execute(statement if but is None else statement.where(UserSession.id != but))
