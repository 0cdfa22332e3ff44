"""A reader that keeps each file's page texts and pictures, so that a change of extraction is measured at once.

What is kept counts only for the same bytes read by the same page-level source (`benchmarks.sources`): a change of the
recogniser, of page repair or of tables reads again. `stale` uses the last reading all the same, for those who change
nothing but the extraction of fields.
"""

import hashlib
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from benchmarks.sources import page_hash, shape_hash
from core.errors import XuefenError
from core.settings import Settings
from intake.service import limits_of
from intake.types import FileKind
from ocr.documents import read_documents
from ocr.engine import Engine
from ocr.models import model_paths
from ocr.reader import read_pages
from ocr.types import FileReading, PageImage, PageText

T = TypeVar("T")
Source = tuple[Path, FileKind]
Read = tuple[list[PageText], list[PageImage]]


@dataclass(frozen=True, slots=True)
class CachedReader:
    """Stands in for ReaderPool: page texts and pictures kept in `folder`, which only this class writes and reads."""

    settings: Settings
    folder: Path
    workers: int = 2
    stale: bool = False

    def map(self, items: Iterable[T], source: Callable[[T], Source]) -> Iterator[tuple[T, FileReading | XuefenError]]:
        """Yield each item with its reading, in the order given; those not kept yet are read by `workers` processes."""
        every = list(items)
        self.fill([source(item) for item in every])
        for item in every:
            read = self.pages(source(item)[0])
            if isinstance(read, XuefenError):
                yield item, read
            else:
                yield item, FileReading(read_documents(read[0]), tuple(read[1]))

    def fill(self, sources: Sequence[Source]) -> None:
        """Read what is not kept yet."""
        lacking = [source for source in sources if self._kept(source[0]) is None]
        if not lacking:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        page_hash()  # before anything is read: what is read by changed source must not count for it later
        context = multiprocessing.get_context("spawn")
        os.environ["OMP_NUM_THREADS"] = "1"
        workers = min(self.workers, len(lacking))
        with context.Pool(workers, initializer=_start, initargs=(self.settings,)) as pool:
            jobs = ((path, kind, self._place(path)) for path, kind in lacking)
            for done, place in enumerate(pool.imap_unordered(_keep, jobs), 1):
                print(f"\rread {done} of {len(lacking)}", end="", flush=True)
                for old in self.folder.glob(f"{place.name.rsplit('-', 2)[0]}-*.pickle"):
                    if old != place:
                        old.unlink()
        print()

    def pages(self, path: Path) -> Read | XuefenError:
        """Return what is kept of a file: its pages' texts and pictures, or why it cannot be read."""
        kept = self._kept(path)
        if kept is None:
            raise FileNotFoundError(path)
        read: Read | XuefenError = pickle.loads(kept.read_bytes())  # noqa: S301 - our own scratch, see the class
        return read

    def _kept(self, path: Path) -> Path | None:
        place = self._place(path)
        if place.is_file():
            return place
        stem = place.name.rsplit("-", 1)[0]
        return next(iter(self.folder.glob(f"{stem}-*.pickle")), None) if self.stale else None

    def _place(self, path: Path) -> Path:
        content = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        return self.folder / f"{path.stem}-{content}-{shape_hash()}-{page_hash()}.pickle"


_READER: list[tuple[Engine, Settings, TemporaryDirectory[str]]] = []


def _start(settings: Settings) -> None:
    """Load the models, once in each process."""
    scratch = TemporaryDirectory(prefix="xuefen-accuracy-")
    _READER.append((Engine(model_paths(settings.models_dir.expanduser()), Path(scratch.name)), settings, scratch))


def _keep(job: tuple[Path, FileKind, Path]) -> Path:
    path, kind, place = job
    engine, settings, _ = _READER[0]
    read: Read | XuefenError
    try:
        read = read_pages(path, kind, engine, limits_of(settings), lambda _page, _step: None)
    except XuefenError as error:
        read = error
    part = place.with_suffix(".part")
    part.write_bytes(pickle.dumps(read))
    part.rename(place)
    return place
