"""All dashboards, in the order of their numbers, and their queries outside of Grafana."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.observability.dashboards import checkouts, event_flow, golden_signals, read_models, runtime
from deploy.observability.dashboards.panel import Panel, Query

BOARDS = (golden_signals.BOARD, checkouts.BOARD, event_flow.BOARD, read_models.BOARD, runtime.BOARD)
VARIABLES = {"$service": ".+", "$__rate_interval": "1m"}
"""As Grafana replaces them, for all services."""


def key_panels() -> Iterator[Panel]:
    """Those that a terminal shows."""
    return (panel for board in BOARDS for panel in board.panels if panel.is_key)


def expression(query: Query) -> str:
    """What Grafana would ask."""
    expr = query.expr
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr
