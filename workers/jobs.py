"""The one job behind the doorbell. RQ knows it by the name in core.queue.READ_JOB; the work is in the pipeline."""

from workers import pipeline
from workers.desk import Desk


class Bench:
    """Holds the process's desk, as RQ hands a job nothing but its arguments."""

    desk: Desk | None = None


def read_file(file_id: int) -> None:
    """Read one file; what becomes of it stands in its row, never in Redis."""
    if Bench.desk is None:
        raise RuntimeError("a reader worker sets the desk before it listens")
    pipeline.read_file(Bench.desk, file_id)
