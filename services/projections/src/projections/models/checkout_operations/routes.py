"""GET /v1/analytics/checkout-operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from projections.models.checkout_operations.query import COUNTS, OPEN
from projections.models.checkout_operations.schemas import (
    Bucket,
    CheckoutOperations,
    Compensation,
    Durations,
    Failure,
)
from projections.models.ranges import InRange

BUCKETS_MS = (25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000)


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool
    stuck_after_seconds: float

    # failpoint: none needed (read-only), 2 calls
    async def get_checkout_operations(self, caller: Caller, days: InRange) -> CheckoutOperations:
        """Counts and durations of the checkouts started in the range."""
        first, end = days.first, days.end
        # one database snapshot for both, so that a swap in between is seen completely or not at all
        async with (
            self.pool.acquire_for_tenant(caller.tenant) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            counts = await connection.fetch(COUNTS, caller.tenant, first, end)
            still_open = await connection.fetchrow(
                OPEN, caller.tenant, first.isoformat(), end.isoformat(), self.stuck_after_seconds
            )
        by_duration = {int(row["label"]): row["count"] for row in counts if row["kind"] == "duration"}
        return CheckoutOperations(
            **dict(still_open or {}),
            failures=[
                Failure(phase=row["label"], code=row["code"], count=row["count"])
                for row in counts
                if row["kind"] == "failure"
            ],
            compensations=[
                Compensation(step=row["label"], count=row["count"])
                for row in counts
                if row["kind"] == "compensation"
            ],
            duration_ms=durations(by_duration),
        )


def table(pool: ServicePool, stuck_after_seconds: float) -> RouteTable:
    do = _Handlers(pool, stuck_after_seconds)
    path = "/v1/analytics/checkout-operations"
    return RouteTable(
        "analytics", (Route("GET", path, do.get_checkout_operations, ANALYSTS, CheckoutOperations),)
    )


def durations(counts: Mapping[int, int]) -> Durations:
    """``counts``: number of checkouts by duration in milliseconds."""
    histogram = [
        Bucket(le=limit, count=sum(count for ms, count in counts.items() if ms <= limit))
        for limit in BUCKETS_MS
    ]
    return Durations(
        p50=percentile(counts, 50),
        p95=percentile(counts, 95),
        p99=percentile(counts, 99),
        histogram=[*histogram, Bucket(le=None, count=sum(counts.values()))],
    )


def percentile(counts: Mapping[int, int], percent: int) -> int | None:
    """The smallest value that at least ``percent`` % of all values do not exceed; None without values."""
    rank = -(-sum(counts.values()) * percent // 100)
    for ms, count in sorted(counts.items()):
        rank -= count
        if rank <= 0:
            return ms
    return None
