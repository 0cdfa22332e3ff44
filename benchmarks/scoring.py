"""Compares JSON lines of a run with the truth files of the fixtures: counts per type, field and channel."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Line = dict[str, Any]


@dataclass
class Tally:
    """How often a value was wanted, given, and right."""

    wanted: int = 0
    given: int = 0
    right: int = 0

    def add(self, wanted: str | None, given: str | None) -> None:
        """Count one comparison; None stands for no value."""
        self.wanted += wanted is not None
        self.given += given is not None
        self.right += wanted is not None and wanted == given

    def as_row(self) -> dict[str, float | int]:
        """Return counts with precision and recall (recall is the exact-match rate of what is printed)."""
        return {
            "wanted": self.wanted,
            "given": self.given,
            "right": self.right,
            "precision": round(self.right / self.given, 4) if self.given else 1.0,
            "recall": round(self.right / self.wanted, 4) if self.wanted else 1.0,
        }


@dataclass
class Score:
    """All counts of a run."""

    types: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    fields: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_type: dict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Tally)))
    by_channel: dict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Tally)))
    rows: Tally = field(default_factory=Tally)
    confidence: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    split_right: list[int] = field(default_factory=lambda: [0, 0])
    wrong_approves: list[Line] = field(default_factory=list)
    misses: list[Line] = field(default_factory=list)

    def document(self, truth: Line, wanted: Line, line: Line | None) -> None:
        """Count one document of the truth against the line on the same pages (None: there is none)."""
        kind, channel = wanted["doc_type"], truth["channel"]
        given = line["doc_type"] if line else None
        self.types[kind].add(kind, given)
        self.confusion[wanted["recommendation"], line["recommendation"] if line else "missing"] += 1
        if given != kind:
            self._miss(truth, wanted, "doc_type", kind, given)
        if line is None:
            return
        if kind != "other":
            self._fields(truth, wanted, line, kind, channel)
        self._rows(truth, wanted, line)
        self._recommendation(truth, wanted, line)

    def _fields(self, truth: Line, wanted: Line, line: Line, kind: str, channel: str) -> None:
        printed: dict[str, str] = wanted["fields"]
        found = {name: value["value"] for name, value in line["fields"].items()}
        for name in {**printed, **found}:
            want, got = printed.get(name), found.get(name)
            for tally in (self.fields[name], self.by_type[kind][name], self.by_channel[channel][name]):
                tally.add(want, got)
            if got is not None:
                tenth = min(int(line["fields"][name]["confidence"] * 10), 9)
                self.confidence[tenth][0] += want == got
                self.confidence[tenth][1] += 1
            if want is not None and want != got:
                sure = line["fields"][name]["confidence"] if got is not None else None
                self._miss(truth, wanted, name, want, got, sure)

    def _rows(self, truth: Line, wanted: Line, line: Line) -> None:
        want = {_row(row) for row in wanted["rows"]}
        got = {_row(row) for row in line["rows"]}
        self.rows.wanted += len(want)
        self.rows.given += len(got)
        self.rows.right += len(want & got)
        for row in sorted(want ^ got):
            self._miss(truth, wanted, "row", row if row in want else None, row if row in got else None)

    def _recommendation(self, truth: Line, wanted: Line, line: Line) -> None:
        same = line["recommendation"] == wanted["recommendation"]
        if not same:
            told = (line["recommendation"], line["reasons"])
            self._miss(truth, wanted, "recommendation", [wanted["recommendation"], wanted["reasons"]], list(told))
        if line["recommendation"] == "approve" and (not same or _other_award(wanted, line)):
            self.wrong_approves.append({"file": truth["file"], "pages": wanted["pages"], "reasons": wanted["reasons"]})

    def _miss(self, truth: Line, wanted: Line, name: str, want: Any, got: Any, sure: float | None = None) -> None:
        self.misses.append(
            {
                "file": truth["file"],
                "pages": wanted["pages"],
                "channel": truth["channel"],
                "layout": truth["layout"],
                "field": name,
                "wanted": want,
                "given": got,
                "confidence": sure,
            }
        )

    def calibration_error(self) -> float:
        """Return the expected calibration error of field confidence over tenths, middles taken as the confidence."""
        total = sum(count for _, count in self.confidence.values())
        gaps = (abs(right / count - (tenth + 0.5) / 10) * count for tenth, (right, count) in self.confidence.items())
        return round(sum(gaps) / total, 4) if total else 0.0

    def as_data(self) -> Line:
        """Return everything as JSON-able data."""
        total = sum(self.confusion.values())
        return {
            "documents": total,
            "types": {k: t.as_row() for k, t in sorted(self.types.items())},
            "type_right": round(sum(t.right for t in self.types.values()) / max(total, 1), 4),
            "fields": {k: t.as_row() for k, t in sorted(self.fields.items())},
            "by_type": {k: {n: t.as_row() for n, t in sorted(v.items())} for k, v in sorted(self.by_type.items())},
            "by_channel": {
                k: {n: t.as_row() for n, t in sorted(v.items())} for k, v in sorted(self.by_channel.items())
            },
            "rows": self.rows.as_row() | {"f1": _f1(self.rows)},
            "split_right": self.split_right,
            "confusion": {f"{want}->{got}": n for (want, got), n in sorted(self.confusion.items())},
            "recommendation_right": round(sum(n for (w, g), n in self.confusion.items() if w == g) / max(total, 1), 4),
            "wrong_approves": self.wrong_approves,
            "confidence": {f"{t / 10:.1f}": v for t, v in sorted(self.confidence.items())},
            "misses": self.misses,
        }


def score_run(samples: Path, lines: list[Line]) -> Score:
    """Compare the lines of a run over a fixture folder with its truth files."""
    by_file: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_file[Path(line["file"]).name].append(line)
    score = Score()
    for path in sorted((samples / "truth").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        given = {tuple(line.get("pages", ())): line for line in by_file[truth["file"]] if "error" not in line}
        score.split_right[1] += 1
        score.split_right[0] += {tuple(d["pages"]) for d in truth["documents"]} == set(given)
        for wanted in truth["documents"]:
            score.document(truth, wanted, given.get(tuple(wanted["pages"])))
    return score


def _row(row: Line) -> tuple[int, str, tuple[str, ...], bool]:
    return row["ordinal"], row["name"], tuple(row["signed"]), row["struck"]


def _other_award(wanted: Line, line: Line) -> bool:
    """Return whether an approved line gives other credits, or gives them to someone else."""
    if wanted["rows"]:
        due = {row["employee_no"]: row["credits"] for row in wanted["rows"] if row["credits"]}
        told = {row["employee_no"]: row["credits"] for row in line["rows"] if row["credits"]}
        return due != told
    same_person: bool = line["teacher"]["employee_no"] == wanted["teacher"]
    same_credits: bool = line["credits"] == wanted["credits"]
    return not (same_person and same_credits)


def _f1(tally: Tally) -> float:
    return round(2 * tally.right / (tally.wanted + tally.given), 4) if tally.wanted + tally.given else 1.0
