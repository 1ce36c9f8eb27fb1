"""The check of a caller's ``If-Match``, which the use cases run once they have opened the aggregate."""

from collections.abc import Callable

from kernel.domain import Aggregate

Expect = Callable[[Aggregate], None]
"""Raises if the caller expects another version than this aggregate's."""


def any_version(_: Aggregate) -> None:
    """For callers that expect no particular version."""
