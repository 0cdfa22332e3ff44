"""Values of the review stage."""

from dataclasses import dataclass

from core.models import CandidateEntry


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue; `next` is the cursor of the page after it, None at the end."""

    entries: tuple[CandidateEntry, ...]
    next: int | None
    total_waiting: int
