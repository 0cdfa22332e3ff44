"""`xuefen db`: the tables come up to date, and a changed audit event is found."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from core import audit
from core.db import open_engine, session_factory, session_scope
from core.keys import load_keyring
from core.settings import Settings


def xuefen(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"XUEFEN_HOME": str(home), "XUEFEN_LANGUAGE": "en"}
    command = [sys.executable, "-m", "cli.main", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_a_changed_audit_event_is_found(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert xuefen(home, "db", "migrate").returncode == 0
    settings = Settings(home=home)
    engine = open_engine(settings, load_keyring(home))
    with session_scope(session_factory(engine)) as session:
        for number in range(3):
            audit.record(session, "tested", f"thing:{number}")
    engine.dispose()
    whole = xuefen(home, "db", "audit", "check")
    assert (whole.returncode, "3 events" in whole.stdout) == (0, True)
    with sqlite3.connect(home / "xuefen.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit_event SET subject = 'thing:9' WHERE id = 2")
    connection.close()
    broken = xuefen(home, "db", "audit", "check")
    assert broken.returncode == 1
    assert "broken at 1 events: 2" in broken.stdout


@pytest.mark.parametrize("words", [("up",), ("worker", "read"), ("worker", "reconcile"), ("db", "migrate")])
def test_every_command_helps_with_an_example(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.stdout
