"""Files at rest: content-addressed by SHA-256, sealed with the installation's key, written once."""

import hashlib
import os
import secrets
from pathlib import Path

from core.errors import NotFound
from core.keys import Keyring


class Storage:
    """A folder of sealed blobs, named by the SHA-256 (hex) of their plain bytes."""

    def __init__(self, root: Path, keyring: Keyring) -> None:
        """Keep blobs under `root`, which is made when missing."""
        self._root = root
        self._keyring = keyring
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, content: bytes) -> str:
        """Store the bytes durably (synced before return) and return their SHA-256; the same bytes are kept once."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if path.exists():
            return name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        draft = path.with_name(f".{name}.{secrets.token_hex(4)}")
        with draft.open("wb") as stream:
            stream.write(self._keyring.seal(content))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
        return name

    def get(self, name: str) -> bytes:
        """Return the plain bytes; raises NotFound `blob_missing`."""
        try:
            return self._keyring.open(self._path(name).read_bytes())
        except FileNotFoundError as error:
            raise NotFound("blob_missing", "The stored file is missing.") from error

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
