"""Reads CSV tables as Chinese desktops write them: UTF-8 or GB 18030, commas, tabs or semicolons. Pure."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from core.errors import Invalid, NotFound
from intake.filetypes import too_large

_DELIMITERS = ",\t;"
_LINES_SAMPLED = 20
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_csv(path: Path, name: str, most_bytes: int) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number from 1 as a spreadsheet shows it, cells); `name` is what errors call the file.

    Raises NotFound file_not_found, Invalid file_unreadable or csv_unreadable, TooLarge file_too_large.
    """
    text = _text(path, name, most_bytes)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from enumerate(rows, start=1)
    except csv.Error:
        raise _unreadable(name) from None


def _text(path: Path, name: str, most_bytes: int) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(most_bytes + 1)
    except FileNotFoundError:
        raise NotFound("file_not_found", "There is no file {file}.", file=name) from None
    except OSError:
        raise Invalid("file_unreadable", "The file {file} cannot be opened.", file=name) from None
    if len(data) > most_bytes:
        raise too_large(name, most_bytes)
    encodings = ("utf-16",) if data.startswith(_UTF16_MARKS) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _unreadable(name)


def _delimiter(text: str) -> str:
    """Return the delimiter met most often in the first lines; Excel writes tabs and semicolons in some settings."""
    sample = "\n".join(text.splitlines()[:_LINES_SAMPLED])
    return max(_DELIMITERS, key=sample.count)


def _unreadable(name: str) -> Invalid:
    return Invalid("csv_unreadable", "The file {file} is not a CSV table in UTF-8 or GB 18030.", file=name)
