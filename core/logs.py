"""Structured logs: JSON lines on standard error, ids and codes only, never personal data."""

import logging
import sys
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
