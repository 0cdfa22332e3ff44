"""The papers keep up with the code: settings, error texts, the two READMEs."""

import re
from pathlib import Path

import pytest

from core.i18n import LANGUAGES, catalogue
from core.settings import Settings
from docs.make_settings import TARGET, settings_page

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "intake", "ocr", "verification", "review", "ledger", "workers", "api", "cli")
ERROR = re.compile(
    r"(?:Invalid|NotFound|Conflict|Refused|TooLarge|Unavailable|Unauthenticated|XuefenError)\(\s*\"([a-z0-9_]+)\",\s*((?:\"(?:[^\"\\]|\\.)*\"\s*)+)"
)


def test_every_setting_is_documented() -> None:
    assert TARGET.read_text(encoding="utf-8") == settings_page()
    assert all(field.description for field in Settings.model_fields.values())


def errors_raised() -> list[tuple[str, str, str]]:
    """Return (file, code, message id) of every error that the product raises with a literal text."""
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for code, literal in ERROR.findall(path.read_text(encoding="utf-8")):
                message = "".join(re.findall(r"\"((?:[^\"\\]|\\.)*)\"", literal))
                found.append((str(path.relative_to(ROOT)), code, message))
    return found


def test_every_error_has_a_chinese_text_with_the_same_places() -> None:
    chinese = catalogue("zh")
    raised = errors_raised()
    assert len(raised) > 50
    missing = [(file, code, message) for file, code, message in raised if message not in chinese]
    assert missing == []
    for _, code, message in raised:
        places = set(re.findall(r"\{(\w+)", message))
        assert set(re.findall(r"\{(\w+)", chinese[message])) <= places, code


@pytest.mark.parametrize("command", ["make run", "make test", "make demo", "make accuracy", "make bench"])
def test_both_readmes_name_the_commands(command: str) -> None:
    for name in ("README.md", "README.zh-CN.md"):
        assert command in (ROOT / name).read_text(encoding="utf-8")
    assert f"{command.split()[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_both_readmes_have_the_same_parts() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]
    assert len(LANGUAGES) == len(texts)
    for pattern in (r"^## ", r"^\d\. ", r"^\| ", r"\]\((?!README)[^)]+\)"):
        counts = {len(re.findall(pattern, text, re.MULTILINE)) for text in texts}
        assert len(counts) == 1, pattern
