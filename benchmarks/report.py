"""The measured accuracy as a page of the docs."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATE = "accuracy.md.jinja"


def page(data: dict[str, Any], barred: tuple[str, ...]) -> str:
    """Return the page for a score's data (`benchmarks.scoring.Score.as_data`); `barred` are the fields with a bar."""
    loader = FileSystemLoader(Path(__file__).parent)
    # Markdown for our own docs, from our own figures: there is nothing to escape.
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    return environment.get_template(TEMPLATE).render(score=data, barred=barred, share=lambda value: f"{value:.1%}")
