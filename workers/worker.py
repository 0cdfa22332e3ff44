"""A reader worker: one process, one queue, one warm reader child.

RQ's SimpleWorker runs the job in the process itself, so that the child stays warm. Deadlines are the reader child's,
retries the reconciler's, results the database's: RQ only carries ids.
"""

import signal
from contextlib import suppress
from types import FrameType
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import WorkerStatus

from core.logs import get_logger
from core.queue import READ_QUEUE
from workers import jobs
from workers.desk import Desk, StopRequest

log = get_logger(__name__)


class _NoPenalty(BaseDeathPenalty):
    """No alarm: the reader child's page deadlines bound a job, and an exception out of nowhere could hit a commit."""

    def setup_death_penalty(self) -> None:
        """Set nothing."""

    def cancel_death_penalty(self) -> None:
        """Cancel nothing."""


class Ring(Job):
    """A job that only ever reads the file whose id it carries.

    RQ would import and call whatever function, callback or web hook a job names; whoever can write to Redis could then
    run code here. Nothing of that is looked at.
    """

    def perform(self) -> None:
        """Read the file."""
        jobs.read_file(int(self.args[0]))

    @property
    def success_callback(self) -> None:
        """None: no callback is looked up."""

    @property
    def failure_callback(self) -> None:
        """None: no callback is looked up."""

    def send_webhooks(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing."""


class ReadingWorker(SimpleWorker):
    """Listens to the doorbell; a signal ends it at once, and the file at hand goes back to the queue."""

    death_penalty_class = _NoPenalty
    log_result_lifespan = False
    max_connection_wait_time = 2.0  # the embedded server is back within a second

    def __init__(self, connection: Redis, stop: StopRequest) -> None:
        """Listen over `connection`; `stop` is what a signal asks."""
        queue = Queue(READ_QUEUE, connection=connection, serializer=JSONSerializer, job_class=Ring)
        super().__init__(
            [queue],
            connection=connection,
            serializer=JSONSerializer,
            job_class=Ring,
            log_job_description=False,
            # a failed job's traceback is not kept in Redis: it could quote a document
            disable_default_exception_handler=True,
        )
        self._stop = stop

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End now when idle, else as soon as the file at hand is given back or written."""
        del signum, frame
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested
        self._stop.make()

    def teardown(self) -> None:
        """Sign off, if Redis listens."""
        with suppress(RedisError):
            super().teardown()  # type: ignore[no-untyped-call]  # rq leaves it unannotated


def run(desk: Desk, connection: Redis) -> None:
    """Listen and read until `worker_max_jobs` are done or SIGTERM or SIGINT comes."""
    jobs.Bench.desk = desk
    worker = ReadingWorker(connection, desk.stop)
    log.info("worker_listens", worker=worker.name)
    try:
        worker.work(logging_level="WARNING", max_jobs=desk.settings.worker_max_jobs, with_scheduler=False)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        jobs.Bench.desk = None
