"""GET /v1/analytics/checkout-operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from contracts.roles import ANALYSTS
from kernel.http.auth import Principal, allow
from kernel.http.requests import StrictRoute
from kernel.service_pool import ServicePool
from projections.adapters.http.ranges import Range
from projections.read_models.checkout_operations import COUNTS, OPEN

BUCKETS_MS = (25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000)


class Failure(BaseModel):
    phase: str
    code: str
    count: int


class Compensation(BaseModel):
    step: str
    count: int


class Bucket(BaseModel):
    """How many took at most so long; without a limit, all."""

    le: int | None
    count: int


class Durations(BaseModel):
    """Milliseconds from the start to the completion, null where nothing was completed."""

    p50: int | None
    p95: int | None
    p99: int | None
    histogram: list[Bucket]


class CheckoutOperations(BaseModel):
    in_flight: int
    stuck: int
    oldest_open_seconds: int | None
    failures: list[Failure]
    compensations: list[Compensation]
    duration_ms: Durations


def router(pool: ServicePool, stuck_after_seconds: float) -> APIRouter:
    routes = APIRouter(prefix="/v1/analytics", route_class=StrictRoute, tags=["analytics"])

    # failpoint: none needed (read-only), 3 calls
    @routes.get("/checkout-operations", name="get_checkout_operations")
    async def checkout_operations(
        caller: Annotated[Principal, allow(*ANALYSTS)], days: Annotated[Range, Depends()]
    ) -> CheckoutOperations:
        """Of the checkouts that were begun in the range."""
        first, end = days.first, days.end
        # one moment for both: what a rebuild swaps in between must not be seen by half
        async with (
            pool.reading_for(caller.tenant) as one,
            one.transaction(isolation="repeatable_read", readonly=True),
        ):
            counts = await one.fetch(COUNTS, caller.tenant, first, end)
            still_open = await one.fetchrow(
                OPEN, caller.tenant, first.isoformat(), end.isoformat(), stuck_after_seconds
            )
        taken = {int(it["label"]): it["count"] for it in counts if it["kind"] == "duration"}
        return CheckoutOperations(
            **dict(still_open or {}),
            failures=[
                Failure(phase=it["label"], code=it["code"], count=it["count"])
                for it in counts
                if it["kind"] == "failure"
            ],
            compensations=[
                Compensation(step=it["label"], count=it["count"])
                for it in counts
                if it["kind"] == "compensation"
            ],
            duration_ms=durations(taken),
        )

    return routes


def durations(taken: Mapping[int, int]) -> Durations:
    """``taken`` tells how many took how many milliseconds."""
    histogram = [
        Bucket(le=limit, count=sum(count for ms, count in taken.items() if ms <= limit))
        for limit in BUCKETS_MS
    ]
    return Durations(
        p50=percentile(taken, 50),
        p95=percentile(taken, 95),
        p99=percentile(taken, 99),
        histogram=[*histogram, Bucket(le=None, count=sum(taken.values()))],
    )


def percentile(taken: Mapping[int, int], percent: int) -> int | None:
    """The smallest of the values that so many percent of all do not exceed."""
    rank = -(-sum(taken.values()) * percent // 100)
    for ms, count in sorted(taken.items()):
        rank -= count
        if rank <= 0:
            return ms
    return None
