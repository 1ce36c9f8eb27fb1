"""The same rules as if time passed faster, so that a proof needs seconds instead of minutes.

One factor divides every duration in them: windows, ``for``, intervals, and thresholds of metrics in seconds.
Nothing else changes. Two floors keep that meaningful: a window holds several scrapes, and a threshold stays
above the age of a gauge that is read from the database every five seconds.
"""

from __future__ import annotations

import math
import re
from typing import Any

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
DURATION = re.compile(r"(\d+)([smhd])")
WINDOW = re.compile(r"\[(\d+)([smhd])\]")
GUARD = re.compile(r"(\* )(\d+)( > )")
"""A rate times the seconds of its window: how many events the window held."""
THRESHOLD = re.compile(r"(_seconds(?:\{[^{}]*\})?\)* > (?:bool )?)(\d+)")
SHORTEST_WINDOW = 5
LOWEST_THRESHOLD = 8
"""Seconds."""


def faster(groups: list[dict[str, Any]], factor: float) -> list[dict[str, Any]]:
    """The groups of a rule file; ``factor`` 1 leaves them as they are."""
    return groups if factor == 1 else [_group(it, factor) for it in groups]


def _group(group: dict[str, Any], factor: float) -> dict[str, Any]:
    interval = {"interval": _shorter(group["interval"], factor, 1)} if "interval" in group else {}
    return {**group, **interval, "rules": [_rule(it, factor) for it in group["rules"]]}


def _rule(rule: dict[str, Any], factor: float) -> dict[str, Any]:
    expr = WINDOW.sub(lambda it: f"[{_shorter(it[1] + it[2], factor, SHORTEST_WINDOW)}]", rule["expr"])
    expr = GUARD.sub(lambda it: f"{it[1]}{_shorter(it[2] + 's', factor, SHORTEST_WINDOW)[:-1]}{it[3]}", expr)
    expr = THRESHOLD.sub(lambda it: it[1] + str(_lower(int(it[2]), factor)), expr)
    pause = {"for": _shorter(rule["for"], factor, 1)} if "for" in rule else {}
    return {**rule, **pause, "expr": expr}


def _shorter(duration: str, factor: float, least: int) -> str:
    found = DURATION.fullmatch(duration)
    if not found:
        raise ValueError(f"{duration!r} is no duration such as 5m")
    return f"{max(least, math.ceil(int(found[1]) * UNITS[found[2]] / factor))}s"


def _lower(threshold: int, factor: float) -> int:
    """Never raised."""
    return min(threshold, max(LOWEST_THRESHOLD, math.ceil(threshold / factor)))
