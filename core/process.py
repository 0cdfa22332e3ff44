"""Child processes that cannot outlive their parent, and locks that the kernel lets go when their holder dies."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def spawn(
    command: Sequence[str], *, output: IO[bytes] | int, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own (Ctrl-C reaches only us), writing to `output`, dying with this process.

    Call it from the main thread: Linux ties the child to the *thread* that started it.
    """
    return subprocess.Popen(  # noqa: S603 - callers pass fixed arguments
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if env is None else dict(env),
        start_new_session=True,
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one system call; no thread of ours holds a lock it needs
    )


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a child runs before its program: SIGKILL at its parent's death. Only Linux knows this."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def end(process: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """Ask a process to end (SIGTERM), wait for `grace_seconds`, then kill it; returns once it is gone."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class FileLock:
    """An exclusive lock on a file, held until `release` or the holder's death. The file names the holder's process."""

    def __init__(self, path: Path) -> None:
        """Lock by `path`; the file is made when missing and never removed, as that would let two hold it."""
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Return whether the lock is ours now; never waits."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return True

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def holder(self) -> str:
        """Return the process id that the holder wrote down, or `?`."""
        try:
            return self._path.read_text() or "?"
        except FileNotFoundError:
            return "?"

    def release(self) -> None:
        """Let go; does nothing when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
