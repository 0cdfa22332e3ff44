"""Public ids: random, so that they tell nothing and cannot be guessed."""

import secrets


def new_public_id() -> str:
    """Return 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)
