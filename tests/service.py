"""Runs the whole service as people do, `xuefen up`, and looks at its processes from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

START_SECONDS = 120.0
STOP_SECONDS = 60.0


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `holds` does; an AssertionError names `what` did not come about in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def family(pid: int) -> dict[int, str]:
    """Return the living descendants of a process: process id -> command line."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and alive(int(entry.name)):
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found: dict[int, str] = {}
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh}
        found |= {child: _command(child) for child in fresh}
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Service:
    """`xuefen up` on a home folder, with settings of the test's choice; use it as a context."""

    def __init__(self, home: Path, **settings: object) -> None:
        """Run on `home`; `settings` become XUEFEN_* variables."""
        self.home = home
        self.port = free_port()
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("XUEFEN_")}
        chosen = {"home": home, "port": self.port, "language": "en", **settings}
        self._env |= {f"XUEFEN_{name.upper()}": str(value) for name, value in chosen.items()}
        if "XUEFEN_MODELS_DIR" in os.environ:
            self._env["XUEFEN_MODELS_DIR"] = os.environ["XUEFEN_MODELS_DIR"]
        self.process: subprocess.Popen[str] | None = None
        self.output = home.parent / f"{home.name}.out"

    def __enter__(self) -> Self:
        """Start and wait until the service says that it runs."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop whatever still runs."""
        if self.process is not None and self.process.poll() is None:
            self.stop()

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text(encoding="utf-8") if self.output.exists() else ""

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it and wait for its address."""
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "up"],
                env=self._env,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait_until(lambda: "The service runs" in self.said or not alive(self.pid), START_SECONDS, "the service runs")
        assert "The service runs" in self.said, self.said

    def run_again(self) -> subprocess.CompletedProcess[str]:
        """Run a second `xuefen up` with the same settings and return how it ended."""
        command = [sys.executable, "-m", "cli.main", "up"]
        return subprocess.run(
            command, env=self._env, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )

    def processes(self, word: str = "") -> list[int]:
        """Return the ids of its processes whose command line holds `word`."""
        return [pid for pid, command in family(self.pid).items() if word in command]

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the status it ended with."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)
