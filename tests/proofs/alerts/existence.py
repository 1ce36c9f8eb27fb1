"""Whether all that rules and panels use exists in the live Prometheus.

A misspelt metric, label or value, such as ``le="60"`` for ``le="60.0"``, is valid PromQL, and never fires.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deploy.observability.dashboards.boards import BOARDS, expression
from deploy.observability.live.client import PrometheusClient
from deploy.observability.promql import selectors
from deploy.observability.rule_files import rules

OF_OTHERS = ("barman_", "cnpg_", "certmanager_", "strimzi_")
"""Metrics of operators of a cluster, which do not run on one machine."""
EMPTY = {
    "Refused by a rate limit": "the storm stays below the limits",
    "Rebuilds that ended": "no rebuild is asked for",
    "Conflicts": "one process of each service keeps its writers apart in memory",
    "Error budget left": "recorded every five minutes only",
}
"""Panel -> why its query may return nothing."""
SELDOM = {
    "feira_rate_limited_total": "the storm stays below the limits",
    "feira_rebuild_runs_total": "no rebuild is asked for",
    "feira_append_conflicts_total": "one process of each service keeps its writers apart in memory",
    "feira:slo_budget_left:ratio": "recorded every five minutes only",
}
"""Metric -> why it may have no series."""


def expressions() -> Iterator[tuple[str, str]]:
    """Name and PromQL of each rule and of each query of a panel."""
    yield from ((it.name, it.expr) for it in rules())
    for board in BOARDS:
        for panel in board.panels:
            yield from ((panel.title, expression(it)) for it in panel.queries)


def missing(client: PrometheusClient) -> list[str]:
    """Metrics without a series, labels that no series has, and values that none of them has."""
    known: dict[str, list[Mapping[str, str]]] = {}
    found = set()
    for name, expr in expressions():
        for it in selectors(expr):
            if it.metric.startswith(OF_OTHERS) or it.metric in SELDOM:
                continue
            series = known.setdefault(it.metric, client.series(it.metric))
            if not series:
                found.add(f"{name}: {it.metric} has no series")
            for label, operator, value in it.matchers:
                if series and not any(_fits(operator, value, labels.get(label)) for labels in series):
                    found.add(f"{name}: no series of {it.metric} has {label}{operator}{value}")
    return sorted(found)


def _fits(operator: str, value: str, actual: str | None) -> bool:
    """Of a negative matcher it is enough that the label exists."""
    if actual is None:
        return False
    return operator.startswith("!") or (
        bool(re.fullmatch(value, actual)) if operator == "=~" else value == actual
    )


def empty_panels(client: PrometheusClient) -> list[str]:
    """Panels whose query returns nothing, without a reason."""
    return [
        f"{board.uid}: {panel.title}: {query.expr}"
        for board in BOARDS
        for panel in board.panels
        if panel.title not in EMPTY
        for query in panel.queries
        if not client.query(expression(query))
    ]
