"""Measure reading and judging on the fixtures: `make accuracy`, or `python -m benchmarks.accuracy --help`.

Reads the samples in the manifest's order through the product's own reader and rules, compares with the truth files,
prints the tables, the wrong approves and every miss, and saves all of it under out/. Ends with status 1 below a bar.
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from benchmarks import report
from benchmarks.cached import CachedReader
from benchmarks.scoring import Score, score_run
from cli.reading import Run
from core.settings import Settings
from core.vocabulary import UploadKind
from intake.collect import collect
from intake.manifest import read_manifest
from intake.roster import read_roster
from intake.service import limits_of
from ocr.names import Roster
from ocr.pool import ReaderPool
from ocr.service import open_readers
from verification.loader import load_pack

POLICY = "xinxiang-2016-2020"
TODAY = date(2020, 12, 31)
BARS = {"holder_name": 0.93, "hours": 0.93, "score": 0.93, "issue_date": 0.93, "certificate_no": 0.93}
TYPE_BAR = 0.97
RECOMMENDATION_BAR = 0.90
FIXTURES = Path(__file__).parent.parent / "fixtures"


def run_lines(fixtures: Path, cached: Path | None, workers: int) -> list[dict[str, Any]]:
    """Return the JSON lines of all samples of a fixture folder (samples/manifest.csv, roster.xlsx)."""
    settings = Settings()
    limits = limits_of(settings)
    roster = Roster(read_roster(fixtures / "roster.xlsx").teachers)
    run = Run(load_pack(POLICY), roster, TODAY, "en")
    manifest = read_manifest(fixtures / "samples" / "manifest.csv", limits)
    lines: list[dict[str, Any]] = []
    with TemporaryDirectory(prefix="xuefen-accuracy-") as scratch:
        files = list(collect([], manifest, limits, Path(scratch), UploadKind.INDIVIDUAL))
        if cached is not None:
            # stands in for the pool: the same map, in this process
            reader = cast(ReaderPool, CachedReader(settings, cached, workers))
            for _, found in run.lines(files, reader):
                lines += found
            return lines
        with open_readers(settings, workers) as pool:
            for _, found in run.lines(files, pool):
                lines += found
    return lines


def print_score(score: Score) -> None:
    """Print the tables, the wrong approves and the misses."""
    data = score.as_data()
    print(
        f"documents {data['documents']}   type right {data['type_right']:.1%}   files split right {data['split_right']}"
    )
    for heading, table in (("type", data["types"]), ("field", data["fields"])):
        print(f"\n{heading:24}{'wanted':>8}{'given':>8}{'right':>8}{'prec.':>8}{'exact':>8}")
        for name, row in table.items():
            counts = "".join(f"{row[k]:8}" for k in ("wanted", "given", "right"))
            print(f"{name:24}{counts}{row['precision']:8.1%}{row['recall']:8.1%}")
    print("\nexact by channel")
    for channel, table in data["by_channel"].items():
        barred = "  ".join(f"{n} {table[n]['recall']:.0%}/{table[n]['wanted']}" for n in BARS if n in table)
        print(f"  {channel:12}{barred}")
    print(f"\nsign-in rows {data['rows']}")
    print(f"recommendation right {data['recommendation_right']:.1%}   {data['confusion']}")
    print(f"confidence (right, of) by tenth {data['confidence']}   calibration error {score.calibration_error()}")
    print(f"wrong approves {len(score.wrong_approves)}")
    for line in score.wrong_approves:
        print(f"  {line}")
    print("\nmisses")
    for miss in score.misses:
        print(
            f"  {miss['file']} p{miss['pages']} {miss['channel']} {miss['layout']} {miss['field']}: "
            f"{miss['wanted']!r} read as {miss['given']!r} ({miss['confidence']})"
        )


def below_bars(score: Score) -> list[str]:
    """Return what stays below its bar."""
    data = score.as_data()
    low = [f"{n} {data['fields'][n]['recall']:.1%}" for n, bar in BARS.items() if data["fields"][n]["recall"] < bar]
    if data["type_right"] < TYPE_BAR:
        low.append(f"document type {data['type_right']:.1%}")
    if data["recommendation_right"] < RECOMMENDATION_BAR:
        low.append(f"recommendation {data['recommendation_right']:.1%}")
    if score.wrong_approves:
        low.append(f"wrong approves {len(score.wrong_approves)}")
    return low


def main() -> None:
    """Read the command line, measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="folder with samples/ and roster.xlsx")
    parser.add_argument("--cached", type=Path, default=None, help="keep page texts here and use them again")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path, default=None, help="write the tables as a page of the docs")
    parser.add_argument("--out", type=Path, default=Path("out/accuracy.json"))
    options = parser.parse_args()
    lines = run_lines(options.fixtures, options.cached, options.workers)
    score = score_run(options.fixtures / "samples", lines)
    print_score(score)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(score.as_data(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.page is not None:
        options.page.write_text(report.page(score.as_data(), tuple(BARS)), encoding="utf-8")
    low = below_bars(score)
    if low:
        print(f"\nbelow the bar: {', '.join(low)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
