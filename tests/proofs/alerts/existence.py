"""Whether all that rules and panels use exists in the live Prometheus.

A misspelt metric or label is valid PromQL, and never fires.
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.observability.dashboards.boards import BOARDS
from deploy.observability.live.client import PrometheusClient
from deploy.observability.live.panels import expression
from deploy.observability.promql import selectors
from deploy.observability.rule_files import rules

OF_OTHERS = ("cnpg_", "certmanager_", "strimzi_")
"""Metrics of operators of a cluster, which do not run on one machine."""
EMPTY = {
    "Refused by a rate limit": "the storm stays below the limits",
    "Rebuilds that ended": "no rebuild is asked for",
    "Error budget left": "recorded every five minutes only",
}
"""Panel -> why its query may return nothing."""
SELDOM = {
    "feira_rate_limited_total": "the storm stays below the limits",
    "feira_rebuild_runs_total": "no rebuild is asked for",
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
    """Metrics without a series, and labels that no series of their metric has."""
    labels: dict[str, set[str]] = {}
    found = []
    for name, expr in expressions():
        for it in selectors(expr):
            if it.metric.startswith(OF_OTHERS) or it.metric in SELDOM:
                continue
            if it.metric not in labels:
                labels[it.metric] = {label for series in client.series(it.metric) for label in series}
            if not labels[it.metric]:
                found.append(f"{name}: {it.metric} has no series")
            elif unknown := {label for label, _, _ in it.matchers} - labels[it.metric]:
                found.append(f"{name}: {it.metric} has no label {', '.join(sorted(unknown))}")
    return sorted(set(found))


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
