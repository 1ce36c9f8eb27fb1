"""Which idempotency keys this process is working on, and which it has worked on lately."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kernel.http.problems import Problem
from kernel.http.results import IdempotencySlot

MOST = 10_000


class InFlightKeys:
    """What one process knows of them; whether a key has been used is for the database to say."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._running: dict[tuple[str, str, str], bytes] = {}
        self._lately: set[int] = set()
        self._before: set[int] = set()

    @contextmanager
    def acquire(self, slot: IdempotencySlot) -> Iterator[None]:
        """Only one request with a key runs at a time."""
        place = slot[:3]
        if place in self._running:
            if self._running[place] != slot.request_hash:
                raise reused()
            raise Problem(409, "REQUEST_IN_PROGRESS", "The first request with this key is still running.")
        self._running[place] = slot.request_hash
        try:
            yield
        finally:
            del self._running[place]
            self._note(hash(place))

    def seen_recently(self, slot: IdempotencySlot) -> bool:
        """Whether it would be no surprise if the key was taken: true for at least the last ``most``."""
        place = hash(slot[:3])
        return place in self._lately or place in self._before

    def _note(self, place: int) -> None:
        if len(self._lately) >= self._most:
            self._before, self._lately = self._lately, set()
        self._lately.add(place)


def reused() -> Problem:
    return Problem(422, "IDEMPOTENCY_KEY_REUSED", "This key was used for another request before.")
