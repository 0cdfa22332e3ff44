"""Brakes on guessing: a lock for each account (in the database) and a count for each address (in this process)."""

from collections import deque
from datetime import timedelta
from threading import Lock
from time import monotonic

FREE_ATTEMPTS = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=15)

ADDRESS_ATTEMPTS = 100
ADDRESS_WINDOW_SECONDS = 900.0
ADDRESSES_KEPT = 10_000


def lock_after(failures: int) -> timedelta | None:
    """Return how long an account stays locked after `failures` wrong passwords in a row: doubling, with a ceiling."""
    if failures < FREE_ATTEMPTS:
        return None
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


class AddressThrottle:
    """Counts failed sign-ins by client address over a sliding window; one API process keeps one."""

    def __init__(self, *, attempts: int = ADDRESS_ATTEMPTS, window_seconds: float = ADDRESS_WINDOW_SECONDS) -> None:
        """Allow `attempts` failures an address within `window_seconds`."""
        self._attempts = attempts
        self._window = window_seconds
        self._failures: dict[str, deque[float]] = {}
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Return whether the address may try again now."""
        with self._lock:
            return len(self._recent(address)) < self._attempts

    def failed(self, address: str) -> None:
        """Count one failure."""
        with self._lock:
            if len(self._failures) >= ADDRESSES_KEPT and address not in self._failures:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(address, deque()).append(monotonic())

    def _recent(self, address: str) -> deque[float]:
        failures = self._failures.get(address, deque())
        while failures and failures[0] < monotonic() - self._window:
            failures.popleft()
        return failures
