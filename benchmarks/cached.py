"""A reader that keeps each file's page texts, so that a change of extraction is measured without recognising again."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from core.errors import XuefenError
from core.settings import Settings
from intake.service import limits_of
from intake.types import FileKind
from ocr.documents import read_documents
from ocr.engine import Engine
from ocr.models import model_paths
from ocr.reader import read_pages
from ocr.types import FileReading, PageText

T = TypeVar("T")


class CachedReader:
    """Stands in for ReaderPool: one engine in this process, page texts kept in a folder under the file's hash.

    The folder is the measurer's own scratch: pickles in it are written and read by this class alone.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Keep page texts in `folder`; the models are loaded when the first file is not in it."""
        self._settings = settings
        self._folder = folder
        self._scratch = TemporaryDirectory(prefix="xuefen-accuracy-")
        self._engine: Engine | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def map(
        self, items: Iterable[T], source: Callable[[T], tuple[Path, FileKind]]
    ) -> Iterator[tuple[T, FileReading | XuefenError]]:
        """Yield each item with its reading, in the order given."""
        for item in items:
            path, kind = source(item)
            try:
                yield item, FileReading(read_documents(self._pages(path, kind)), ())
            except XuefenError as error:
                yield item, error

    def _pages(self, path: Path, kind: FileKind) -> list[PageText]:
        kept = self._folder / f"{path.name}-{path.stat().st_size}.pickle"
        if kept.is_file() and kept.stat().st_mtime > path.stat().st_mtime:
            pages: list[PageText] = pickle.loads(kept.read_bytes())  # noqa: S301 - our own scratch, see the class
            return pages
        if self._engine is None:
            paths = model_paths(self._settings.models_dir.expanduser())
            self._engine = Engine(paths, Path(self._scratch.name))
        pages, _ = read_pages(path, kind, self._engine, limits_of(self._settings), lambda _page, _step: None)
        kept.write_bytes(pickle.dumps(pages))
        return pages
