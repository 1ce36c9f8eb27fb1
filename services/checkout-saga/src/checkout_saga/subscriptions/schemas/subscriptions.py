"""The requests and the view of subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from checkout_saga.subscriptions.domain.subscription import Subscription
from contracts.billed import BilledPeriod
from contracts.subscription import Started
from kernel.http.descriptions import Word
from kernel.http.requests import Body, ShortText


class SubscriptionCancellation(Body):
    """Kept in the log for ever: the reason must not contain personal data."""

    at: Literal["period_end", "now"] = "period_end"
    refund: Literal["none"] = "none"
    reason: ShortText | None = None


class PeriodView(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)

    number: int
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")


class PlanOfSubscription(BaseModel):
    plan_id: UUID
    code: str
    name: str
    terms_version: int
    features: list[str]
    limits: dict[str, int]


class SubscriptionView(BaseModel):
    subscription_id: UUID
    status: Literal["active", "cancelled"]
    entitled: bool
    customer_id: str
    order_id: UUID
    plan: PlanOfSubscription | None
    currency: str | None
    time_zone: str | None
    anchor: str | None
    proration_unit: Literal["second", "minute", "day"] | None
    period: PeriodView | None
    next_invoice_at: datetime | None
    cancel_at: datetime | None
    cancelled_at: datetime | None
    version: int


def show_subscription(found: Subscription, _now: datetime) -> SubscriptionView:
    started = found.started
    return SubscriptionView.model_validate(
        {
            "subscription_id": found.id,
            "status": found.status.value,
            "entitled": found.is_entitled,
            "customer_id": found.customer_id,
            "order_id": found.order_id,
            "plan": started and _show_plan(started),
            "currency": started and started.currency,
            "time_zone": started and started.time_zone,
            "anchor": started and started.anchor,
            "proration_unit": started and started.proration_unit,
            "period": found.period and show_period(found.period),
            "next_invoice_at": None,
            "cancel_at": found.cancel_at,
            "cancelled_at": found.cancelled_at,
            "version": found.version,
        }
    )


def show_period(period: BilledPeriod) -> dict[str, object]:
    return {"number": period.number, "from": period.starts_at, "to": period.ends_at}


def _show_plan(started: Started) -> PlanOfSubscription:
    terms = started.terms
    return PlanOfSubscription(
        plan_id=started.plan_id,
        code=terms.code,
        name=terms.name,
        terms_version=started.terms_version,
        features=list(terms.features),
        limits=terms.limits,
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "SubscriptionCancellation": Word("When a subscription is to end."),
        "SubscriptionCancellation.at": Word(
            "period_end: it is entitled until then, and the cancellation can be withdrawn; now: at once.",
            "period_end",
        ),
        "SubscriptionCancellation.refund": Word("none: nothing is given back.", "none"),
        "SubscriptionCancellation.reason": Word("Why; without personal data.", "too expensive"),
        "SubscriptionView": Word("A subscription."),
        "SubscriptionView.status": Word("active or cancelled.", "active"),
        "list_subscriptions.status": Word("The status of the subscriptions.", "active"),
        "list_subscriptions.plan_id": Word("The plan.", "019a2b3c-0016-7000-8000-000000000001"),
        "subscription_id": Word("The subscription.", "019a2b3c-0015-5000-8000-000000000001"),
        "entitled": Word("Whether the customer may use what the plan gives.", True),
        "SubscriptionView.plan": Word(
            "The plan, on the terms of the subscription; null for a subscription without a plan, which ends"
            " with its order."
        ),
        "PlanOfSubscription": Word("The plan of a subscription."),
        "PlanOfSubscription.plan_id": Word("The plan.", "019a2b3c-0016-7000-8000-000000000001"),
        "PlanOfSubscription.code": Word("The plan's code.", "starter"),
        "PlanOfSubscription.name": Word("The plan's name.", "Starter"),
        "terms_version": Word("The version of the plan's terms.", 1),
        "PlanOfSubscription.features": Word("What the plan gives.", ["reports"]),
        "PlanOfSubscription.limits": Word("How much of it, by name.", {"seats": 5}),
        "SubscriptionView.currency": Word("The currency of its invoices; null without a plan.", "EUR"),
        "SubscriptionView.time_zone": Word("In which its periods are counted; null without a plan.", "UTC"),
        "anchor": Word(
            "The local time from which all periods are counted; null without a plan.", "2026-03-01T09:30:00"
        ),
        "proration_unit": Word(
            "second, minute or day: in what its time is counted; null without a plan.", "second"
        ),
        "SubscriptionView.period": Word("The paid period; null without a plan."),
        "PeriodView": Word("A period: its begin is in it, its end is in the next one."),
        "PeriodView.number": Word("From 1.", 1),
        "PeriodView.from": Word("When it begins.", "2026-03-01T09:30:00Z"),
        "PeriodView.to": Word("When it ends.", "2026-04-01T09:30:00Z"),
        "next_invoice_at": Word(
            "When the next period is invoiced; null if none will be: subscriptions are not renewed yet.", None
        ),
        "cancel_at": Word("When it ends, if its cancellation is scheduled.", None),
        "SubscriptionView.cancelled_at": Word("When it has ended.", None),
    }
)
