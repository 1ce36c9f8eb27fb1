"""Tell a process from a later one that got its number."""

from collections.abc import Mapping
from typing import Any

import psutil


def started_at(process: psutil.Process) -> float:
    """In seconds since the machine's start: a clock that is set moves the times of day of all processes."""
    return round(process.create_time() - psutil.boot_time(), 2)


def is_alive(process: Mapping[str, Any]) -> bool:
    """Whether this very process runs, by its ``pid`` and ``started_at``."""
    try:
        found = psutil.Process(process["pid"])
        return started_at(found) == process["started_at"] and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False
