"""Counts notifications by how they ended."""

from __future__ import annotations

import json

from contracts import notification as facts
from kernel.observability.metrics.declaring import Part, counter
from kernel.store.changes import Changes

NOTIFICATIONS = counter(
    Part.PROCESS,
    "feira_notifications",
    "Notifications by kind and outcome: requested, sent, failed, unknown or skipped",
    ("kind", "outcome"),
)
COUNTED = {
    it.TYPE: it.TYPE.rpartition(".")[2]
    for it in (facts.Requested, facts.Sent, facts.Failed, facts.Unknown, facts.Skipped)
}


def count_notifications(changes: Changes) -> None:
    """A hook for after the commit."""
    for row in changes.rows:
        if outcome := COUNTED.get(row.type):
            NOTIFICATIONS.labels(json.loads(row.body)["kind"], outcome).inc()
