"""What the use cases need from whoever calls them."""

from collections.abc import Callable

from kernel.domain import Aggregate

Expect = Callable[[Aggregate], None]
"""Refuses where the caller has seen another version than this one."""


def any_version(_: Aggregate) -> None:
    """The caller takes whatever version there is."""
