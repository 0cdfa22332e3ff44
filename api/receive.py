"""A multipart upload straight to disk: every part's bytes go to a file in a scratch folder as they arrive.

Starlette's own parser keeps up to 1 MiB of each part in memory, which with thousands of files is gigabytes. Limits are
counted while bytes arrive, so that nothing larger than allowed is ever written.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from core.errors import Invalid, TooLarge
from core.settings import MIB, Settings

MAX_FIELD_BYTES = 4096
MAX_FIELDS = 20
MAX_HEADER_BYTES = 8192
MAX_NAME = 400
CHUNK_BYTES = 1 * MIB


@dataclass(frozen=True, slots=True)
class ReceiveLimits:
    """Most bytes of one file and of all together, and most files."""

    file_bytes: int
    all_bytes: int
    files: int


def receive_limits(settings: Settings) -> ReceiveLimits:
    """Return the limits of one upload request; any single part may be a ZIP, so it may be as large as one."""
    largest = max(settings.max_archive_mib, settings.max_file_mib) * MIB
    return ReceiveLimits(largest, 2 * largest, settings.max_batch_files)


@dataclass(slots=True)
class Received:
    """The form's plain fields, and its files as (name as the client gave it, path of the bytes)."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, Path]] = field(default_factory=list)


async def receive(request: Request, folder: Path, limits: ReceiveLimits) -> Received:
    """Read the request's multipart body into `folder`.

    Raises Invalid `multipart_expected` or `multipart_malformed`, TooLarge `upload_too_large` or `too_many_files`.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Invalid("multipart_expected", "Send the files as multipart/form-data.")
    writer = _PartWriter(folder, limits)
    parser = MultipartParser(boundary, writer.callbacks())  # type: ignore[arg-type]  # its TypedDict wants every key
    waiting = bytearray()
    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= CHUNK_BYTES:
                await run_in_threadpool(parser.write, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(parser.write, bytes(waiting))
        parser.finalize()
    except MultipartParseError as error:
        raise _malformed() from error
    finally:
        writer.close()
    if not writer.finished:
        raise _malformed()
    return writer.received


def _malformed() -> Invalid:
    return Invalid("multipart_malformed", "The upload broke off or is malformed. Send it again.")


class _PartWriter:
    """Collects what the parser calls out: small parts as fields, parts with a file name as files."""

    def __init__(self, folder: Path, limits: ReceiveLimits) -> None:
        self.received = Received()
        self.finished = False
        self._folder = folder
        self._limits = limits
        self._all_bytes = 0
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._field = ""
        self._content = bytearray()
        self._file: BinaryIO | None = None
        self._file_bytes = 0

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return the parser's call-backs."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def close(self) -> None:
        """Close a file that the upload broke off in."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._disposition, self._field = b"", ""
        self._content.clear()
        self._file_bytes = 0

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check_header()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header) + len(self._value) > MAX_HEADER_BYTES:
            raise _malformed()

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        if len(self.received.files) >= self._limits.files:
            raise TooLarge("too_many_files", "The upload has more than {limit} files.", limit=self._limits.files)
        path = self._folder / str(len(self.received.files))
        self.received.files.append((clean_name(options[b"filename"]), path))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        size = end - start
        if self._file is None:
            self._content += data[start:end]
            if len(self._content) > MAX_FIELD_BYTES:
                raise _malformed()
            return
        self._file_bytes += size
        self._all_bytes += size
        if self._file_bytes > self._limits.file_bytes or self._all_bytes > self._limits.all_bytes:
            raise TooLarge(
                "upload_too_large", "The upload is larger than {limit} MiB.", limit=self._limits.all_bytes // MIB
            )
        self._file.write(memoryview(data)[start:end])

    def _end(self) -> None:
        if self._file is not None:
            self.close()
        elif self._field:
            if len(self.received.fields) >= MAX_FIELDS:
                raise _malformed()
            self.received.fields[self._field] = self._content.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.finished = True


def clean_name(raw: bytes) -> str:
    """Return a client's file name as one line of printable text; it is shown, never used as a path."""
    name = raw.decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name).strip()
    return shown[-MAX_NAME:] or "?"
