"""Writes docs/settings.md from the settings' own descriptions: `python -m docs.make_settings`."""

from pathlib import Path

from core.settings import Settings

TARGET = Path(__file__).parent / "settings.md"
HEAD = """# Settings

Made by `python -m docs.make_settings` from `core/settings.py`; a test checks that it is up to date.

| variable | default | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """Return the page's text."""
    rows = [
        f"| `XUEFEN_{name.upper()}` | `{field.default}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    TARGET.write_text(settings_page(), encoding="utf-8")
