"""Plots of a run as SVG text, drawn without a display."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib.figure import Figure

Row = Mapping[str, Any]
INK, PAPER = "#1f3a5f", "#b9c7d8"


def reliability(table: Mapping[str, Any], title: str) -> str:
    """Return the reliability plot of a calibration table (`reliability.calibration`): stated against right."""
    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    whole, top = figure.subplots(1, 2)
    for axes, bins, low in ((whole, table["tenths"], 0.0), (top, table["equal_mass"], 0.8)):
        shown = [row for row in bins if row["stated"] >= low]
        axes.plot([low, 1], [low, 1], color=PAPER, linewidth=1)
        axes.plot([r["stated"] for r in shown], [r["right"] for r in shown], "o-", color=INK, markersize=4, linewidth=1)
        axes.set_xlim(low, 1.005)
        axes.set_ylim(low, 1.005)
        axes.set_xlabel("stated confidence")
    whole.set_ylabel("share that is right")
    whole.set_title(f"{title}: bins of equal width", fontsize=9)
    top.set_title("bins of equally many values, from 0.8", fontsize=9)
    return _svg(figure)


def exactness(fields: Mapping[str, Row]) -> str:
    """Return exact match and precision of each field as bars."""
    names = [name for name, row in fields.items() if row["wanted"]]
    figure = Figure(figsize=(7.2, 0.5 + 0.26 * max(len(names), 1)), layout="constrained")
    axes = figure.subplots()
    places = range(len(names))
    axes.barh([p + 0.2 for p in places], [fields[n]["recall"] for n in names], 0.4, color=INK, label="exact")
    axes.barh([p - 0.2 for p in places], [fields[n]["precision"] for n in names], 0.4, color=PAPER, label="precision")
    axes.set_yticks(list(places), names, fontsize=8)
    lowest: Sequence[float] = [min(fields[n]["recall"], fields[n]["precision"]) for n in names] or [0.9]
    axes.set_xlim(min(0.9, *lowest) - 0.02, 1.0)
    axes.invert_yaxis()
    axes.legend(loc="lower left", fontsize=8)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    """Return the figure as an SVG element; the same figure gives the same text."""
    with mpl.rc_context({"svg.hashsalt": "xuefen", "svg.fonttype": "none", "font.size": 8}):
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return re.sub(r"[ \t]+$", "", text[text.index("<svg") :], flags=re.MULTILINE)
