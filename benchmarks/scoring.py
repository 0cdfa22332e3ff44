"""Compares JSON lines of a run with the truth files of the fixtures: counts per type, field, channel and wear."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.reliability import Stated, calibration
from benchmarks.tallies import Line, Tally, decided, is_handwritten, is_rare, paired_rows, right_row, wear_kind
from benchmarks.truths import read_truths

Tallies = dict[str, Tally]
NO_FIELDS: Mapping[str, Any] = {}


def _tallies() -> Tallies:
    return defaultdict(Tally)


def _grouped() -> dict[str, Tallies]:
    return defaultdict(_tallies)


@dataclass
class Score:
    """All counts of a run."""

    types: Tallies = field(default_factory=_tallies)
    fields: Tallies = field(default_factory=_tallies)
    by_type: dict[str, Tallies] = field(default_factory=_grouped)
    by_channel: dict[str, Tallies] = field(default_factory=_grouped)
    by_wear: dict[str, Tallies] = field(default_factory=_grouped)
    # holder names as read or as the roster corrects them: all, those with rare characters
    names: Tallies = field(default_factory=_tallies)
    # sign-in rows as read, and with the roster's help: all, printed, handwritten
    rows_read: Tallies = field(default_factory=_tallies)
    rows: Tallies = field(default_factory=_tallies)
    stated: dict[str, list[Stated]] = field(default_factory=lambda: defaultdict(list))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    split_right: int = 0
    wrong_approves: list[Line] = field(default_factory=list)
    misses: list[Line] = field(default_factory=list)
    # each document of the truth with the names of what was wrong in it: what two runs are compared by
    documents: dict[str, list[str]] = field(default_factory=dict)

    def document(self, truth: Line, wanted: Line, line: Line | None) -> None:
        """Count one document of the truth against its line (None: there is none)."""
        self.documents[key_of(truth, wanted)] = []
        split = line is not None and line["pages"] == wanted["pages"]
        self.split_right += split
        given = line["doc_type"] if line else None
        self.types[wanted["doc_type"]].add(wanted["doc_type"], given)
        if not split:
            self._miss(truth, wanted, line, "pages", wanted["pages"], line and line["pages"])
        if line is not None:
            self.stated["doc_type"].append((line["type_confidence"], given == wanted["doc_type"]))
            if given != wanted["doc_type"]:
                self._miss(truth, wanted, line, "doc_type", wanted["doc_type"], given)
        self._fields(truth, wanted, line)
        self._name(wanted, line)
        self._rows(truth, wanted, line)
        self._recommendation(truth, wanted, line)

    def unwanted(self, truth: Line, line: Line) -> None:
        """Count a document that the truth does not know: all that it says is invented."""
        nothing = {"doc_type": "none", "pages": line["pages"], "fields": {}, "rows": []}
        self._fields(truth, nothing, line)
        if line["recommendation"] == "approve":
            self.wrong_approves.append({"file": truth["file"], "pages": line["pages"], "reasons": ["no such document"]})

    def _fields(self, truth: Line, wanted: Line, line: Line | None) -> None:
        printed: dict[str, str] = wanted["fields"]
        found: Mapping[str, Line] = line["fields"] if line else NO_FIELDS
        groups = (
            self.fields,
            self.by_type[wanted["doc_type"]],
            self.by_channel[truth["channel"]],
            self.by_wear[wear_kind(truth)],
        )
        for name in {**printed, **found}:
            want, got = printed.get(name), found[name]["value"] if name in found else None
            for group in groups:
                group[name].add(want, got)
            if got is not None:
                self.stated["fields"].append((found[name]["confidence"], want == got))
                self.stated[f"field {name}"].append((found[name]["confidence"], want == got))
            if want != got:
                self._miss(truth, wanted, line, name, want, got)

    def _name(self, wanted: Line, line: Line | None) -> None:
        """Count the holder's name as the reviewer gets it: the teacher that it was tied to, else as read."""
        name = wanted["fields"].get("holder_name")
        if name is None:
            return
        got = line["fields"].get("holder_name", {}).get("value") if line else None
        teacher = line["teacher"] if line else None
        if teacher and wanted["teacher"] and decided(teacher["match"]) and teacher["employee_no"] == wanted["teacher"]:
            got = name
        for group in ("all", *(["rare"] if is_rare(name) else [])):
            self.names[group].add(name, got)

    def _rows(self, truth: Line, wanted: Line, line: Line | None) -> None:
        given = line["rows"] if line else []
        hand = "handwritten" if is_handwritten(truth) else "printed"
        for want, got in paired_rows(wanted["rows"], given):
            right = want is not None and got is not None and right_row(want, got)
            for group in ("all", hand):
                self.rows[group].add("row" if want else None, ("row" if right else "other") if got else None)
                self.rows_read[group].add(repr(_row(want)) if want else None, repr(_row(got)) if got else None)
            if got is not None:
                self.stated["row"].append((got["confidence"], want is not None and _row(want) == _row(got)))
            if not right:
                self._miss(truth, wanted, line, "row", want and _row(want), got and _row(got), got)

    def _recommendation(self, truth: Line, wanted: Line, line: Line | None) -> None:
        told = line["recommendation"] if line else "missing"
        self.confusion[wanted["recommendation"], told] += 1
        if told != wanted["recommendation"]:
            ours = [told, line["reasons"] if line else []]
            self._miss(truth, wanted, line, "recommendation", [wanted["recommendation"], wanted["reasons"]], ours)
        if line and told == "approve" and (told != wanted["recommendation"] or _other_award(wanted, line)):
            self.wrong_approves.append({"file": truth["file"], "pages": wanted["pages"], "reasons": wanted["reasons"]})

    def _miss(
        self, truth: Line, wanted: Line, line: Line | None, name: str, want: Any, got: Any, row: Line | None = None
    ) -> None:
        found = row or (line["fields"].get(name) if line else None) or {}
        self.documents.setdefault(key_of(truth, wanted), []).append(name)
        self.misses.append(
            {
                "file": truth["file"],
                "pages": wanted["pages"],
                "channel": truth["channel"],
                "layout": truth["layout"],
                "wear": truth["wear"],
                "field": name,
                "wanted": want,
                "given": got,
                "confidence": found.get("confidence"),
                "page": found.get("page", wanted["pages"][0]),
                "box": found.get("box"),
            }
        )

    def as_data(self) -> Line:
        """Return everything as JSON-able data."""
        total = sum(self.confusion.values())
        same = sum(n for (want, got), n in self.confusion.items() if want == got)
        return {
            "documents": total,
            "split_right": _share(self.split_right, total),
            "type_right": _share(sum(t.right for t in self.types.values()), total),
            "types": _table(self.types),
            "fields": _table(self.fields),
            "fields_by_type": _table({name: _all_of(group) for name, group in self.by_type.items()}),
            "fields_by_channel": _table({name: _all_of(group) for name, group in self.by_channel.items()}),
            "by_type": {name: _table(group) for name, group in sorted(self.by_type.items())},
            "by_channel": {name: _table(group) for name, group in sorted(self.by_channel.items())},
            "by_wear": {name: _table(group) for name, group in sorted(self.by_wear.items())},
            "names": _table(self.names),
            "rows": _table(self.rows),
            "rows_read": _table(self.rows_read),
            "confusion": {f"{want}->{got}": n for (want, got), n in sorted(self.confusion.items())},
            "recommendation_right": _share(same, total),
            "approvable": sum(n for (want, _), n in self.confusion.items() if want == "approve"),
            "approvable_recommended": self.confusion["approve", "approve"],
            "wrong_approves": self.wrong_approves,
            "calibration": {name: calibration(pairs) for name, pairs in sorted(self.stated.items())},
            "misses": self.misses,
            "wrong_in": self.documents,
        }


