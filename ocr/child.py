"""The reader child's own program: `python -m ocr.child FD PARENT ADDRESS_SPACE_MIB MODELS SCRATCH`.

Started by ocr/sandbox.py only. Its limits stand before any library is imported, thus before any file is opened.
Messages are one tag byte and JSON: `S` ready, `P` progress, `R` reading, `E` error. It ends when its parent does.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

READY, PROGRESS, READING, ERROR = b"S", b"P", b"R", b"E"
_PR_SET_PDEATHSIG = 1
_MIB = 1024 * 1024
_LARGEST_FILE = 256 * _MIB


def main() -> None:
    """Confine this process, load the models, then read files until the pipe closes."""
    descriptor, parent, memory, models, scratch = sys.argv[1:]
    confine(int(parent), int(memory))
    connection = Connection(int(descriptor))
    try:
        serve(connection, Path(models), Path(scratch))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def confine(parent: int, memory_mib: int) -> None:
    """Set the limits: address space, core dumps, written files; die with the parent; leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_AS, (memory_mib * _MIB, memory_mib * _MIB))
    if os.getppid() != parent:
        raise SystemExit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))


def serve(connection: Connection, models: Path, scratch: Path) -> None:
    """Load the models, say so, then answer requests one at a time."""
    # Imported here so that the limits stand before any library is loaded.
    from core.errors import Unavailable, XuefenError  # noqa: PLC0415
    from intake.limits import Limits  # noqa: PLC0415
    from intake.types import FileKind  # noqa: PLC0415
    from ocr.wire import error_to_plain, to_json  # noqa: PLC0415

    def fail(error: XuefenError) -> None:
        connection.send_bytes(ERROR + json.dumps(error_to_plain(error)).encode())

    def progress(page: int, step: str) -> None:
        connection.send_bytes(PROGRESS + json.dumps([page, step]).encode())

    try:
        engine = _engine(models, scratch)
    except XuefenError as error:
        fail(error)
        return
    from ocr.reader import read_file  # noqa: PLC0415 - needs OpenCV, which _engine has asked for in clear words

    connection.send_bytes(READY)
    while True:
        request: dict[str, Any] = json.loads(connection.recv_bytes())
        try:
            reading = read_file(
                Path(request["path"]),
                FileKind(request["kind"]),
                engine,
                Limits(max_pixels=request["max_pixels"], max_pages=request["max_pages"]),
                progress,
                text_layer=request["text_layer"],
            )
            connection.send_bytes(READING + to_json(reading))
        except XuefenError as error:
            fail(error)
        except Exception as error:
            if not out_of_memory(error):
                raise
            fail(Unavailable("reader_out_of_memory", "The file needs more memory than a reader may use."))
            return


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python, OpenCV or ONNX Runtime means that memory ran out."""
    said = str(error).lower()
    words = ("insufficient memory", "bad_alloc", "bad allocation", "failed to allocate", "out of memory")
    return isinstance(error, MemoryError) or any(word in said for word in words)


def _engine(models: Path, scratch: Path) -> Any:
    from ocr.paddle import require_opencv  # noqa: PLC0415

    require_opencv()
    from ocr.engine import Engine  # noqa: PLC0415
    from ocr.models import model_paths  # noqa: PLC0415

    return Engine(model_paths(models), scratch)


if __name__ == "__main__":
    main()
