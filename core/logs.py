"""Structured logs: JSON lines on standard error, ids and codes only, never personal data."""

import logging
import sys
from pathlib import Path
from typing import Any

import structlog


def configure_logs(*, json_lines: bool = True) -> None:
    """Set up logging once for a process; `json_lines` off gives lines for people."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def get_logger(name: str) -> Any:
    """Return the logger of a module."""
    return structlog.get_logger(name, module=name)


def place_of(error: BaseException) -> str:
    """Return file:line where the error arose: a message or a traceback could hold personal data, a place cannot."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