def score_run(samples: Path, lines: Iterable[Line]) -> Score:
    """Compare the lines of a run over a fixture folder with its truth files."""
    by_file: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_file[Path(line["file"]).name].append(line)
    score = Score()
    for truth in read_truths(samples):
        given = [line for line in by_file[truth["file"]] if "error" not in line]
        for wanted, found in paired_documents(truth["documents"], given):
            score.document(truth, wanted, found)
            given = [other for other in given if other is not found]
        for line in given:
            score.unwanted(truth, line)
    return score


def paired_documents(wanted: Sequence[Line], given: Sequence[Line]) -> list[tuple[Line, Line | None]]:
    """Pair each document of the truth with the line on the same pages, else with a line that shares one."""
    left = {tuple(line["pages"]): line for line in given}
    exact: dict[tuple[int, ...], Line | None] = {
        tuple(d["pages"]): left.pop(tuple(d["pages"])) for d in wanted if tuple(d["pages"]) in left
    }
    pairs: list[tuple[Line, Line | None]] = []
    for document in wanted:
        line = exact.get(tuple(document["pages"]))
        if line is None:
            near = next((pages for pages in left if set(pages) & set(document["pages"])), None)
            line = left.pop(near) if near else None
        pairs.append((document, line))
    return pairs


def key_of(truth: Line, wanted: Line) -> str:
    """Return the name of a document: its file and pages."""
    return f"{truth['file']} p{'-'.join(map(str, wanted['pages']))}"


def _row(row: Line) -> list[Any]:
    return [row["name"], list(row["signed"]), row["struck"]]


def _table(group: Tallies) -> dict[str, dict[str, float | int]]:
    return {name: tally.as_row() for name, tally in sorted(group.items())}


def _all_of(group: Tallies) -> Tally:
    """Return the counts of all fields together."""
    every = group.values()
    return Tally(sum(t.wanted for t in every), sum(t.given for t in every), sum(t.right for t in every))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _other_award(wanted: Line, line: Line) -> bool:
    """Return whether an approved line gives other credits, or gives them to someone else."""
    if wanted["rows"]:
        due = {row["employee_no"]: row["credits"] for row in wanted["rows"] if row["credits"]}
        told = {row["employee_no"]: row["credits"] for row in line["rows"] if row["credits"]}
        return due != told
    same_person: bool = line["teacher"]["employee_no"] == wanted["teacher"]
    same_credits: bool = line["credits"] == wanted["credits"]
    return not (same_person and same_credits)
