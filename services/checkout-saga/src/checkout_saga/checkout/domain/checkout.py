"""The process of one purchase: its decisions. The state that they read is in ``checkout_state``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain.checkout_state import CheckoutState
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE
from checkout_saga.checkout.domain.errors import (
    NoActionRequired,
    NoPaymentWanted,
    NotRemovable,
    ReviewClosed,
    TooLateToCancel,
)
from checkout_saga.checkout.domain.removed_lines import without_lines
from checkout_saga.checkout.domain.step_names import AUTHORIZE, CAPTURE
from checkout_saga.checkout.domain.waits import CUSTOMER_ACTION, NEW_METHOD, PAYMENT, STATUSES
from checkout_saga.fraud.domain.decision import Decision
from checkout_saga.fraud.domain.signals import DEVICE
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.names import payment_id_of
from contracts import checkout as facts
from contracts.sale import Destination, Money
from contracts.screening import Screening
from contracts.upsell import Origin
from kernel.process.state import Failure, Reason

ENFORCED = "on"
"""How payments are screened whose decision is acted on."""
REMOVE_LINES = ("remove_lines",)


class Checkout(CheckoutState):
    def start(
        self,
        cart_id: UUID,
        customer_id: str,
        guest: bool,
        personal: str,
        gateway: str,
        payment_method: str,
        payment_token: str,
        started_at: datetime,
        expires_at: datetime,
        definition: int,
        destination: Destination | None = None,
        expected_total: Money | None = None,
        gifts: facts.Gifts | None = None,
        max_attempts: int | None = None,
        return_url: str | None = None,
        save: bool | None = None,
        instalments: dict[str, Any] | None = None,
        pay_until: datetime | None = None,
        place: int | None = None,
        origin: Origin | None = None,
        screening: Screening | None = None,
    ) -> None:
        self.record(
            facts.Started(
                cart_id=cart_id,
                customer_id=customer_id,
                guest=guest,
                personal=personal,
                gateway=gateway,
                payment_method=payment_method,
                payment_token=payment_token,
                started_at=started_at,
                expires_at=expires_at,
                definition=definition,
                destination=destination,
                expected_total=expected_total,
                gifts=gifts,
                max_attempts=max_attempts,
                return_url=return_url,
                save=save,
                instalments=instalments,
                pay_until=pay_until,
                place=place,
                origin=origin,
                screening=screening,
            )
        )

    def wait_for(self, kind: str, until: datetime, step: str = AUTHORIZE) -> None:
        self.wait(kind, step, until, STATUSES[kind])

    def note_screening(self, decision: Decision) -> None:
        attempt = self.attempt_now
        enforced = attempt.screening is not None and attempt.screening.mode == ENFORCED
        self.record(
            facts.Screened(
                attempt=attempt.number, decision=decision.decision, enforced=enforced, rules=decision.rules
            )
        )

    def decide_review(
        self,
        decision: str,
        reason: str,
        *,
        operator: str | None,
        removed: tuple[str, ...] = (),
        pay_until: datetime | None = None,
    ) -> None:
        """Raises ``ReviewClosed`` and ``NotRemovable``."""
        if not self.in_review:
            raise ReviewClosed("The review has ended.", **self.members())
        if removed:
            self._check_removable(removed)
        self.record(
            facts.ReviewDecided(
                attempt=self.attempt_now.number,
                decision=decision,
                reason=reason,
                operator=operator,
                removed_lines=removed,
                pay_until=pay_until,
            )
        )

    def _check_removable(self, removed: Collection[str]) -> None:
        sale = self.agreed_sale
        if unknown := sorted(set(removed) - {it.line_id for it in sale.lines}):
            raise NotRemovable(f"The sale has no lines {', '.join(unknown)}.", field=REMOVE_LINES)
        left = without_lines(sale, removed)
        if not left.lines or left.totals.total <= 0:
            raise NotRemovable("Nothing to pay would be left: decline it instead.", field=REMOVE_LINES)

    def try_again(
        self,
        *,
        gateway: str,
        method: str,
        payment_token: str,
        instalments: dict[str, Any] | None,
        return_url: str | None,
        pay_until: datetime | None,
        place: int | None,
        screening: Screening | None = None,
    ) -> None:
        """The next attempt; its step begins afterwards. It is made on the same device."""
        number = len(self.attempts) + 1
        device = self.attempts[0].screening and self.attempts[0].screening.values.get(DEVICE)
        if screening and device:
            screening = screening.model_copy(update={"values": {**screening.values, DEVICE: device}})
        self.record(
            facts.PaymentAttempted(
                attempt=number,
                payment_id=payment_id_of(self.id, number),
                gateway=gateway,
                method=method,
                payment_token=payment_token,
                instalments=instalments,
                return_url=return_url,
                pay_until=pay_until,
                place=place,
                screening=screening,
            )
        )

    def decline(self, reason: Reason, *, leaves: bool) -> None:
        """The attempt was declined, and another one may follow."""
        self.record(
            facts.PaymentDeclined(
                attempt=self.attempt_now.number, code=reason.code, detail=reason.detail, leaves=leaves
            )
        )

    def note_late_money(self) -> None:
        attempt = self.attempt_now
        self.record(facts.MoneyArrivedLate(attempt=attempt.number, reference=attempt.reference))

    def check_cancellable(self) -> None:
        """Raises ``TooLateToCancel`` once the capture has begun or the checkout no longer goes forward."""
        if not self.running or CAPTURE in self.steps:
            raise TooLateToCancel("The checkout can no longer be cancelled.", **self.members())

    def check_payment_wanted(self, now: datetime) -> None:
        """Raises ``NoPaymentWanted``."""
        waiting = self.waiting
        if waiting is None or waiting.kind != NEW_METHOD or now >= waiting.until:
            raise NoPaymentWanted("The checkout does not wait for another way to pay.", **self.members())

    def check_action_required(self) -> None:
        waits_for = self.waiting.kind if self.waiting else None
        has_none = waits_for not in {CUSTOMER_ACTION, PAYMENT} and self.definition >= ATTEMPTS_SINCE
        if self.status != "requires_action" or has_none:
            raise NoActionRequired(
                "The checkout is not waiting for an action of the customer.", **self.members()
            )

    def members(self) -> Mapping[str, Any]:
        return {"checkout_status": self.status}

    def completed(self) -> facts.Completed:
        return facts.Completed(
            order_id=order_id_of(self.id),
            cart_id=self.cart_id,
            customer_id=self.customer_id,
            currency=self.agreed_sale.currency,
            total=self.agreed_sale.totals.total,
        )

    def failed(self, failure: Failure) -> facts.Failed:
        return facts.Failed(
            cart_id=self.cart_id,
            phase=failure.phase,
            code=failure.code,
            detail=failure.detail,
            data=failure.data,
        )
