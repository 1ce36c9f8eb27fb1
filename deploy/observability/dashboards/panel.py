"""What a panel shows, apart from how Grafana is asked to draw it.

Grafana's JSON, the terminal view of ``make watch`` and the tests of all queries are made from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SERVICE = 'service=~"$service"'
"""Matches the services that are chosen in the dashboard's variable."""
RATE = "[$__rate_interval]"


class Unit(Enum):
    """Units, by their names in Grafana."""

    SECONDS = "s"
    PER_SECOND = "cps"
    REQUESTS = "reqps"
    COUNT = "short"
    SHARE = "percentunit"
    BYTES = "bytes"
    YES_NO = "bool"


class Kind(Enum):
    LINES = "timeseries"
    NUMBER = "stat"
    HEAT_MAP = "heatmap"


@dataclass(frozen=True)
class Query:
    expr: str
    legend: str
    """With labels in double braces."""


@dataclass(frozen=True)
class Panel:
    title: str
    description: str
    unit: Unit
    queries: tuple[Query, ...]
    alerts: tuple[str, ...] = ()
    """The alerts about what is shown; their runbooks are linked."""
    kind: Kind = Kind.LINES
    width: int = 12
    """Of 24 columns."""
    is_key: bool = False
    """Shown in the terminal as well."""


@dataclass(frozen=True)
class Board:
    uid: str
    """Fixed: links and provisioning refer to it."""
    title: str
    description: str
    panels: tuple[Panel, ...]


def quantile(of: str, share: float, by: str, matchers: str = SERVICE) -> str:
    """PromQL of a quantile of a histogram, by labels such as ``"service"``."""
    buckets = f"sum by (le, {by}) (rate({of}_bucket{{{matchers}}}{RATE}))"
    return f"histogram_quantile({share:g}, {buckets})"


def rate(of: str, by: str, matchers: str = SERVICE) -> str:
    """PromQL of the increase of a counter in a second, by labels."""
    return f"sum by ({by}) (rate({of}{{{matchers}}}{RATE}))"


def newest(of: str, by: str, matchers: str = SERVICE) -> str:
    """PromQL of a gauge that all replicas export alike."""
    return f"max by ({by}) ({of}{{{matchers}}})"
