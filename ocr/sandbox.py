"""Hostile files are opened in a child process that may die: ReaderChild owns one.

The child is started afresh (never forked: a loaded ONNX Runtime does not survive a fork), with an address-space limit
that stands before a file is opened, a cleaned environment (no XUEFEN_* variable, no credential), and a pipe. The parent
watches: a page that takes longer than its deadline, or a child that outgrows its resident limit, is killed, and the
next file gets a new child. A child is also replaced after `recycle_pages` pages or once it has grown: ONNX Runtime
keeps the largest buffers it ever needed.

On Linux a child dies with the *thread* that started it: call start or read from threads that live as long as the child.
"""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Self

from core.errors import Unavailable, XuefenError
from intake.types import FileKind
from ocr.child import ERROR, PROGRESS, READING, READY, out_of_memory
from ocr.confinement import ReaderSettings
from ocr.types import FileReading
from ocr.wire import error_from_plain, from_json

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# glibc gives freed page images back at once; by default it learns from the first large one to keep them.
_THRIFT = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "1048576"}
_MIB = 1024 * 1024
_POLL_SECONDS = 0.1
_CLOSE_SECONDS = 2.0
_LARGEST_MESSAGE = 1024 * _MIB


class _Breach(Exception):
    """The child broke a limit or died; `step` is what it was doing."""

    def __init__(self, error: Unavailable, step: str) -> None:
        super().__init__(error.code)
        self.error = error
        self.step = step


