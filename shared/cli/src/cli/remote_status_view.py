"""Show the status of remote services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

UNKNOWN = "?"
COUNTS = {
    "unpublished": "feira_outbox_unpublished_messages",
    "unread": "feira_consumer_lag_messages",
    "parked": "feira_parked_records",
    "overdue": "feira_timers_overdue",
    "open": "feira_sagas_open",
    "need operator": "feira_sagas_needing_operator",
}
"""Column -> metric."""


def remote_status_view(found: Mapping[str, Any]) -> RenderableType:
    name = found["context"] or "services"
    table = Table("service", "state", "version", *COUNTS, title=f"{name}: {found['state']}")
    for service, status in found["services"].items():
        table.add_row(service, *_row(found["errors"].get(service), status))
    return Group(table, Text(_read_models(found["read_models"])), Text(_verification(found["verification"])))


def _row(error: str | None, status: Mapping[str, Any] | None) -> list[str]:
    if status is None:
        return [error or UNKNOWN]
    state = "ready" if status["ready"] else f"not ready: {', '.join(status['missing'])}"
    figures = status["figures"]
    return [state, status["version"], *(_count(figures, metric) for metric in COUNTS.values())]


def _count(figures: Mapping[str, float | None], metric: str) -> str:
    if metric not in figures:
        return ""
    value = figures[metric]
    return UNKNOWN if value is None else f"{value:,.0f}"


def _read_models(models: list[dict[str, Any]] | None) -> str:
    if models is None:
        return f"read models: {UNKNOWN}"
    seconds = {it["name"]: it["lag"]["seconds"] for it in models}
    behind = {name: UNKNOWN if it is None else f"{it:.1f} s" for name, it in seconds.items()}
    return "read models: " + ", ".join(
        f"{it['name']} {it['state']} ({behind[it['name']]} behind)" for it in models
    )


def _verification(last: Mapping[str, Any] | None) -> str:
    if last is None:
        return "last verification: none known"
    verdict = "all that was judged holds" if last["holds"] else "not all holds"
    return f"last verification: {verdict}, {last['reported_at'][:19].replace('T', ' ')} UTC"
