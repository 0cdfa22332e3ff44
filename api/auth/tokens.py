"""Random tokens: given out once in clear, kept only as SHA-256 digests."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Return a fresh URL-safe token of 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Return the SHA-256 (hex) of a token. A plain hash is enough: the token itself has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
