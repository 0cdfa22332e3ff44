"""The embedded Valkey: it keeps rings through a kill, is adopted, never doubled, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from core.errors import Unavailable
from core.queue import Doorbell
from core.settings import Settings
from core.valkey import ValkeyServer, connect

OWNER = """
import sys, time
from pathlib import Path
from core.valkey import ValkeyServer
ValkeyServer(Path(sys.argv[1])).start()
print("up", flush=True)
time.sleep(60)
"""


def pid_of(client: Redis) -> int:
    info = client.info("server")
    assert isinstance(info, dict)
    return int(info["process_id"])


def gone(pid: int) -> bool:
    """Return whether a process is gone within two seconds; a zombie counts as gone."""
    for _ in range(40):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_rings_survive_kill_9_and_a_clean_restart(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path / "valkey")
    server.start()
    client = connect(Settings(home=tmp_path))
    for file_id in range(20):
        Doorbell(client).ring(file_id)
    os.kill(pid_of(client), signal.SIGKILL)
    server.start()
    assert Doorbell(client).waiting() == 20
    server.stop()
    assert not server.alive()
    server.start()
    assert Doorbell(client).waiting() == 20
    server.stop()


def test_the_socket_is_private_short_and_gone_after_a_stop(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 30)
    server = ValkeyServer(deep / "valkey")
    server.start()
    socket = Path((deep / "valkey" / "socket").read_text())
    assert len(os.fsencode(socket)) < 104
    assert socket.parent.stat().st_mode & 0o077 == 0
    server.stop()
    assert not socket.parent.exists()


def test_a_second_owner_adopts_the_live_server_and_leaves_it_running(tmp_path: Path) -> None:
    first, second = ValkeyServer(tmp_path / "valkey"), ValkeyServer(tmp_path / "valkey")
    first.start()
    client = connect(Settings(home=tmp_path))
    pid = pid_of(client)
    second.start()
    assert pid_of(client) == pid
    second.stop()
    assert first.alive()
    first.stop()
    assert gone(pid)


def test_an_orphan_is_adopted_and_stopped_by_its_new_owner(tmp_path: Path) -> None:
    first = ValkeyServer(tmp_path / "valkey")
    first.start()
    pid = pid_of(connect(Settings(home=tmp_path)))
    first._lock.release()  # as if the owner had died where children outlive their parents
    heir = ValkeyServer(tmp_path / "valkey")
    heir.start()
    assert pid_of(connect(Settings(home=tmp_path))) == pid
    heir.stop()
    assert first._process is not None
    assert first._process.wait(5) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_server_dies_with_its_owner(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "valkey")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        pid = pid_of(connect(Settings(home=tmp_path)))
        owner.kill()
    assert gone(pid)


def test_a_server_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    (folder / "appendonlydir").mkdir(parents=True)
    (folder / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(Unavailable) as caught:
        ValkeyServer(folder).start()
    assert caught.value.code == "valkey_failed"


def test_a_client_made_before_the_server_finds_it_later(tmp_path: Path) -> None:
    client = connect(Settings(home=tmp_path))
    with pytest.raises(RedisAway):
        client.ping()
    server = ValkeyServer(tmp_path / "valkey")
    server.start()
    assert client.ping()
    server.stop()


def test_a_ring_that_nobody_takes_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Doorbell(connect(Settings(home=tmp_path))).ring(1)
    assert "ring_not_sent" in "".join(capsys.readouterr())


def test_a_ring_carries_an_id_as_json_and_nothing_else(doorbell: Doorbell, redis: Redis) -> None:
    doorbell.ring(7)
    assert doorbell.waiting() == 1
    (key,) = redis.keys("rq:job:*")
    data = redis.hget(key, "data")
    assert isinstance(data, bytes)
    assert zlib.decompress(data) == b'["workers.jobs.read_file", null, [7], {}]'