class ReaderChild:
    """One child process that reads files. Safe to call from several threads: they take turns."""

    def __init__(self, settings: ReaderSettings) -> None:
        """Nothing is started until start or read."""
        self._settings = settings
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._scratch: Path | None = None
        self._ready = False
        self._pages = 0

    def __enter__(self) -> Self:
        """Start loading the models."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id while one runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start a child if none runs; it loads its models while the caller goes on."""
        with self._lock:
            self._spawn()

    def read(self, path: Path, kind: FileKind) -> FileReading:
        """Read one validated file.

        Raises the file's coded refusal (intake/pages.py), or Unavailable: reader_timeout, reader_crashed,
        reader_out_of_memory, and models_damaged or system_library_missing if the child cannot start.
        """
        with self._lock:
            try:
                return self._read(path, kind)
            except XuefenError:
                raise
            except BaseException:
                # the caller was interrupted: an unfinished child would answer the next question with this file
                self._end()
                raise

    def close(self) -> None:
        """End the child; it exits by itself when the pipe closes, else it is killed."""
        with self._lock:
            self._end(patience=_CLOSE_SECONDS)

    def resident_mib(self) -> int:
        """Return the child's real memory in MiB (0 where it cannot be told)."""
        return _memory(self.pid)[1]

    def _read(self, path: Path, kind: FileKind) -> FileReading:
        try:
            return self._ask(path, kind, text_layer=True)
        except _Breach as breach:
            if breach.step != "text_layer":
                raise breach.error from breach
        # pdfplumber hangs on a few files that draw well: read what is seen, without their text layer
        try:
            return self._ask(path, kind, text_layer=False)
        except _Breach as breach:
            raise breach.error from breach

    def _ask(self, path: Path, kind: FileKind, *, text_layer: bool) -> FileReading:
        self._spawn()
        self._await_ready()
        limits = self._settings.limits
        request = {
            "path": str(path.resolve()),
            "kind": kind.value,
            "max_pixels": limits.max_pixels,
            "max_pages": limits.max_pages,
            "text_layer": text_layer,
        }
        try:
            self._pipe.send_bytes(json.dumps(request).encode())
        except OSError as error:
            raise self._breach("open", 1, 0) from error
        reading = self._await_reading()
        self._pages += len(reading.images)
        if self._pages >= self._settings.recycle_pages or self.resident_mib() > self._settings.recycle_mib:
            _log.info("reader child replaced after %d pages", self._pages)
            self._end(patience=_CLOSE_SECONDS)
            self._spawn()
        return reading

    def _await_ready(self) -> None:
        if self._ready:
            return
        tag, body = self._message("start", 1, self._settings.start_seconds)
        if tag == ERROR:
            self._end()
            raise error_from_plain(json.loads(body))
        self._ready = tag == READY

    def _await_reading(self) -> FileReading:
        """Follow the child through the pages until it answers."""
        page, step = 1, "open"
        while True:
            patience = self._settings.text_layer_seconds if step == "text_layer" else self._settings.page_seconds
            tag, body = self._message(step, page, patience)
            try:
                if tag == PROGRESS:
                    page, step = json.loads(body)
                elif tag == READING:
                    return from_json(FileReading, body)
                elif tag == ERROR:
                    error = error_from_plain(json.loads(body))
                    if error.code == "reader_out_of_memory":
                        self._end()
                        raise _Breach(_with_page(error, page), step)
                    raise error
            except (ValueError, TypeError, KeyError) as error:
                raise self._breach(step, page, 0) from error

    def _message(self, step: str, page: int, patience: float) -> tuple[bytes, bytes]:
        """Wait for one message; kill the child when its time or its memory is up."""
        deadline = time.monotonic() + patience
        largest = 0
        while True:
            try:
                if self._pipe.poll(_POLL_SECONDS):
                    message = self._pipe.recv_bytes(_LARGEST_MESSAGE)
                    return message[:1], message[1:]
            except (EOFError, OSError) as error:
                raise self._breach(step, page, largest) from error
            reserved, resident = _memory(self.pid)
            largest = max(largest, reserved)
            if resident > self._settings.resident_mib:
                self._end()
                raise _Breach(_out_of_memory(page), step)
            if time.monotonic() > deadline:
                self._end()
                raise _Breach(
                    Unavailable(
                        "reader_timeout",
                        "Page {number} took longer than {seconds} seconds to read.",
                        page=page,
                        number=page,
                        seconds=round(patience),
                    ),
                    step,
                )

    def _breach(self, step: str, page: int, largest_mib: int) -> _Breach:
        """Say why a child died, and clear it away."""
        process, scratch = self._process, self._scratch
        ended = ""
        if process is not None and scratch is not None:
            try:
                code = process.wait(_CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                code = 0
            ended = signal.Signals(-code).name if code < 0 else f"status {code}"
            said = (scratch / "stderr").read_bytes()[-4000:].decode("utf-8", "replace")
            memory = out_of_memory(RuntimeError(said)) or "MemoryError" in said
            if memory or largest_mib > 0.9 * self._settings.memory_mib:
                self._end()
                return _Breach(_out_of_memory(page), step)
            _log.warning("reader child ended with %s: %s", ended, said.strip().splitlines()[-1:])
        self._end()
        return _Breach(
            Unavailable(
                "reader_crashed",
                "The reader ended while reading page {number} ({detail}).",
                page=page,
                number=page,
                detail=ended,
            ),
            step,
        )

    @property
    def _pipe(self) -> Connection:
        if self._connection is None:
            raise EOFError
        return self._connection

    def _spawn(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        ours, theirs = Pipe()
        scratch = Path(tempfile.mkdtemp(prefix="xuefen-reader-", dir=self._settings.scratch_root))
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        environment |= _ONE_THREAD | _THRIFT | {"HOME": str(scratch), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "ocr.child", str(theirs.fileno()), str(os.getpid())]
        command += [str(self._settings.memory_mib), str(self._settings.models_dir), str(scratch)]
        with theirs, (scratch / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
                command,
                cwd=_ROOT,
                env=environment,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        self._connection, self._scratch, self._ready, self._pages = ours, scratch, False, 0

    def _end(self, patience: float = 0.0) -> None:
        """Close the pipe, wait a little, kill, and clear the scratch folder."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
        self._ready = False


def _out_of_memory(page: int) -> Unavailable:
    return Unavailable("reader_out_of_memory", "The file needs more memory than a reader may use.", page=page)


def _with_page(error: XuefenError, page: int) -> Unavailable:
    return Unavailable(error.code, error.message, page=page, **error.facts)


def _memory(pid: int | None) -> tuple[int, int]:
    """Return a process's reserved and resident memory in MiB; zeros where the system does not say."""
    try:
        sizes = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return int(sizes[0]) * page // _MIB, int(sizes[1]) * page // _MIB
