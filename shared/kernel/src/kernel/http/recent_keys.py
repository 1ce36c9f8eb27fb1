"""Which idempotency keys this process has answered lately: their repetitions are looked up at once."""

from __future__ import annotations

MOST = 10_000


class RecentKeys:
    """Some that are not there are found, never the other way round among the last ``MOST``: a hash stands
    for a key, and whoever is found is looked up in the database."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._newer: set[int] = set()
        self._older: set[int] = set()

    def add(self, place: tuple[str, str, str]) -> None:
        if len(self._newer) >= self._most:
            self._older, self._newer = self._newer, set()
        self._newer.add(hash(place))

    def __contains__(self, place: tuple[str, str, str]) -> bool:
        it = hash(place)
        return it in self._newer or it in self._older
