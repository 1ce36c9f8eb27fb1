"""HTTP: the health of checkouts."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from checkout_saga.checkout.health import CheckoutHealth
from kernel.http.requests import StrictRoute


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


def router(health: CheckoutHealth) -> APIRouter:
    routes = APIRouter(route_class=StrictRoute, tags=["operations"])

    @routes.get(
        "/health/checkout",
        response_model=Health,
        responses={503: {"model": Health}},
        name="get_checkout_health",
    )
    async def get_health(response: Response) -> Health:
        """Public: numbers over all tenants, and nothing about any one of them."""
        report = Health.model_validate(await health.report())
        response.status_code = 503 if report.status == "unhealthy" else 200
        return report

    return routes
