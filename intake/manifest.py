"""The manifest of a run: which file comes when, and who handed it in. Pure.

A CSV with the columns `file` and `upload_kind`. Paths are relative to the CSV's folder; `batch.zip!/张三/a.jpg` names a
member of an archive. The order is the rows' order: a later file can be the duplicate of an earlier one.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid
from core.vocabulary import UploadKind
from intake.archives import MEMBER_MARK
from intake.csvtext import read_csv
from intake.limits import Limits

_FILE_HEADINGS = frozenset({"file", "文件", "文件名"})
_KIND_HEADINGS = frozenset({"upload_kind", "上传方式"})
_KINDS = {
    "individual": UploadKind.INDIVIDUAL,
    "个人": UploadKind.INDIVIDUAL,
    "organiser": UploadKind.ORGANISER,
    "组织单位": UploadKind.ORGANISER,
}


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One row: the name as written, the file it means, a member if that file is an archive, and who handed it in.

    `upload_kind` is None where the row leaves it to the run's default.
    """

    name: str
    path: Path
    member: str | None
    upload_kind: UploadKind | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest's rows in their order, and where it lies."""

    path: Path
    rows: tuple[ManifestRow, ...]


def read_manifest(path: Path, limits: Limits) -> Manifest:
    """Return the manifest at `path`.

    Raises what `read_csv` raises, Invalid manifest_no_header for a missing `file` column, and Invalid manifest_no_file
    or manifest_kind_unknown with the row number for a bad row. Whether the files exist is not asked.
    """
    rows = read_csv(path, path.name, limits.max_file_bytes)
    columns = _columns(path.name, next(rows, (1, []))[1])
    return Manifest(
        path, tuple(_row(path, number, cells, columns) for number, cells in rows if any(cell.strip() for cell in cells))
    )


def _columns(name: str, header: Sequence[str]) -> tuple[int, int | None]:
    """Return where `file` and, if there is one, `upload_kind` stand."""
    headings = [cell.strip().lower() for cell in header]
    file = next((index for index, heading in enumerate(headings) if heading in _FILE_HEADINGS), None)
    kind = next((index for index, heading in enumerate(headings) if heading in _KIND_HEADINGS), None)
    if file is None:
        raise Invalid("manifest_no_header", 'The manifest {file} has no column "file".', file=name)
    return file, kind


def _row(manifest: Path, number: int, cells: Sequence[str], columns: tuple[int, int | None]) -> ManifestRow:
    file, kind = columns
    name = _cell(cells, file).replace("\\", "/")
    if not name:
        raise Invalid(
            "manifest_no_file", "Row {row} of the manifest {file} names no file.", file=manifest.name, row=number
        )
    written = "" if kind is None else _cell(cells, kind)
    if written and written.lower() not in _KINDS:
        raise Invalid(
            "manifest_kind_unknown",
            "Row {row} of the manifest {file} has the unknown upload kind {kind}: use individual or organiser.",
            file=manifest.name,
            row=number,
            kind=written,
        )
    archive, mark, member = name.partition(MEMBER_MARK)
    return ManifestRow(
        name=name,
        path=manifest.parent / (archive if mark else name),
        member=unicodedata.normalize("NFC", member) if mark else None,
        upload_kind=_KINDS.get(written.lower()),
    )


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""
