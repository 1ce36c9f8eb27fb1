"""The process of one purchase: what its steps have in common, from the start to the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain.errors import NoActionRequired, TooLateToCancel
from checkout_saga.checkout.domain.older_facts import as_advanced
from checkout_saga.checkout.domain.step_names import CAPTURE, CREATE_ORDER, LOCK_CART
from checkout_saga.orders.domain.order import order_id_of
from contracts import checkout as facts
from contracts.sale import Destination, Money, Sale
from kernel.process.process import FactTypes, Process
from kernel.process.state import Failure


class Checkout(Process):
    CREATED_BY = facts.Started.TYPE
    FACTS = FactTypes(
        started=facts.Started,
        advanced=facts.Advanced,
        compensation_started=facts.CompensationStarted,
        action_required=facts.ActionRequired,
        operator_needed=facts.OperatorNeeded,
        operator_retried=facts.OperatorRetried,
        operator_resolved=facts.OperatorResolved,
        completed=facts.Completed,
        failed=facts.Failed,
    )

    def initialise(self) -> None:
        super().initialise()
        self.order_id: UUID | None = None
        self.sale: Sale | None = None

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
            )
        )

    @property
    def agreed_sale(self) -> Sale:
        """The sale that the cart was locked with. Raises ``RuntimeError`` before that."""
        if self.sale is None:
            raise RuntimeError("the sale is known only after the cart has been locked")
        return self.sale

    @property
    def captured(self) -> bool:
        return self.is_done(CAPTURE)

    @property
    def failure_code(self) -> str:
        return self.failure.code if self.failure else "given up"

    def check_cancellable(self) -> None:
        """Raises ``TooLateToCancel`` once the capture has begun or the checkout no longer goes forward."""
        if not self.running or CAPTURE in self.steps:
            raise TooLateToCancel("The checkout can no longer be cancelled.", **self.members())

    def check_action_required(self) -> None:
        if self.status != "requires_action":
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

    def keep(self, step: str, data: Mapping[str, Any]) -> None:
        if step == LOCK_CART:
            self.sale = Sale.read(data["sale"])
        elif step == CREATE_ORDER:
            self.order_id = UUID(data["order_id"])

    def evolve(self, fact: facts.CheckoutFact) -> None:
        match fact:
            case facts.Started():
                self._started(fact)
            case facts.Completed():
                self.status = "completed"
            case facts.Failed():
                self.status = "failed"
            case facts.StepStarted() | facts.StepCompleted() | facts.StepFailed() | facts.StepCompensated():
                self.evolve_steps(as_advanced(fact))
            case facts.StepCompensationStarted(step=step):
                self.steps[step].compensation = "started"
            case _:
                self.evolve_steps(fact)

    def _started(self, fact: facts.Started) -> None:
        self.status, self.phase = "processing", LOCK_CART
        self.definition = fact.definition
        self.started_at = fact.started_at
        self.expires_at = self.deadline = fact.expires_at
        self.cart_id, self.customer_id, self.guest = fact.cart_id, fact.customer_id, fact.guest
        self.personal, self.payment_token = fact.personal, fact.payment_token
        self.gateway, self.payment_method = fact.gateway, fact.payment_method
        self.destination, self.expected_total, self.gifts = fact.destination, fact.expected_total, fact.gifts
