"""Measure reading and judging on the fixtures: `make accuracy`, or `python -m benchmarks.accuracy --help`.

Reads the samples in the manifest's order through the product's own reader and rules, compares with the truth files,
prints the tables, the wrong approves, every miss and what changed since the last saved run over the same documents, and
saves all of it as JSON and as an HTML page with pictures under out/. Ends with status 1 below a bar; with --strict also
where anything got worse, and then the earlier run stays the one to compare with.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from benchmarks import report
from benchmarks.bars import Met, held_against
from benchmarks.cached import CachedReader
from benchmarks.compare import Change, changes
from benchmarks.pictures import Pictures, Reads
from benchmarks.scoring import score_run
from benchmarks.tallies import Line
from benchmarks.truths import truths_hash
from cli.reading import Run
from core.settings import Settings
from core.vocabulary import UploadKind
from intake.collect import CollectedFile, collect
from intake.manifest import read_manifest
from intake.roster import read_roster
from intake.service import limits_of
from ocr.names import Roster
from ocr.pool import ReaderPool
from ocr.service import open_readers
from verification.loader import load_pack

POLICY = "xinxiang-2016-2020"
TODAY = date(2020, 12, 31)
ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure: the command line."""

    fixtures: Path
    cached: Path | None
    stale_ok: bool
    workers: int
    page: Path | None
    out: Path
    strict: bool


def read_lines(options: Options, pictures: Path) -> tuple[list[Line], Pictures]:
    """Return the JSON lines of all samples of a fixture folder (samples/manifest.csv, roster.xlsx)."""
    settings = Settings()
    limits = limits_of(settings)
    run = Run(load_pack(POLICY), Roster(read_roster(options.fixtures / "roster.xlsx").teachers), TODAY, "en")
    manifest = read_manifest(options.fixtures / "samples" / "manifest.csv", limits)
    with TemporaryDirectory(prefix="xuefen-accuracy-") as scratch:
        files = list(collect([], manifest, limits, Path(scratch), UploadKind.INDIVIDUAL))
        if options.cached is not None:
            return _judged(
                run, files, CachedReader(settings, options.cached, options.workers, options.stale_ok), pictures
            )
        with open_readers(settings, options.workers) as pool:
            return _judged(run, files, pool, pictures)


def _judged(run: Run, files: list[CollectedFile], reader: Reads, folder: Path) -> tuple[list[Line], Pictures]:
    pictures = Pictures(reader, folder)
    # it stands in for the pool: the same map
    return [line for _, found in run.lines(files, cast(ReaderPool, pictures)) for line in found], pictures


def print_score(data: dict[str, Any]) -> None:
    """Print the tables, the wrong approves and the misses."""
    for heading in ("types", "fields", "fields_by_type", "fields_by_channel", "names", "rows_read", "rows"):
        print(f"\n{heading:24}{'wanted':>8}{'given':>8}{'right':>8}{'prec.':>8}{'exact':>8}{'F1':>8}")
        for name, row in data[heading].items():
            counts = "".join(f"{row[k]:8}" for k in ("wanted", "given", "right"))
            print(f"{name:24}{counts}{row['precision']:8.1%}{row['recall']:8.1%}{row['f1']:8.1%}")
    for grouped in ("by_type", "by_channel", "by_wear"):
        print(f"\nprecision and exact {grouped.replace('_', ' ')}")
        for group, table in data[grouped].items():
            print(f"  {group}")
            for name, row in table.items():
                print(f"    {name:20}{row['precision']:8.1%}{row['recall']:8.1%} of {row['wanted']}")
    print(f"\nrecommendations {data['confusion']}")
    for name in ("fields", "row", "doc_type"):
        table = data["calibration"].get(name)
        if table:
            print(f"calibration error, {name}: {table['error']:.4f} over {table['values']} values")
            print("  " + "  ".join(f"{b['stated']:.3f}:{b['right']:.3f}/{b['count']}" for b in table["equal_mass"]))
    print("\nmisses")
    for miss in data["misses"]:
        print(
            f"  {miss['file']} p{miss['pages']} {miss['channel']} {miss['layout']} {miss['field']}: "
            f"{miss['wanted']!r} read as {miss['given']!r} ({miss['confidence']})"
        )


def print_verdict(data: dict[str, Any], met: list[Met], changed: list[Change] | None) -> None:
    """Print what changed, the wrong approves and the bars."""
    if changed is None:
        print("\nno earlier run over the same documents")
    else:
        print(f"\nsince the last saved run {len(changed)} changes")
    for change in changed or ():
        print(f"  {'better' if change.better else 'WORSE '} {change.what}: {change.before} -> {change.now}")
    print(f"\nwrong approves {len(data['wrong_approves'])}")
    for line in data["wrong_approves"]:
        print(f"  {line}")
    print("\nbars")
    for bar in met:
        figure = "no case" if bar.figure is None else f"{bar.figure:.4f} of {bar.cases}"
        sign = "<=" if bar.most else ">="
        print(f"  {'met  ' if bar.passed else 'BELOW'} {bar.name:40} {figure:>16}   {sign} {bar.bar}")


def save(path: Path, text: str) -> None:
    """Write a file, its folder first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def measure(options: Options) -> bool:
    """Measure, print and save; return whether all is well."""
    samples = options.fixtures / "samples"
    name, truths = options.fixtures.resolve().name, truths_hash(samples)
    # one for each set of documents: two folders may have the same name
    last = options.out.with_name(f"accuracy-{name}-{truths}.json")
    with TemporaryDirectory(prefix="xuefen-pictures-") as folder:
        lines, pictures = read_lines(options, Path(folder))
        hashes = {Path(line["file"]).name: line["sha256"] for line in lines if "sha256" in line}
        data = {"set": name, "truths": truths, "files": len({line["file"] for line in lines})}
        data |= score_run(samples, lines).as_data()
        met = held_against(data)
        before = json.loads(last.read_text(encoding="utf-8")) if last.is_file() else None
        changed = changes(before, data)
        save(options.out.with_suffix(".html"), report.html_page(data, met, changed, pictures, hashes))
    print_score(data)
    print_verdict(data, met, changed)
    worse = any(not change.better for change in changed or ())
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    save(options.out, text)
    if not (worse and options.strict):
        save(last, text)
    if options.page is not None:
        plot = options.page.with_suffix(".svg")
        save(plot, report.reliability_plot(data))
        save(options.page, report.docs_page(data, met, plot.name))
    return all(bar.passed for bar in met) and not (worse and options.strict)


def main() -> None:
    """Read the command line, measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="folder with samples/ and roster.xlsx")
    parser.add_argument("--cached", type=Path, default=None, help="keep page texts here and use them again")
    parser.add_argument("--stale-ok", action="store_true", help="use page texts that other source has read")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path, default=None, help="write the tables as a page of the docs")
    parser.add_argument("--out", type=Path, default=Path("out/accuracy.json"), help="the run as JSON; HTML beside it")
    parser.add_argument("--strict", action="store_true", help="fail where anything is worse than in the last saved run")
    sys.exit(0 if measure(Options(**vars(parser.parse_args()))) else 1)


if __name__ == "__main__":
    main()
