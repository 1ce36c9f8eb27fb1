"""The gauge of what waits for an operator besides checkouts, for alerts."""

from __future__ import annotations

from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from kernel.observability.metrics.declaring import Part, gauge
from kernel.postgres.gauges import Reading

ATTENTION = gauge(
    Part.PROCESS,
    "feira_attention",
    "What waits for an operator besides sagas, over all tenants: refund. Read from the database",
    ("kind",),
)
COUNT = f"SELECT to_jsonb(count(*)) FROM claims WHERE kind = '{REFUND_NEEDING_ATTENTION}'"  # noqa: S608  # a constant


def refunds() -> Reading:
    return Reading(COUNT, ATTENTION.labels("refund").set)
