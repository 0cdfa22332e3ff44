"""Decrypted files for the time of their reading: in a folder of this process alone, swept when its owner is gone."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.process import FileLock


class Scratch:
    """A process's own folder (mode 0700) under `root`; the kernel's lock on it tells the living from the dead."""

    def __init__(self, root: Path) -> None:
        """Sweep away what dead processes left under `root`, then make our own folder."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(root)
        self.folder = root / secrets.token_hex(8)
        self._lock = FileLock(root / f"{self.folder.name}.lock")
        self._lock.take()
        self.folder.mkdir(mode=0o700)

    @contextmanager
    def file(self, content: bytes) -> Iterator[Path]:
        """Lend a file (mode 0600) that holds `content`; it is gone afterwards."""
        path = self.folder / secrets.token_hex(8)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".lock").unlink(missing_ok=True)
        self._lock.release()


def _sweep(root: Path) -> None:
    for path in root.glob("*.lock"):
        lock = FileLock(path)
        if lock.take():
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)
            lock.release()
