"""What each repair of a page is worth: `python -m benchmarks.repairs [--fixtures DIR] [--every N]`.

Reads a spread of a fixture folder's files with all repairs, then with each of them switched off in turn, page by page
in one process, and prints how many of the truth's facts (fields and sheet rows) are read exactly with and without, in
how many files the repair helps and harms, and what it costs in processor time. The ratio travels better than seconds.
What the models said of one file's images is kept while the repairs are switched, with the time that it took: only what
a repair changes is read again, yet all of it is counted.
"""

import argparse
import csv
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from core.errors import XuefenError
from core.settings import Settings
from intake.filetypes import inspect
from intake.limits import Limits
from intake.types import FileKind
from ocr.documents import read_documents
from ocr.engine import Engine
from ocr.models import ModelPaths
from ocr.paddle import PaddleModels, Quad, Recognised
from ocr.reader import read_pages
from ocr.repairs import ALL_REPAIRS, Repairs
from ocr.service import fetch_models
from ocr.types import DocumentReading

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
TEXT_LAYER = "text_layer"
Facts = frozenset[tuple[Any, ...]]
Source = tuple[Path, FileKind, Facts]
Image = NDArray[np.uint8]


@dataclass
class Worth:
    """What was counted with one repair switched off."""

    right: int = 0
    seconds: float = 0.0
    helps: list[str] = field(default_factory=list)
    harms: list[str] = field(default_factory=list)


class Remembering(PaddleModels):
    """The models with a memory: an image that was seen before costs nothing, and `saved` counts what it had cost."""

    def __init__(self, paths: ModelPaths, scratch: Path) -> None:
        """Load the models."""
        super().__init__(paths, scratch)
        self.saved = 0.0
        self._known: dict[tuple[str, bytes], tuple[Any, float]] = {}

    def forget(self) -> None:
        """Drop what was kept, before the next file."""
        self._known.clear()

    def detect(self, image: Image) -> list[Quad]:
        """Return the text lines of an image."""
        found: list[Quad] = self._once("detect", image, super().detect)
        return list(found)

    def recognise(self, crops: Sequence[Image]) -> list[Recognised]:
        """Read crops, one by one."""
        return [self._once("recognise", crop, lambda one: PaddleModels.recognise(self, [one])[0]) for crop in crops]

    def orient(self, image: Image) -> tuple[int, float]:
        """Return by how much a page appears turned."""
        turned: tuple[int, float] = self._once("orient", image, super().orient)
        return turned

    def _once(self, task: str, image: Image, ask: Callable[[Image], Any]) -> Any:
        key = (task, hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest())
        if key in self._known:
            said, seconds = self._known[key]
            self.saved += seconds
            return said
        start = time.process_time()
        said = ask(image)
        self._known[key] = (said, time.process_time() - start)
        return said


class Measured(Engine):
    """The engine with models that remember."""

    models: Remembering

    def __init__(self, paths: ModelPaths, scratch: Path) -> None:
        """Load the models once, with their memory."""
        self.models = Remembering(paths, scratch)
        self.repairs = ALL_REPAIRS


def truth_facts(truth: dict[str, Any]) -> Facts:
    """Return what a truth file says: document types, fields, and whole rows of sheets, each with its pages."""
    facts: set[tuple[Any, ...]] = set()
    for document in truth["documents"]:
        pages = tuple(document["pages"])
        facts.add((pages, "doc_type", document["doc_type"]))
        facts |= {(pages, name, value) for name, value in document["fields"].items()}
        facts |= {
            (pages, "row", row["ordinal"], row["name"], tuple(row["signed"]), row["struck"]) for row in document["rows"]
        }
    return frozenset(facts)


def read_facts(documents: Sequence[DocumentReading]) -> Facts:
    """Return what was read, in the same form."""
    facts: set[tuple[Any, ...]] = set()
    for document in documents:
        facts.add((document.pages, "doc_type", document.doc_type.value))
        facts |= {(document.pages, name.value, value.value) for name, value in document.fields.items()}
        facts |= {(document.pages, "row", row.ordinal, row.name, row.signed, row.struck) for row in document.rows}
    return frozenset(facts)


def sources(fixtures: Path, every: int) -> list[Source]:
    """Return each N-th of the folder's samples, with its kind and truth."""
    samples = fixtures / "samples"
    with (samples / "manifest.csv").open(encoding="utf-8-sig", newline="") as stream:
        paths = [samples / row["file"] for row in csv.DictReader(stream)][::every]
    found: list[Source] = []
    for path in paths:
        kind = inspect(path.name, path, Limits()).kind
        if kind is not None:
            truth = json.loads((samples / "truth" / f"{path.stem}.json").read_text(encoding="utf-8"))
            found.append((path, kind, truth_facts(truth)))
    return found


def read(source: Source, engine: Measured, repairs: Repairs, *, text_layer: bool = True) -> tuple[Facts, float]:
    """Return the facts read rightly from a file, and the processor seconds that it took."""
    path, kind, wanted = source
    engine.repairs = repairs
    saved = engine.models.saved
    start = time.process_time()
    try:
        pages, _ = read_pages(path, kind, engine, Limits(), lambda _page, _step: None, text_layer=text_layer)
        right = wanted & read_facts(read_documents(pages))
    except XuefenError:
        right = frozenset()
    return right, time.process_time() - start + engine.models.saved - saved


def measure(found: Sequence[Source], engine: Measured, names: Sequence[str]) -> tuple[Worth, dict[str, Worth]]:
    """Read every file with all repairs and without each; return both counts."""
    whole, without = Worth(), {name: Worth() for name in names}
    for source in found:
        name_of_file = source[0].name
        engine.models.forget()
        best, seconds = read(source, engine, ALL_REPAIRS)
        whole.right += len(best)
        whole.seconds += seconds
        for name, worth in without.items():
            layer = name != TEXT_LAYER
            repairs = replace(ALL_REPAIRS, **{name: False}) if layer else ALL_REPAIRS
            right, seconds = read(source, engine, repairs, text_layer=layer)
            worth.right += len(right)
            worth.seconds += seconds
            if best - right:
                worth.helps.append(name_of_file)
            if right - best:
                worth.harms.append(name_of_file)
    return whole, without


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="folder with samples/")
    parser.add_argument("--every", type=int, default=6, help="read each N-th file")
    parser.add_argument("--only", nargs="*", default=[], help="these repairs alone")
    options = parser.parse_args()
    names = options.only or [*(switch.name for switch in fields(Repairs)), TEXT_LAYER]
    found = sources(options.fixtures, options.every)
    with tempfile.TemporaryDirectory(prefix="xuefen-repairs-") as scratch:
        engine = Measured(fetch_models(Settings()), Path(scratch))
        read(found[0], engine, ALL_REPAIRS)
        whole, without = measure(found, engine, names)
    wanted = sum(len(facts) for _, _, facts in found)
    table = Table("switched off", "facts exact", "lost without", "helps files", "harms files", "time with / without")
    table.add_row("nothing", f"{whole.right}/{wanted}", "", "", "", "")
    for name, worth in without.items():
        table.add_row(
            name,
            f"{worth.right}/{wanted}",
            f"{whole.right - worth.right:+d}",
            f"{len(worth.helps)} {' '.join(worth.helps[:3])}",
            f"{len(worth.harms)} {' '.join(worth.harms[:3])}",
            f"{whole.seconds / worth.seconds:.2f}",
        )
    console = Console()
    console.print(table)
    console.print(f"{len(found)} files, {whole.seconds / len(found):.2f} processor seconds a file with all repairs")


if __name__ == "__main__":
    main()
