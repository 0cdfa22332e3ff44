"""`xuefen admin`: what whoever runs the machine can do without a browser."""

import re
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker
from typer.testing import CliRunner

from api.auth import keys
from cli.main import app
from core.db import session_scope
from core.errors import Conflict, Invalid, XuefenError
from core.settings import Settings

runner = CliRunner()


@pytest.fixture(autouse=True)
def at_home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the command work on the test's home folder."""
    monkeypatch.setenv("XUEFEN_HOME", str(settings.home))
    monkeypatch.setenv("XUEFEN_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "200")
    return settings.home


def run(*words: str) -> str:
    result = runner.invoke(app, ["admin", *words])
    if isinstance(result.exception, XuefenError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_a_city_is_set_up_from_the_command_line(maker: sessionmaker[Session]) -> None:
    city = run("org", "add", "云州市教育局", "--level", "city").strip()
    county = run("org", "add", "云溪县教育体育局", "--level", "county", "--parent", city).strip()
    link = run("create-user", "zhangsan", "张三", "--role", "county_reviewer", "--at", county)
    newer = run("link", "zhangsan")
    key = run("api-key", "create", "学分台账", "--at", city, "--scope", "ledger:read").strip()

    assert re.fullmatch(r"http://\S+/link/\S{43}\n", link)
    assert newer != link
    assert "云溪县教育体育局" in run("org", "list")
    listed = run("api-key", "list")
    assert key[:12] in listed
    assert key not in listed
    with session_scope(maker) as session:
        assert keys.find(session, key) is not None
    run("api-key", "revoke", "1")
    with session_scope(maker) as session:
        assert keys.find(session, key) is None


def test_mistakes_are_coded() -> None:
    city = run("org", "add", "云州市教育局", "--level", "city").strip()

    with pytest.raises(Conflict, match="organisation_exists"):
        run("org", "add", "云州市教育局", "--level", "city")
    with pytest.raises(Invalid, match="organisation_level"):
        run("org", "add", "云溪县", "--level", "city", "--parent", city)
    with pytest.raises(Invalid, match="role_level"):
        run("create-user", "lisi", "李四", "--role", "school_reviewer", "--at", city)
    with pytest.raises(Invalid, match="username_is_id_number"):
        run("create-user", "990102199011250776", "李四", "--role", "auditor", "--at", city)
    with pytest.raises(Invalid, match="key_needs_person"):
        run("api-key", "create", "上传", "--at", city, "--scope", "batches:write")


@pytest.mark.parametrize("words", [[], ["org"], ["api-key"]])
def test_help_shows_examples(words: list[str]) -> None:
    result = runner.invoke(app, ["admin", *words, "--help"])

    assert result.exit_code == 0
    assert "admin" in result.output
