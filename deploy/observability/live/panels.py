"""The present values of dashboard panels."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from deploy.observability.dashboards.boards import expression
from deploy.observability.dashboards.panel import Panel, Unit
from deploy.observability.live.client import PrometheusClient

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
FORMATS = {
    Unit.SECONDS: "{:.3g} s",
    Unit.PER_SECOND: "{:.3g}/s",
    Unit.REQUESTS: "{:.3g}/s",
    Unit.COUNT: "{:.3g}",
    Unit.SHARE: "{:.1%}",
    Unit.BYTES: "{:,.0f} B",
    Unit.YES_NO: "{:.0f}",
}


class Value(NamedTuple):
    series: str
    value: float
    shown: str


def values(panel: Panel, client: PrometheusClient) -> list[Value]:
    """In the order of their names; those that are not numbers (a quantile of nothing) are left out."""
    found = [
        Value(
            PLACEHOLDER.sub(lambda it, labels=sample.labels: labels.get(it[1], ""), query.legend),  # type: ignore[misc]  # bound for the closure
            sample.value,
            FORMATS[panel.unit].format(sample.value),
        )
        for query in panel.queries
        for sample in client.query(expression(query))
        if not math.isnan(sample.value)
    ]
    return sorted(found)
