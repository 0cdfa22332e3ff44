"""What must be reached, as data: each bar with how its figure is found in a score's data (`Score.as_data`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]
# A figure and over how many cases it was found; None where there was no case.
Figure = tuple[float, int] | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `least` is the lowest figure that passes, or with `most` the highest."""

    name: str
    least: float
    figure: Callable[[Data], Figure]
    most: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """A bar held against a run."""

    name: str
    bar: float
    most: bool
    figure: float | None
    cases: int

    @property
    def passed(self) -> bool:
        """Return whether the figure reaches the bar; without a case nothing fails."""
        if self.figure is None:
            return True
        return self.figure <= self.bar if self.most else self.figure >= self.bar


def _exact(table: str, name: str) -> Callable[[Data], Figure]:
    def figure(data: Data) -> Figure:
        row = data[table].get(name)
        return (row["recall"], row["wanted"]) if row and row["wanted"] else None

    return figure


def _f1(name: str) -> Callable[[Data], Figure]:
    def figure(data: Data) -> Figure:
        row = data["rows"].get(name)
        return (row["f1"], row["wanted"]) if row and row["wanted"] else None

    return figure


def _of_all(key: str) -> Callable[[Data], Figure]:
    return lambda data: (data[key], data["documents"])


def _recommended(data: Data) -> Figure:
    of = data["approvable"]
    return (data["approvable_recommended"] / of, of) if of else None


def _calibration(data: Data) -> Figure:
    table = data["calibration"].get("fields")
    return (table["error"], table["values"]) if table else None


BARS = (
    Bar("document type", 0.99, _of_all("type_right")),
    *(
        Bar(f"{name} exact", 0.98, _exact("fields", name))
        for name in ("certificate_no", "id_number", "issue_date", "score", "hours")
    ),
    Bar("holder name exact, after the roster", 0.97, _exact("names", "all")),
    Bar("rare-character holder name", 0.95, _exact("names", "rare")),
    *(Bar(f"{name} exact", 0.96, _exact("fields", name)) for name in ("title", "issuer")),
    Bar("sign-in rows F1, printed", 0.97, _f1("printed")),
    Bar("sign-in rows F1, handwritten", 0.90, _f1("handwritten")),
    Bar("documents split right", 0.99, _of_all("split_right")),
    Bar("recommendation as the truth's", 0.96, _of_all("recommendation_right")),
    Bar("wrong approves", 0, lambda data: (len(data["wrong_approves"]), data["documents"]), most=True),
    Bar("approvable documents recommended", 0.90, _recommended),
    Bar("calibration error of fields", 0.02, _calibration, most=True),
)


def held_against(data: Data) -> list[Met]:
    """Return every bar with the run's figure."""
    met = []
    for bar in BARS:
        figure = bar.figure(data)
        value, cases = figure or (None, 0)
        met.append(Met(bar.name, bar.least, bar.most, value, cases))
    return met
