"""Fit ocr/calibration.yaml: `python -m benchmarks.calibrate --fixtures A B --held C --cached DIR --write`.

Reads drawn sets, holds the reader's raw beliefs against the truth, compares ways of fitting by cross-validation over
files, fits the chosen one on all of `--fixtures`, and reports on `--held`: other seeds and other authors' layouts, of
which nothing was fitted.
"""

import argparse
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import yaml

from benchmarks.cached import CachedReader
from benchmarks.curves import METHODS, Fitted, Method, Observation, pooled, shrunk
from benchmarks.reliability import Bin, Stated, equal_mass, error, tenths
from benchmarks.truths import Line, Sample, read_samples
from core.errors import XuefenError
from core.settings import Settings
from ocr.calibration import CURVES, Curve, load_curves
from ocr.documents import read_document
from ocr.splitting import split_pages
from ocr.types import DocumentReading

FOLDS = 4
TYPE, ROW = "doc_type", "row"
# The ways that cross-validation chose.
CHOSEN: dict[str, Method] = {"fields": shrunk, TYPE: pooled, ROW: pooled}
HEADING = """\
# How often a value of a given belief is right: [belief, frequency] for each knot, straight lines between them.
# Written by `python -m benchmarks.calibrate --write` (see there); never edited by hand.
"""


def observe(fixtures: Path, reader: CachedReader) -> Iterator[Observation]:
    """Yield every value that the reader gives for a fixture folder, with its raw belief and whether it is right."""
    every = list(read_samples(fixtures))
    reader.fill([(sample.path, sample.kind) for sample in every])
    for sample in every:
        read = reader.pages(sample.path)
        if not isinstance(read, XuefenError):
            for group in split_pages(read[0]):
                yield from observations(f"{fixtures.name}/{sample.path.name}", sample, read_document(group))


def observations(file: str, sample: Sample, reading: DocumentReading) -> Iterator[Observation]:
    """Yield the values of one document: its kind, its fields (those that the truth lacks are wrong) and its rows."""
    wanted = _wanted(sample.truth["documents"], reading.pages)
    yield Observation(file, TYPE, reading.type_confidence, wanted["doc_type"] == reading.doc_type)
    for name, value in reading.fields.items():
        right = wanted["fields"].get(name.value) == value.value
        yield Observation(file, name.value, value.confidence, right, value.source)
    rows = {(r["ordinal"], r["name"], tuple(r["signed"]), r["struck"]) for r in wanted["rows"]}
    for row in reading.rows:
        yield Observation(file, ROW, row.confidence, (row.ordinal, row.name, row.signed, row.struck) in rows)


def _wanted(documents: Sequence[Line], pages: tuple[int, ...]) -> Line:
    """Return the truth's document on these pages, else one that shares a page, else one that says nothing."""
    exact = [d for d in documents if tuple(d["pages"]) == pages]
    sharing = [d for d in documents if set(d["pages"]) & set(pages)]
    return next(iter([*exact, *sharing]), {"doc_type": None, "fields": {}, "rows": []})


def of_kind(seen: Iterable[Observation], kind: str) -> list[Observation]:
    """Return the observations of fields, of kinds of document, or of rows."""
    apart = (TYPE, ROW)
    return [one for one in seen if (one.field not in apart if kind == "fields" else one.field == kind)]


def across(seen: Sequence[Observation], method: Method) -> list[Stated]:
    """Return each value's confidence by a curve fitted on the files of other folds."""
    stated: list[Stated] = []
    for fold in range(FOLDS):
        inside = [one for one in seen if _fold(one.file) == fold]
        fitted = method([one for one in seen if _fold(one.file) != fold])
        stated.extend((fitted.at(one), one.right) for one in inside)
    return stated


def _fold(file: str) -> int:
    return hashlib.sha256(file.encode()).digest()[0] % FOLDS


def report(title: str, stated: Sequence[Stated]) -> None:
    """Print one line of errors."""
    right = sum(right for _, right in stated) / max(len(stated), 1)
    mean = sum(sure for sure, _ in stated) / max(len(stated), 1)
    print(
        f"{title:44} {len(stated):6} right {right:.4f} stated {mean:.4f}   "
        f"ECE tenths {error(tenths(stated)):.4f}  equal mass {error(equal_mass(stated)):.4f}"
    )


def table(bins: Sequence[Bin]) -> None:
    """Print the reliability table."""
    for b in bins:
        print(f"    stated {b.stated:.3f}  right {b.right:.3f}  of {b.count}")


def write(path: Path, fields: Fitted, doc_type: Fitted, row: Fitted, fitted_on: Line) -> None:
    """Write the curves, and on what they were fitted."""
    plain = {
        "fitted": fitted_on,
        "pooled": _knots(fields.pooled),
        "doc_type": _knots(doc_type.pooled),
        "row": _knots(row.pooled),
        "fields": {name: _knots(curve) for name, curve in sorted(fields.fields.items())},
    }
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=116)
    path.write_text(HEADING + text, encoding="utf-8")
    load_curves(path)


def _knots(curve: Curve) -> list[list[float]]:
    return [list(knot) for knot in curve.knots]


def main() -> None:
    """Read the command line, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixtures", type=Path, nargs="+", required=True, help="folders to fit on")
    parser.add_argument("--held", type=Path, nargs="*", default=[], help="folders to report on")
    parser.add_argument("--cached", type=Path, required=True, help="keep page texts here and use them again")
    parser.add_argument("--stale-ok", action="store_true", help="use page texts that other source has read")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write {CURVES.name}")
    options = parser.parse_args()
    reader = CachedReader(Settings(), options.cached, options.workers, options.stale_ok)
    seen = [one for folder in options.fixtures for one in observe(folder, reader)]
    held = {folder: list(observe(folder, reader)) for folder in options.held}
    for kind in CHOSEN:
        for name, method in METHODS.items():
            report(f"{kind}, {name}, across folds", across(of_kind(seen, kind), method))
    chosen = {kind: method(of_kind(seen, kind)) for kind, method in CHOSEN.items()}
    for folder, values in held.items():
        for kind, fitted in chosen.items():
            stated = [(fitted.at(one), one.right) for one in of_kind(values, kind)]
            report(f"{kind}, held: {folder.name}", stated)
            table(equal_mass(stated))
    if options.write:
        files = len({one.file for one in seen})
        on = {"files": files, "values": len(of_kind(seen, "fields")), "rows": len(of_kind(seen, ROW))}
        write(CURVES, chosen["fields"], chosen[TYPE], chosen[ROW], on)
        print(f"written: {CURVES}")


if __name__ == "__main__":
    main()
