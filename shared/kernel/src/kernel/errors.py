"""What the store answers when somebody else was first, or when nobody can tell."""

from uuid import UUID


class Conflict(Exception):
    """Another writer has changed one of the streams since it was read: reload and decide again."""


class KeyClaimed(Exception):
    """A name that was claimed belongs to another stream."""

    def __init__(self, kind: str, value: str, holder: UUID) -> None:
        super().__init__(f"{kind} {value!r} is held by {holder}")
        self.kind = kind
        self.value = value
        self.holder = holder


class DuplicateRequest(Exception):
    """The idempotency key has already been used: the stored answer stands."""


class OffsetFenced(Exception):
    """Another consumer has moved this group's offsets: start again from where the database says."""


class Overloaded(TimeoutError):
    """So much is waiting to be stored that it would come too late: nothing was done, try again later."""


class CommitOutcomeUnknown(ConnectionError):
    """The database went away in the middle of a commit, and has not been back to say how it ended."""
