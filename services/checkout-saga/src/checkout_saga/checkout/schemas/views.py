"""Checkouts as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, PrivateAttr

from checkout_saga.checkout.domain.attempts import Attempt
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.waits import FRAUD_REVIEW, NEW_METHOD, PROVIDER
from checkout_saga.checkout.schemas.step_data import show_data
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.schemas.destination import DestinationView, show_destination
from contracts.checkout import ActionRequired
from contracts.views import TotalsView, show_totals
from kernel.process.state import StepState


class StepView(BaseModel):
    name: str
    status: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    data: dict[str, Any] | None = None
    compensation: str | None = None


class ActionView(BaseModel):
    """``data`` is shown by GET alone: no other answer holds what is personal."""

    kind: str
    url: str | None = None
    data: dict[str, str] | None = None
    until: datetime
    attempts_left: int | None = None
    _sealed: str | None = PrivateAttr(None)

    @classmethod
    def of(cls, asked: ActionRequired, until: datetime) -> Self:
        view = cls(kind=asked.kind or "redirect", url=asked.url or None, until=until)
        view._sealed = asked.action
        return view

    @property
    def sealed(self) -> str | None:
        """``data``, encrypted; it is not shown."""
        return self._sealed


class WaitingView(BaseModel):
    kind: str
    since: datetime
    until: datetime


class AttemptView(BaseModel):
    attempt: int
    payment_id: UUID
    gateway: str
    method: str
    code: str | None = None


class CheckoutView(BaseModel):
    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    status: str
    phase: str
    steps: list[StepView]
    action_url: str | None = None
    action: ActionView | None = None
    waiting_for: WaitingView | None = None
    attempts: list[AttemptView]
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
        action_url=checkout.action_url or None,
        action=_action(checkout),
        waiting_for=_waiting(checkout),
        attempts=[_attempt(it) for it in checkout.attempts],
        order_id=checkout.order_id if checkout.status != "failed" else None,
        totals=show_totals(checkout.sale) if checkout.sale else None,
        destination=show_destination(checkout.sale.destination if checkout.sale else checkout.destination),
        failure=None
        if failure is None
        else show_data(failure.data, checkout)
        | {"code": failure.code, "phase": failure.phase, "detail": failure.detail},
        expires_at=checkout.deadline or checkout.expires_at,
        workflow_version=checkout.definition,
        version=checkout.version,
    )


def view_of(checkout: Checkout, _now: datetime) -> CheckoutView:
    """The view for handlers that show an aggregate at a time."""
    return show_checkout(checkout)


def _waiting(checkout: Checkout) -> WaitingView | None:
    it = checkout.waiting
    return WaitingView(kind=it.kind, since=it.since, until=it.until) if it else None


def _action(checkout: Checkout) -> ActionView | None:
    waiting, asked = checkout.waiting, checkout.action
    if waiting is None:
        return None
    if waiting.kind == NEW_METHOD:
        return ActionView(kind=waiting.kind, until=waiting.until, attempts_left=checkout.attempts_left)
    if asked is None or waiting.kind in {PROVIDER, FRAUD_REVIEW}:
        return None
    until = min(asked.until or waiting.until, waiting.until)
    return ActionView.of(asked, until)


def _attempt(it: Attempt) -> AttemptView:
    return AttemptView(
        attempt=it.number,
        payment_id=it.payment_id,
        gateway=it.gateway,
        method=it.method,
        code=it.declined.code if it.declined else None,
    )


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
