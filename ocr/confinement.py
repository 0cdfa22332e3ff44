"""How a reader child is confined."""

from dataclasses import dataclass, field
from pathlib import Path

from intake.limits import Limits


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """How a reader child is confined.

    `memory_mib` is address space (reserved, enforced by the kernel); `resident_mib` is real memory, watched by the
    parent; a child above `recycle_mib` after a file, or after `recycle_pages` pages, is replaced. `scratch_root` is the
    folder for the child's own scratch folder (what stands there may quote documents); None means the system's.
    """

    models_dir: Path
    limits: Limits = field(default_factory=Limits)
    page_seconds: float = 60.0
    text_layer_seconds: float = 20.0
    start_seconds: float = 120.0
    memory_mib: int = 4096
    resident_mib: int = 1536
    recycle_mib: int = 900
    recycle_pages: int = 500
    scratch_root: Path | None = None
