"""Keys and storage: sealed at rest, written once, and loud when something is wrong."""

import hashlib
import stat
from pathlib import Path

import pytest

from core.errors import NotFound, Unavailable
from core.keys import Keyring, load_keyring
from core.storage import Storage


def test_the_key_is_drawn_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first, second = load_keyring(tmp_path), load_keyring(tmp_path)
    assert second.open(first.seal(b"secret")) == b"secret"
    path = tmp_path / "secrets" / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    load_keyring(tmp_path)
    (tmp_path / "secrets" / "master.key").write_bytes(b"short")
    with pytest.raises(Unavailable) as caught:
        load_keyring(tmp_path)
    assert caught.value.code == "master_key_damaged"


def test_sealed_bytes_open_only_unchanged_and_with_their_own_key() -> None:
    ring = Keyring(b"k" * 32)
    sealed = ring.seal(b"plain")
    assert b"plain" not in sealed
    assert ring.seal(b"plain") != sealed
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", sealed[:5]):
        with pytest.raises(Unavailable):
            ring.open(wrong)
    with pytest.raises(Unavailable):
        Keyring(b"o" * 32).open(sealed)


def test_digests_are_equal_for_equal_texts_under_one_key_only() -> None:
    ring = Keyring(b"k" * 32)
    assert ring.digest("x") == ring.digest("x") != ring.digest("y")
    assert ring.digest("x") != Keyring(b"o" * 32).digest("x") != hashlib.sha256(b"x").hexdigest()


def test_a_blob_is_kept_once_sealed_and_named_by_its_content(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "blobs", Keyring(b"k" * 32))
    name = storage.put(b"content")
    assert name == hashlib.sha256(b"content").hexdigest() == storage.put(b"content")
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"content" not in files[0].read_bytes()
    assert storage.get(name) == b"content"


def test_a_missing_blob_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Storage(tmp_path, Keyring(b"k" * 32)).get("0" * 64)
    assert caught.value.code == "blob_missing"
