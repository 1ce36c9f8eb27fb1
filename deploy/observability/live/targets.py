"""What Prometheus scrapes of a stack on one machine: each process of each service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from contracts.topology import SERVICE_NAMES

REPLICA = re.compile(r"-\d+$")


def targets(processes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Target groups for Prometheus' service discovery by files. ``processes``: of the stack's status."""
    return [
        {
            "targets": [urlsplit(process["url"]).netloc],
            "labels": {"job": "feira", "service": REPLICA.sub("", process["name"]), "pod": process["name"]},
        }
        for process in processes
        if REPLICA.sub("", process["name"]) in SERVICE_NAMES
    ]
