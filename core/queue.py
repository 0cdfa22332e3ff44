"""The doorbell: RQ carries a file's id to a worker. SQL is the truth, so a lost or doubled ring does no harm."""

import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from core.logs import get_logger

READ_QUEUE = "xuefen-read"
READ_JOB = "workers.jobs.read_file"
RING_TTL_SECONDS = 600
JOB_TIMEOUT_SECONDS = 3600
SILENT_SECONDS = 5.0

log = get_logger(__name__)


class Doorbell:
    """Rings for files that wait to be read. One queue, since a worker on two queues loses jobs when killed."""

    def __init__(self, connection: Redis) -> None:
        """Ring over `connection`."""
        self._silent_until = 0.0
        self._queue = Queue(READ_QUEUE, connection=connection, serializer=JSONSerializer)

    def ring(self, file_id: int) -> None:
        """Tell a worker that a file waits. A silent Redis is no error: the reconciler rings again.

        After a ring that did not leave, a few seconds' rings are left out, so that a large upload does not wait for
        each one to fail.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            self._queue.enqueue(
                READ_JOB,
                file_id,
                ttl=RING_TTL_SECONDS,
                result_ttl=0,
                failure_ttl=RING_TTL_SECONDS,
                job_timeout=JOB_TIMEOUT_SECONDS,
            )
        except RedisError as error:
            self._silent_until = time.monotonic() + SILENT_SECONDS
            log.warning("ring_not_sent", file_id=file_id, reason=type(error).__name__)

    def waiting(self) -> int:
        """Return the number of rings not yet heard."""
        return len(self._queue)
