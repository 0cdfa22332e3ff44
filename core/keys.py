"""The installation's secret key and what is made from it: encryption at rest and keyed digests.

The key is drawn at the first start into `home/secrets/master.key` (mode 0600); it is never in the repository or a log.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Unavailable

KEY_BYTES = 32
NONCE_BYTES = 12


class Keyring:
    """Seals and opens bytes (AES-256-GCM) and makes keyed digests for equality look-ups (HMAC-SHA256)."""

    def __init__(self, master: bytes) -> None:
        """Derive one key for each purpose from `master` (32 bytes)."""
        self._cipher = AESGCM(_derive(master, b"xuefen at rest"))
        self._digest_key = _derive(master, b"xuefen look-up digest")

    def seal(self, plain: bytes) -> bytes:
        """Return nonce + ciphertext + tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Return the plain bytes; raises Unavailable `sealed_data_unreadable` for a wrong key or changed bytes."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise Unavailable(
                "sealed_data_unreadable", "Stored data does not open with this installation's key."
            ) from error

    def digest(self, text: str) -> str:
        """Return a keyed digest (hex) for equality look-ups of sensitive values; useless without the key."""
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def load_keyring(home: Path) -> Keyring:
    """Return the keyring of this installation, drawing its key at the first start."""
    path = home / "secrets" / "master.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Keyring(_read_key(path))
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    return Keyring(_read_key(path))


def _read_key(path: Path) -> bytes:
    master = path.read_bytes()
    if len(master) != KEY_BYTES:
        raise Unavailable("master_key_damaged", "The key file {path} is damaged.", path=path.name)
    return master
