"""Checkouts as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.schemas.step_data import show_data
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.schemas.views import DestinationView, show_destination
from contracts.views import TotalsView, show_totals
from kernel.process.state import StepState


class StepView(BaseModel):
    name: str
    status: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    data: dict[str, Any] | None = None
    compensation: str | None = None


class CheckoutView(BaseModel):
    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    status: str
    phase: str
    steps: list[StepView]
    action_url: str | None = None
    order_id: UUID | None = None
    totals: TotalsView | None = None
    destination: DestinationView | None = None
    failure: dict[str, Any] | None = None
    expires_at: datetime
    workflow_version: int
    version: int


def show_checkout(checkout: Checkout) -> CheckoutView:
    failure = checkout.failure
    return CheckoutView(
        checkout_id=checkout.id,
        cart_id=checkout.cart_id,
        customer_id=checkout.customer_id,
        status=checkout.status,
        phase=checkout.phase,
        steps=[
            _step(name, checkout.steps.get(name), checkout)
            for name in CHECKOUTS.workflow.steps_of(checkout.definition)
        ],
        action_url=checkout.action_url,
        order_id=checkout.order_id if checkout.status != "failed" else None,
        totals=show_totals(checkout.sale) if checkout.sale else None,
        destination=show_destination(checkout.sale.destination if checkout.sale else checkout.destination),
        failure=None
        if failure is None
        else show_data(failure.data, checkout)
        | {"code": failure.code, "phase": failure.phase, "detail": failure.detail},
        expires_at=checkout.expires_at,
        workflow_version=checkout.definition,
        version=checkout.version,
    )


def view_of(checkout: Checkout, _now: datetime) -> CheckoutView:
    """The view for handlers that show an aggregate at a time."""
    return show_checkout(checkout)


def _step(name: str, state: StepState | None, checkout: Checkout) -> StepView:
    if state is None:
        return StepView(name=name, status="pending")
    return StepView(
        name=name,
        status=state.status,
        started_at=state.started_at,
        finished_at=state.finished_at,
        data=show_data(state.data, checkout) or None,
        compensation=state.compensation,
    )
