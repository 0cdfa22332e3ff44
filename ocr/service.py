"""The reading stage for its drivers: settings in, readers out."""

from dataclasses import replace
from pathlib import Path

from core.settings import Settings
from intake.limits import Limits
from intake.service import limits_of
from ocr.confinement import ReaderSettings
from ocr.models import ModelPaths, fetch, verify
from ocr.pool import ReaderPool
from ocr.sandbox import ReaderChild


def reader_settings(settings: Settings, limits: Limits | None = None) -> ReaderSettings:
    """Return how readers are confined, from the service's settings."""
    return ReaderSettings(
        models_dir=settings.models_dir.expanduser(),
        limits=limits or limits_of(settings),
        page_seconds=settings.page_deadline_seconds,
        memory_mib=settings.reader_memory_mib,
    )


def open_reader(settings: Settings, scratch_root: Path) -> ReaderChild:
    """Return one reader for a worker process; its child is started and loads the models meanwhile."""
    child = ReaderChild(replace(reader_settings(settings), scratch_root=scratch_root))
    child.start()
    return child


def open_readers(settings: Settings, workers: int) -> ReaderPool:
    """Return several readers for a command that walks through many files."""
    return ReaderPool(reader_settings(settings), workers)


def fetch_models(settings: Settings) -> ModelPaths:
    """Put the OCR weights into the cache unless they lie there intact; errors as ocr.models.fetch."""
    return fetch(settings.models_dir.expanduser())


def verify_models(settings: Settings) -> ModelPaths:
    """Check the cached weights by hash; Invalid `models_damaged` if one is missing or changed."""
    return verify(settings.models_dir.expanduser())
