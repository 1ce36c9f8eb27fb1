"""The answer of GET /v1/analytics/checkout-operations."""

from __future__ import annotations

from pydantic import BaseModel


class Failure(BaseModel):
    phase: str
    code: str
    count: int


class Compensation(BaseModel):
    step: str
    count: int


class Bucket(BaseModel):
    """Number of checkouts that took at most ``le`` milliseconds; of all if ``le`` is null."""

    le: int | None
    count: int


class Durations(BaseModel):
    """Milliseconds from start to completion; null if no checkout was completed."""

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
