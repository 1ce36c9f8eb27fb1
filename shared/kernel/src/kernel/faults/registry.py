"""All failpoints: the kernel's, and those of the services that are installed.

A service registers its own by an entry point of its distribution, so that every process accepts the same
rules: several processes share one file of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from kernel.faults.failpoint import Failpoint
from kernel.faults.kernel_failpoints import FAILPOINTS as KERNEL_FAILPOINTS

GROUP = "feira.failpoints"
"""Each entry point names a tuple of failpoints, as ``package.failpoints:FAILPOINTS``."""


@cache
def all_failpoints() -> Mapping[str, Failpoint]:
    """By name. Raises ``ValueError`` if two have the same name."""
    found: dict[str, Failpoint] = {}
    for failpoint in (*KERNEL_FAILPOINTS, *_registered()):
        if found.setdefault(failpoint.name, failpoint) is not failpoint:
            raise ValueError(f"there are two failpoints {failpoint.name!r}")
    return found


def _registered() -> list[Failpoint]:
    return [it for point in sorted(entry_points(group=GROUP)) for it in point.load()]
