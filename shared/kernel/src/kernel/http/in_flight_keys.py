"""The idempotency keys whose requests this process runs, and those it has run recently."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kernel.http.problems import Problem
from kernel.http.results import IdempotencySlot

MAX_RECENT = 10_000


class InFlightKeys:
    """Only what this process knows; whether a key has been used at all, the database decides."""

    def __init__(self, max_recent: int = MAX_RECENT) -> None:
        self._max_recent = max_recent
        self._running: dict[tuple[str, str, str], bytes] = {}
        self._recent: set[int] = set()
        self._older: set[int] = set()

    @contextmanager
    def acquire(self, slot: IdempotencySlot) -> Iterator[None]:
        """Only one request with a key runs at a time."""
        name = slot[:3]
        if name in self._running:
            if self._running[name] != slot.request_hash:
                raise key_reused()
            raise Problem(
                409, "REQUEST_IN_PROGRESS", "The first request with this idempotency key is still running."
            )
        self._running[name] = slot.request_hash
        try:
            yield
        finally:
            del self._running[name]
            self._remember(hash(name))

    def seen_recently(self, slot: IdempotencySlot) -> bool:
        """Whether the key was probably used before: true for at least the last ``max_recent`` keys."""
        digest = hash(slot[:3])
        return digest in self._recent or digest in self._older

    def _remember(self, digest: int) -> None:
        if len(self._recent) >= self._max_recent:
            self._older, self._recent = self._recent, set()
        self._recent.add(digest)


def key_reused() -> Problem:
    return Problem(
        422, "IDEMPOTENCY_KEY_REUSED", "This idempotency key was used for a different request before."
    )
