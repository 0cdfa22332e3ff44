"""Finds what a run without a server has to read: files, folders, archives, in the order of a manifest if given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from core.errors import Invalid, NotFound, XuefenError
from core.vocabulary import UploadKind
from intake.archives import MEMBER_MARK, unpack
from intake.filetypes import inspect
from intake.limits import Limits
from intake.manifest import Manifest, ManifestRow
from intake.types import FileKind, IncomingFile
from intake.zipnames import is_junk

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class CollectedFile:
    """A file to read, or refused, and who handed it in."""

    incoming: IncomingFile
    upload_kind: UploadKind


@dataclass(frozen=True, slots=True)
class _Source:
    """A path found on disk and what to call it; `error` where there is nothing to read."""

    name: str
    path: Path
    error: XuefenError | None = None

    @property
    def key(self) -> Path:
        """The path that two spellings of one file share."""
        return self.path.resolve()


def collect(
    paths: Sequence[Path],
    manifest: Manifest | None,
    limits: Limits,
    scratch: Path,
    default_kind: UploadKind = UploadKind.INDIVIDUAL,
) -> Iterator[CollectedFile]:
    """Yield every file of a run once it is inspected; what cannot be read comes with its coded error in its place.

    Folders are walked down in natural order (2 before 10), hidden files left out. Archives are unpacked into `scratch`,
    their members named `batch.zip!/张三/a.jpg`; the members stay there until the caller removes the folder. A manifest
    by itself names what to read. Given with paths it says the order and upload kind of those among them that it names;
    the rest follow in their own order with `default_kind`.
    """
    archives = _Archives(limits, scratch)
    rows = manifest.rows if manifest else ()
    sources = [source for path in paths for source in _found_at(path)]
    given = {source.key for source in sources}
    named = {(row.path.resolve(), row.member) for row in rows}
    for row in rows:
        if not paths or row.path.resolve() in given:
            for incoming in _of_row(row, named, archives):
                yield CollectedFile(incoming, row.upload_kind or default_kind)
    skipped = {key for key, member in named if member is None}
    if manifest:
        skipped.add(manifest.path.resolve())
    for source in sources:
        if source.key not in skipped:
            for incoming in _of_source(source, named, archives):
                yield CollectedFile(incoming, default_kind)


class _Archives:
    """Inspected files, archives taken apart: each archive is unpacked once, whoever asks for its members."""

    def __init__(self, limits: Limits, scratch: Path) -> None:
        self._limits = limits
        self._scratch = scratch
        self._kept: dict[Path, list[tuple[str | None, IncomingFile]]] = {}

    def members(self, name: str, path: Path) -> Iterator[IncomingFile]:
        """Yield the file itself, or the members of an archive; one refused as a whole is yielded with its error."""
        found = inspect(name, path, self._limits)
        if found.kind is not FileKind.ZIP:
            yield found
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        try:
            yield from unpack(path, name, Path(mkdtemp(dir=self._scratch)), self._limits)
        except XuefenError as error:
            yield replace(found, kind=None, sha256=None, error=error)

    def kept(self, name: str, path: Path) -> list[tuple[str | None, IncomingFile]]:
        """Return the same with each member's name inside the archive (None: the file itself), unpacked only once."""
        key = path.resolve()
        if key not in self._kept:
            prefix = name + MEMBER_MARK
            self._kept[key] = [
                (item.name.removeprefix(prefix) if item.name.startswith(prefix) else None, item)
                for item in self.members(name, path)
            ]
        return self._kept[key]


_Named = set[tuple[Path, str | None]]


def _of_row(row: ManifestRow, named: _Named, archives: _Archives) -> Iterator[IncomingFile]:
    """Yield what a manifest's row means: a member, a file, or an archive but for members with rows of their own."""
    if row.member is None:
        yield from _of_source(_Source(row.name, row.path), named, archives)
        return
    found = False
    for member, item in archives.kept(row.name.partition(MEMBER_MARK)[0], row.path):
        # An archive that is refused as a whole stands in for each of its members.
        if member == row.member or (member is None and item.error is not None):
            found = True
            yield replace(item, name=row.name)
    if not found:
        error = NotFound("file_not_found", "There is no file {file}.", file=row.name)
        yield IncomingFile(name=row.name, path=row.path, error=error)


def _of_source(source: _Source, named: _Named, archives: _Archives) -> Iterator[IncomingFile]:
    if source.error is not None:
        yield IncomingFile(name=source.name, path=source.path, error=source.error)
        return
    apart = {member for key, member in named if key == source.key and member is not None}
    if not apart:
        yield from archives.members(source.name, source.path)
        return
    for member, item in archives.kept(source.name, source.path):
        if member is None:
            yield replace(item, name=source.name)
        elif member not in apart:
            yield replace(item, name=source.name + MEMBER_MARK + member)


def _found_at(path: Path) -> Iterator[_Source]:
    """Yield what a path given by the user means: itself, or what a folder holds."""
    name = path.as_posix()
    if path.is_dir():
        found = False
        for inner in _walk(path):
            found = True
            yield _Source(inner.as_posix(), inner)
        if not found:
            error = Invalid("folder_empty", "The folder {file} holds no files.", file=name)
            yield _Source(name, path, error)
    else:
        yield _Source(name, path)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder: its own first, then folder by folder; links to folders are not followed."""
    try:
        inside = sorted(folder.iterdir(), key=_natural)
    except OSError:
        return
    shown = [path for path in inside if not path.name.startswith(".") and not is_junk(path.name)]
    for path in shown:
        if path.is_file():
            yield path
    for path in shown:
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Return a sorting key that puts 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(path.name)]
