"""Several reader children for one caller that walks through many files in order: `xuefen read --workers N`."""

import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from core.errors import XuefenError
from intake.types import FileKind
from ocr.confinement import ReaderSettings
from ocr.sandbox import ReaderChild
from ocr.types import FileReading

T = TypeVar("T")


class ReaderPool:
    """Reader children behind threads; results come in the order asked for."""

    def __init__(self, settings: ReaderSettings, workers: int) -> None:
        """Start the children; they load their models at once."""
        self._children = [ReaderChild(settings) for _ in range(workers)]
        self._free: queue.SimpleQueue[ReaderChild] = queue.SimpleQueue()
        for child in self._children:
            child.start()
            self._free.put(child)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="reader")

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the children."""
        self.close()

    def map(
        self, items: Iterable[T], source: Callable[[T], tuple[Path, FileKind]]
    ) -> Iterator[tuple[T, FileReading | XuefenError]]:
        """Read each item's file; yield in the order given, reading at most a few files ahead of the caller."""
        ahead = 3 * len(self._children)
        waiting: deque[tuple[T, Future[FileReading | XuefenError]]] = deque()
        try:
            for item in items:
                waiting.append((item, self._threads.submit(self._read, *source(item))))
                if len(waiting) >= ahead:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()

    def resident_mib(self) -> list[int]:
        """Return each child's real memory in MiB."""
        return [child.resident_mib() for child in self._children]

    def close(self) -> None:
        """Wait for running reads, then end the children."""
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.close()

    def _read(self, path: Path, kind: FileKind) -> FileReading | XuefenError:
        child = self._free.get()
        try:
            return child.read(path, kind)
        except XuefenError as error:
            return error
        finally:
            self._free.put(child)
