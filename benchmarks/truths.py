"""The samples of a fixture folder with their truth."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intake.filetypes import inspect
from intake.limits import Limits
from intake.types import FileKind

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """One file, its kind, and what its truth file says."""

    path: Path
    kind: FileKind
    truth: Line


def read_truths(samples: Path) -> list[Line]:
    """Return the truth files of a folder of samples, in the order of their names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((samples / "truth").glob("*.json"))]


def read_samples(fixtures: Path) -> Iterator[Sample]:
    """Yield the readable samples of a fixture folder with their truth."""
    samples = fixtures / "samples"
    for truth in read_truths(samples):
        path = samples / truth["file"]
        kind = inspect(path.name, path, Limits()).kind
        if kind is not None:
            yield Sample(path, kind, truth)


def truths_hash(samples: Path) -> str:
    """Return a hash of all truth files: two runs are comparable only over the same documents."""
    digest = hashlib.sha256()
    for path in sorted((samples / "truth").glob("*.json")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
