"""Errors of the event store: conflicts, overload, and commits whose outcome is unknown."""

from uuid import UUID


class Conflict(Exception):
    """Another writer has appended to one of the streams since it was read: load it again and decide again."""


class KeyClaimed(Exception):
    """The unique key has an owner already."""

    def __init__(self, kind: str, value: str, holder: UUID) -> None:
        super().__init__(f"{kind} {value!r} is held by {holder}")
        self.kind = kind
        self.value = value
        self.holder = holder


class DuplicateRequest(Exception):
    """The idempotency key has already been used: the stored response stands."""


class OffsetFenced(Exception):
    """Another consumer has moved this group's offsets: start again from the stored ones."""


class Overloaded(TimeoutError):
    """The commit queue is full: nothing was stored, try again later."""


class CommitOutcomeUnknown(ConnectionError):
    """The connection broke during a commit, and its outcome could not be found out."""
