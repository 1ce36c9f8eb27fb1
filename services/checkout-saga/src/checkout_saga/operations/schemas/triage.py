"""What is known of one checkout and what is not, as operators see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.checkout.schemas.views import CheckoutView
from kernel.http.dead_letter_views import ParkedView
from kernel.http.descriptions import Word

_AT = "2026-03-01T12:00:00Z"


class KnownView(BaseModel):
    operation: str
    outcome: str
    reference: str | None = None
    at: datetime


class ProviderView(BaseModel):
    """What the provider answers now."""

    outcome: str
    reference: str | None = None
    detail: str | None = None


class UnknownView(BaseModel):
    operation: str
    key: str
    tries: int
    last_error: str | None = None
    provider_says: ProviderView | None = None


class AwaitedView(BaseModel):
    kind: str
    step: str
    until: datetime | None = None


class TimerView(BaseModel):
    kind: str
    subject: UUID
    due_at: datetime
    tries: int


class PossibleActionView(BaseModel):
    action: str
    allowed: bool
    why_not: str | None = None
    effect: str | None = None


class TriageView(BaseModel):
    view: CheckoutView
    known: list[KnownView]
    unknown: list[UnknownView]
    waiting_for: list[AwaitedView]
    since: datetime
    timers: list[TimerView]
    parked: list[ParkedView]
    actions: list[PossibleActionView]


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "TriageView": Word("What is known of a checkout, what is not, and what may be done about it."),
        "TriageView.view": Word("The checkout."),
        "TriageView.known": Word("The payment operations whose outcome is recorded, oldest first."),
        "TriageView.unknown": Word("Those that were begun, and whose outcome is not recorded."),
        "TriageView.waiting_for": Word("What the steps under way wait for; empty: nothing is under way."),
        "TriageView.since": Word("When the checkout last changed.", _AT),
        "TriageView.timers": Word("What is due by itself."),
        "TriageView.parked": Word("The parked records that stand in the checkout's way."),
        "TriageView.actions": Word("All actions; those that are refused now say why."),
        "KnownView": Word("A payment operation with its outcome."),
        "operation": Word("authorize, confirm, capture, void or refund.", "capture"),
        "KnownView.outcome": Word("done, declined or action_required.", "done"),
        "KnownView.at": Word("When the outcome was recorded.", _AT),
        "UnknownView": Word("A payment operation without an outcome."),
        "UnknownView.key": Word(
            "The idempotency key at the provider.", "019a2b3c-0003-7000-8000-000000000001:capture:1"
        ),
        "last_error": Word("Why the outcome is unknown, as far as it was recorded.", "no answer"),
        "provider_says": Word("What the provider answered just now; null: no answer within two seconds."),
        "ProviderView": Word("The provider's answer."),
        "ProviderView.outcome": Word(
            "done, declined, action_required, unknown, or not_performed: no such key is known.", "done"
        ),
        "ProviderView.detail": Word("More about it, in the provider's words.", None),
        "AwaitedView": Word("Something that is waited for."),
        "AwaitedView.kind": Word(
            "reply: another service; call: the provider; or what a customer or the provider has to do.",
            "reply",
        ),
        "AwaitedView.step": Word("The step that waits.", "reserve_stock"),
        "AwaitedView.until": Word("Until when at the latest; null: without an end.", None),
        "TimerView": Word("A timer."),
        "TimerView.kind": Word("Its kind.", "capture"),
        "TimerView.subject": Word(
            "The checkout, payment, order or refund.", "019a2b3c-0003-7000-8000-000000000001"
        ),
        "TimerView.due_at": Word("When it is due.", _AT),
        "PossibleActionView": Word("An action of an operator."),
        "PossibleActionView.action": Word(
            "retry, compensate, compensate_and_refund, resolve_done or resolve_not_done.", "retry"
        ),
        "allowed": Word("Whether it is allowed now.", True),
        "why_not": Word("Why it is refused; null if it is allowed.", None),
        "effect": Word(
            "What it would do now; null if it is refused.",
            "records checkout.operator_retried; calls capture at simulated",
        ),
    }
)
