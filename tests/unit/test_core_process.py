"""Child processes end with their parent, and locks end with their holder."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.process import FileLock, end, spawn

FAMILY = """
import subprocess, sys, time
from core.process import spawn
print(spawn([sys.executable, "-c", "import time; time.sleep(60)"], output=subprocess.DEVNULL).pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_child_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_process_that_will_not_end_is_killed() -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    reading, writing = os.pipe()
    process = spawn([sys.executable, "-c", stubborn], output=writing)
    os.close(writing)
    assert os.read(reading, 2) == b"up"
    end(process, 0.2)
    os.close(reading)
    assert process.returncode == -9


def test_a_lock_has_one_holder_who_is_named(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    assert second.holder() == str(os.getpid())
    first.release()
    assert second.take()
    second.release()


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        FileLock(tmp_path / "lock").take()
        os._exit(0)
    os.waitpid(child, 0)
    lock = FileLock(tmp_path / "lock")
    assert lock.take()
    lock.release()
