"""What a reader process has at hand, and the ports it works through."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from core.keys import Keyring
from core.settings import Settings
from core.storage import Storage
from intake.types import FileKind
from ocr.types import FileReading
from workers.scratch import Scratch


class FileReader(Protocol):
    """Reads one file: the spawned reader child in production. Raises XuefenError for what cannot be read."""

    def read(self, path: Path, kind: FileKind) -> FileReading:
        """Return what stands in the file at `path`, whose content is of `kind`."""


class ReadingStopped(BaseException):
    """The process was asked to end while it read a file; the file goes back to the queue at once."""


class StopRequest:
    """Asks a process to end: at once while it reads, else after the present step, so that no transaction is cut."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self.made = False
        self._reading = False

    def make(self) -> None:
        """Ask; called by a signal handler in the main thread. Raises ReadingStopped out of a reading."""
        self.made = True
        if self._reading:
            self._reading = False
            raise ReadingStopped

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Mark the stretch that may be cut short; raises ReadingStopped at once when the end was asked for before."""
        self._reading = True
        try:
            if self.made:
                raise ReadingStopped
            yield
        finally:
            self._reading = False


@dataclass(frozen=True, slots=True)
class Desk:
    """All that reading one file needs; made once for each process."""

    settings: Settings
    maker: sessionmaker[Session]
    storage: Storage
    keyring: Keyring
    scratch: Scratch
    reader: FileReader
    stop: StopRequest = field(default_factory=StopRequest)
