"""The route of the health of checkouts."""

from datetime import datetime

from fastapi import Response
from pydantic import BaseModel

from checkout_saga.checkout.health import CheckoutHealth
from kernel.http.route_tables import OPEN, Route, RouteTable


class Check(BaseModel):
    status: str
    count: int
    message: str


class OpenCheckouts(BaseModel):
    count: int
    oldest_seconds: float | None


class Health(BaseModel):
    status: str
    checks: dict[str, Check]
    open: OpenCheckouts | None = None
    timestamp: datetime | None = None


def table(health: CheckoutHealth) -> RouteTable:
    async def get_checkout_health(response: Response) -> Health:
        """Public: numbers over all tenants, and nothing about any one of them."""
        report = Health.model_validate(await health.report())
        response.status_code = 503 if report.status == "unhealthy" else 200
        return report

    route = Route(
        "GET", "/health/checkout", get_checkout_health, OPEN, Health, responses={503: {"model": Health}}
    )
    return RouteTable("operations", (route,))
