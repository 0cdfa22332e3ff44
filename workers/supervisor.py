"""One process that keeps the others running: Valkey, the web service, the reader workers, the reconciler.

It only spawns commands and watches them. None outlives it (`core.process.spawn`), one that dies comes back after a
growing pause, and at a stop the parts end first, each finishing its step, and the queue last.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from core.errors import Conflict, Unavailable
from core.logs import get_logger
from core.process import FileLock, end, spawn
from core.settings import MIB, Settings
from core.valkey import ValkeyServer

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
GRACE_SECONDS = 15.0
START_SECONDS = 120.0
LOG_LIMIT = 20 * MIB
_TICK_SECONDS = 0.2

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A command to keep running under a name (which also names its log); `serves` marks the one that listens."""

    name: str
    command: tuple[str, ...]
    serves: bool = False


class Child:
    """A part and the process that runs it just now."""

    def __init__(self, part: Part, env: Mapping[str, str], logs: Path) -> None:
        """Run `part` in `env`, its output appended to a log in `logs`."""
        self.part = part
        self.log_path = logs / f"{part.name}.log"
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._failures = 0
        self._start_at = 0.0

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def tend(self) -> int | None:
        """Start the process when it is not running and its pause is over; return the status of one that just died."""
        if self.running:
            return None
        if self._process is not None:
            return self._note_death(self._process)
        if time.monotonic() >= self._start_at:
            _keep_small(self.log_path)
            with self.log_path.open("ab") as output:
                self._process = spawn(self.part.command, output=output, env=self._env)
            self._started = time.monotonic()
        return None

    def _note_death(self, process: subprocess.Popen[bytes]) -> int:
        """Plan the next start: at once after a planned end, else after a pause that doubles while it dies young."""
        self._process = None
        steady = time.monotonic() - self._started > STEADY_SECONDS
        self._failures = 0 if process.returncode == 0 or steady else self._failures + 1
        pause = FIRST_PAUSE_SECONDS * 2 ** (self._failures - 1) if self._failures else 0.0
        self._start_at = time.monotonic() + min(pause, LONGEST_PAUSE_SECONDS)
        return process.returncode

    def ask_to_end(self) -> None:
        """Send SIGTERM, without waiting."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self, grace_seconds: float) -> None:
        """Have the process gone within `grace_seconds`."""
        if self._process is not None:
            end(self._process, grace_seconds)


class Supervisor:
    """Runs a service's parts until SIGINT or SIGTERM."""

    def __init__(self, settings: Settings, parts: Sequence[Part], say: Callable[..., None]) -> None:
        """Keep `parts` running, in this order; `say(message id, **facts)` tells people what happens."""
        self._settings = settings
        self._say = say
        self._valkey = None if settings.redis_url else ValkeyServer(settings.home / "valkey")
        logs = settings.home / "logs"
        self._children = [Child(part, _environment(settings), logs) for part in parts]
        self._logs = logs
        self._stop_signals = 0

    def run(self, prepare: Callable[[], None], ready: Callable[[], None]) -> None:
        """Call `prepare` with the folder locked, start everything, call `ready` once the service answers, then watch.

        Raises Conflict `already_running` for a second supervisor on the home folder and Unavailable `port_taken`; a
        part that cannot start is said and tried again.
        """
        self._settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._logs.mkdir(exist_ok=True, mode=0o700)
        with self._only_one(), self._signals():
            _port_must_be_free(self._settings.host, self._settings.port)
            try:
                prepare()
                self._watch(ready)
            finally:
                self._end_all()

    def _watch(self, ready: Callable[[], None]) -> None:
        started, announced = time.monotonic(), False
        if self._valkey is not None:
            self._valkey.start()
        while not self._stop_signals:
            self._tend_valkey()
            for child in self._children:
                self._tend(child)
            if not announced and self._serves():
                announced = True
                ready()
            if not announced and time.monotonic() - started > START_SECONDS:
                raise Unavailable("service_silent", "The service did not come up; see {log}.", log=self._logs)
            time.sleep(_TICK_SECONDS)

    def _tend_valkey(self) -> None:
        """Bring the queue back if it died; the parts find it on the same socket."""
        if self._valkey is None or self._valkey.alive():
            return
        self._say("The embedded Valkey ended; it is started again.")
        try:
            self._valkey.start()
        except Unavailable as error:
            self._say(error.message, **error.facts)

    def _tend(self, child: Child) -> None:
        status = child.tend()
        if status:
            self._say(
                "{part} ended with status {status}; it is started again. Its log: {log}",
                part=child.part.name,
                status=status,
                log=child.log_path,
            )

    def _serves(self) -> bool:
        """Return whether the listening part runs and its port answers; true at once when no part listens."""
        serving = [child for child in self._children if child.part.serves]
        if not serving:
            return all(child.running for child in self._children)
        return all(child.running for child in serving) and _answers(self._settings.host, self._settings.port)

    def _end_all(self) -> None:
        """Ask all parts to end and give them time (a second signal ends the patience), then end Valkey."""
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(child.running for child in self._children):
            if time.monotonic() > deadline or self._stop_signals > 1:
                break
            time.sleep(_TICK_SECONDS / 4)
        for child in self._children:
            child.end(0)
        if self._valkey is not None:
            self._valkey.stop()

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        lock = FileLock(self._settings.home / "supervisor.lock")
        if not lock.take():
            raise Conflict(
                "already_running",
                "The service of the folder {home} runs already, as process {pid}.",
                home=self._settings.home,
                pid=lock.holder(),
            )
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Count SIGINT and SIGTERM instead of dying of them."""

        def note(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._stop_signals += 1

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a part sees exactly these settings."""
    own = {f"XUEFEN_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    return dict(os.environ) | own | {"XUEFEN_HOME": str(settings.home.resolve())}


def _keep_small(path: Path) -> None:
    """Set a log aside (one generation) once it is large; it is looked at when its part starts."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))


def _port_must_be_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                "port_taken",
                "The service cannot listen on {host}, port {port} ({reason}); choose another with XUEFEN_PORT.",
                host=host,
                port=port,
                reason=os.strerror(error.errno) if error.errno else str(error),
            ) from error


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
