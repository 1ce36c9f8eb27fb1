"""Identify a process by pid and start time, since pids are reused."""

from collections.abc import Mapping
from typing import Any

import psutil


def started_at(process: psutil.Process) -> float:
    """Start time in seconds since boot: wall-clock times shift when the clock is set."""
    return round(process.create_time() - psutil.boot_time(), 2)


def is_alive(process: Mapping[str, Any]) -> bool:
    """Whether the process with this ``pid`` and ``started_at`` runs."""
    try:
        found = psutil.Process(process["pid"])
        return started_at(found) == process["started_at"] and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False
