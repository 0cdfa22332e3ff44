"""Values of the intake stage."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from core.errors import XuefenError


class FileKind(StrEnum):
    """What a file is by its first bytes, never by its name."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tiff"
    BMP = "bmp"
    HEIC = "heic"
    PDF = "pdf"
    ZIP = "zip"


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file found in an upload or on the command line, before it is read.

    `name` is how the uploader knows it (`batch.zip!/张三/a.jpg` for a member of an archive); `path` is where its bytes
    lie now. Either `kind` and `sha256` are set, or `error` says why it is refused. `notes` are stable codes
    (e.g. `extension_mismatch`: the name says .jpg, the bytes say PDF).
    """

    name: str
    path: Path
    kind: FileKind | None = None
    sha256: str | None = None
    size: int = 0
    error: XuefenError | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterTeacher:
    """One teacher of the roster. `id_number` is clear text here and only here; tables hold it encrypted."""

    employee_no: str
    name: str
    school: str
    id_number: str | None = None
    birth_date: date | None = None
    gender: str | None = None
    subject: str | None = None
    phone: str | None = None
    entry_date: date | None = None
    row: int | None = None
    """Where the spreadsheet shows the teacher; None for those who come from elsewhere."""


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """What is wrong with one row of a roster: row number and heading as the spreadsheet shows them, coded error."""

    row: int
    column: str
    error: XuefenError


@dataclass(frozen=True, slots=True)
class RosterSheet:
    """A parsed roster: the good rows, and a report on the others."""

    teachers: tuple[RosterTeacher, ...]
    problems: tuple[RosterProblem, ...]
