"""Opens a roster file, XLSX or CSV, as sheets of rows of plain cell values, within limits. Pure."""

import re
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.workbook import Workbook

from core.errors import Invalid, NotFound, TooLarge, XuefenError
from intake.csvtext import read_csv
from intake.filetypes import kind_of, too_large
from intake.limits import Limits
from intake.rostercells import CellValue
from intake.types import FileKind
from intake.zipdirectory import ZipDamaged, find_directory, read_entries

SheetRow = tuple[int, Sequence[CellValue]]

_HEAD = 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MAX_PARTS = 2_000
_MAX_COLUMNS = 100
_LAST_SHEET_ROW = 1_048_576
_LEADING_ZEROS = re.compile(r"0{2,}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title ("" for a CSV), and its rows with their numbers as the spreadsheet shows them."""

    title: str
    rows: Iterator[SheetRow]


def open_sheets(path: Path, file: str, limits: Limits) -> Generator[Sheet, None, None]:
    """Yield the visible sheets of a roster; take each one's rows before asking for the next.

    Raises, naming `file`: NotFound file_not_found, Invalid file_unreadable, file_empty, csv_unreadable,
    roster_unsupported or roster_damaged, TooLarge file_too_large, roster_too_large or roster_too_many_rows.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            if not head:
                raise Invalid("file_empty", "The file {file} is empty.", file=file)
            if size > limits.max_file_bytes:
                raise too_large(file, limits.max_file_bytes)
            if kind_of(head) is FileKind.ZIP:
                yield from _workbook_sheets(stream, size, file, limits)
                return
    except FileNotFoundError:
        raise NotFound("file_not_found", "There is no file {file}.", file=file) from None
    except OSError:
        raise Invalid("file_unreadable", "The file {file} cannot be opened.", file=file) from None
    if kind_of(head) is not None or head.startswith(_OLD_OFFICE):
        raise Invalid(
            "roster_unsupported", "The roster {file} is neither XLSX nor CSV: save it as one of them.", file=file
        )
    yield Sheet("", _limited(read_csv(path, file, limits.max_file_bytes), file, limits))


def _workbook_sheets(stream: BinaryIO, size: int, file: str, limits: Limits) -> Iterator[Sheet]:
    _check_parts(stream, size, file, limits)
    with _damage_coded(file):
        workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    try:
        for sheet in _visible(workbook):
            yield Sheet(sheet.title, _limited(_rows(sheet, file), file, limits))
    finally:
        workbook.close()


def _visible(workbook: Workbook) -> Iterator[Any]:
    return (sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")


def _check_parts(stream: BinaryIO, size: int, file: str, limits: Limits) -> None:
    """Raise before the library unpacks anything: an XLSX is a ZIP, and can be a bomb like any other."""
    parts, unpacked = 0, 0
    try:
        for entry in read_entries(stream, find_directory(stream, size)):
            parts += 1
            unpacked += entry.unpacked
            if parts > _MAX_PARTS or unpacked > limits.max_roster_unpacked_bytes:
                raise TooLarge("roster_too_large", "The roster {file} holds more than can be read.", file=file)
    except ZipDamaged:
        raise _damaged(file) from None
    stream.seek(0)


def _rows(sheet: Any, file: str) -> Iterator[SheetRow]:
    # A sheet's own statement of its extent is often wrong, and the library would believe it.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=_MAX_COLUMNS)
    for number in range(1, _LAST_SHEET_ROW + 1):
        with _damage_coded(file):
            cells = next(rows, None)
            if cells is None:
                return
            values = [None if cell is EMPTY_CELL else _value(cell) for cell in cells]
        yield number, values


def _value(cell: Any) -> CellValue:
    """Return a cell's value; a number that is shown with leading zeros (format 00000) as the text that is shown."""
    value = cell.value
    if type(value) is int and value >= 0 and _LEADING_ZEROS.fullmatch(cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    return value


def _limited(rows: Iterator[SheetRow], file: str, limits: Limits) -> Iterator[SheetRow]:
    for number, cells in rows:
        if not any(cell not in (None, "") for cell in cells):
            continue
        if number > limits.max_roster_rows:
            raise TooLarge(
                "roster_too_many_rows",
                "The roster {file} has more than {most} rows.",
                file=file,
                most=limits.max_roster_rows,
            )
        yield number, cells


@contextmanager
def _damage_coded(file: str) -> Iterator[None]:
    """Turn whatever the library raises on a malformed workbook into one coded error; its remarks are not ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except XuefenError:
        raise
    except Exception as error:
        # KeyError, ValueError, TypeError, zipfile.BadZipFile, ParseError ...: the library does not promise a family.
        raise _damaged(file) from error


def _damaged(file: str) -> Invalid:
    return Invalid("roster_damaged", "The roster {file} is damaged.", file=file)
