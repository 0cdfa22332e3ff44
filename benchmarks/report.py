"""The measured accuracy for people: a short page of the docs, and an HTML page with plots and every miss."""

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks import plots
from benchmarks.bars import Met
from benchmarks.compare import Change
from benchmarks.pictures import Pictures
from ocr.calibration import CURVES

Data = dict[str, Any]
# The docs' page shows these fields apart by channel.
BY_CHANNEL = ("holder_name", "hours", "score", "issue_date", "certificate_no")


def docs_page(data: Data, met: list[Met], plot: str) -> str:
    """Return the docs' page of a run; `plot` is the name of the reliability plot beside it."""
    fitted = yaml.safe_load(CURVES.read_text(encoding="utf-8"))["fitted"]
    facts = {"score": data, "met": met, "plot": plot, "by_channel": BY_CHANNEL, "fitted": fitted}
    return _render("accuracy.md.jinja", escape=False, **facts)


def reliability_plot(data: Data) -> str:
    """Return the plot of the fields' confidence as an SVG file's text."""
    return '<?xml version="1.0" encoding="utf-8"?>\n' + plots.reliability(data["calibration"]["fields"], "fields")


def html_page(data: Data, met: list[Met], changed: list[Change] | None, pictures: Pictures, hashes: Data) -> str:
    """Return the page that stands alone: no script, no other host. `hashes` tells each file's SHA-256."""
    shown = [miss | {"crop": _crop(miss, pictures, hashes)} for miss in data["misses"]]
    drawn = {"exact": plots.exactness(data["fields"])}
    for name in ("fields", "row", "doc_type"):
        if name in data["calibration"]:
            drawn[name] = plots.reliability(data["calibration"][name], name)
    return _render("accuracy.html.jinja", escape=True, score=data, met=met, changed=changed, misses=shown, plots=drawn)


def _crop(miss: Data, pictures: Pictures, hashes: Data) -> str | None:
    sha256 = hashes.get(miss["file"])
    return pictures.crop(sha256, miss["page"], miss["box"]) if sha256 else None


def _render(template: str, *, escape: bool, **facts: Any) -> str:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True, autoescape=True)
    # Markdown holds our own figures only: there is nothing to escape.
    environment.autoescape = escape
    return environment.get_template(template).render(share=_share, **facts)


def _share(value: float) -> str:
    return f"{value:.1%}"
