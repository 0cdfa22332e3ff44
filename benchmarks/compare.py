"""What got better and worse since the last saved run over the same documents. Pure."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]
LOWER_IS_BETTER = frozenset({"calibration error", "wrong approves"})


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that moved, or what is newly right or wrong in a document."""

    what: str
    before: str
    now: str
    better: bool


def changes(before: Data | None, now: Data) -> list[Change] | None:
    """Return what changed, worse things first; None where there is no earlier run over the same documents."""
    if before is None or before.get("truths") != now["truths"]:
        return None
    found = [*_figures(before, now), *_documents(before, now)]
    return sorted(found, key=lambda change: change.better)


def _figures(before: Data, now: Data) -> list[Change]:
    old, new = _flat(before), _flat(now)
    moved = []
    for name in sorted({*old, *new}):
        was, is_ = old.get(name), new.get(name)
        if was is not None and is_ is not None and was != is_:
            better = (is_ < was) == (name in LOWER_IS_BETTER)
            moved.append(Change(name, f"{was:.4g}", f"{is_:.4g}", better))
    return moved


def _flat(data: Data) -> dict[str, float]:
    """Return the figures that a change must not make worse."""
    flat: dict[str, float] = {
        "document type": data["type_right"],
        "documents split right": data["split_right"],
        "recommendation": data["recommendation_right"],
        "approvable recommended": data["approvable_recommended"],
        "wrong approves": len(data["wrong_approves"]),
    }
    for name, row in data["fields"].items():
        flat[f"{name} exact"] = row["recall"]
        flat[f"{name} precision"] = row["precision"]
    for table in ("names", "rows"):
        for name, row in data[table].items():
            flat[f"{table} {name} F1"] = row["f1"]
    if "fields" in data["calibration"]:
        flat["calibration error"] = data["calibration"]["fields"]["error"]
    return flat


def _documents(before: Data, now: Data) -> list[Change]:
    """Return what each document gained and lost; the same field can miss several times in a sheet's rows."""
    changed = []
    for name in sorted({*before["wrong_in"], *now["wrong_in"]}):
        old, new = Counter(before["wrong_in"].get(name, ())), Counter(now["wrong_in"].get(name, ()))
        changed += [Change(f"{name}: {what}", "wrong", "right", better=True) for what in (old - new)]
        changed += [Change(f"{name}: {what}", "right", "wrong", better=False) for what in (new - old)]
    return changed
