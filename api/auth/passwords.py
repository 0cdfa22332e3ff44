"""Passwords: argon2id hashes and the rules for a new one."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid

MIN_LENGTH = 10
MAX_LENGTH = 200
MIN_DISTINCT = 4

# The library's defaults are RFC 9106's second choice: 64 MiB, three passes. At most four at a time, so that a flood
# of sign-ins cannot take the machine's memory.
_HASHER = PasswordHasher()
_AT_ONCE = BoundedSemaphore(4)
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Return whether `password` fits `stored`; without a stored hash the same work is done, then False returned."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def check_rules(password: str, *, username: str) -> None:
    """Raise Invalid with a coded reason when a new password is too weak.

    The rules follow NIST SP 800-63B: length counts, composition does not.
    """
    if len(password) < MIN_LENGTH:
        raise Invalid("password_too_short", "The password needs at least {least} characters.", least=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise Invalid("password_too_long", "The password may have at most {most} characters.", most=MAX_LENGTH)
    if username.casefold() in password.casefold():
        raise Invalid("password_holds_username", "The password must not contain the user name.")
    if len(set(password)) < MIN_DISTINCT or password in "0123456789" * 20:
        raise Invalid("password_too_simple", "The password is too simple.")
