"""The state of a checkout, folded from its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.attempts import Attempt, first_attempt, further_attempt
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE
from checkout_saga.checkout.domain.methods import KEEPS_EVERY_TOKEN
from checkout_saga.checkout.domain.older_facts import as_advanced
from checkout_saga.checkout.domain.removed_lines import without_lines
from checkout_saga.checkout.domain.step_names import (
    AUTHORIZE,
    CAPTURE,
    CREATE_ORDER,
    LOCK_CART,
)
from checkout_saga.checkout.domain.waits import (
    CARRIED_OUT_WITHIN,
    FRAUD_REVIEW,
    HELD_LONGER,
    NEW_METHOD,
    PAYMENT,
)
from contracts import checkout as facts
from contracts.sale import Sale
from contracts.upsell import Origin
from kernel.process.process import FactTypes, Process
from kernel.process.state import Reason

APPROVE, DECLINE = "approve", "decline"
"""How a review ends."""


class Review(NamedTuple):
    """People look at an attempt to pay, and let it pass or not."""

    since: datetime
    until: datetime
    decided: facts.ReviewDecided | None = None


class CheckoutState(Process):
    CREATED_BY = facts.Started.TYPE
    FACTS = FactTypes(
        started=facts.Started,
        advanced=facts.Advanced,
        compensation_started=facts.CompensationStarted,
        action_required=facts.ActionRequired,
        operator_needed=facts.OperatorNeeded,
        operator_retried=facts.OperatorRetried,
        operator_resolved=facts.OperatorResolved,
        waiting_began=facts.WaitingBegan,
        deadline_moved=facts.DeadlineMoved,
        completed=facts.Completed,
        failed=facts.Failed,
    )

    def initialise(self) -> None:
        super().initialise()
        self.order_id: UUID | None = None
        self.sale: Sale | None = None
        """What is sold: the sale at the lock less the lines that a review has removed."""
        self.removed_total = 0
        """What these lines would have cost."""
        self.review: Review | None = None
        """The last one."""
        self._locked_sale: Sale | None = None
        """None: no line was removed."""
        self.attempts: tuple[Attempt, ...] = ()
        self.max_attempts = 1
        self.action: facts.ActionRequired | None = None
        """What the customer is asked for, as long as the checkout waits for it."""
        self.money_arrived = False
        """The money of the last attempt is there without a capture: nothing is left to capture or to void."""
        self.held_until: datetime | None = None
        """Until when the cart is held for a payment of hours or days, or for a review."""
        self.origin: Origin | None = None
        """The upsell that is bought after another order; None: a cart is bought."""
        self.completed_at: datetime | None = None

    @property
    def agreed_sale(self) -> Sale:
        """What is sold, and paid. Raises ``RuntimeError`` before the cart has been locked."""
        if self.sale is None:
            raise RuntimeError("the sale is known only after the cart has been locked")
        return self.sale

    @property
    def proposal(self) -> Origin:
        """Raises ``RuntimeError`` for a checkout of a cart."""
        if self.origin is None:
            raise RuntimeError("the checkout buys a cart")
        return self.origin

    @property
    def can_be_charged_again(self) -> bool:
        """Whether a later checkout may charge what this one has charged, without the customer's doing."""
        attempt = self.attempt_now
        is_kept = self.save or attempt.gateway in KEEPS_EVERY_TOKEN
        charged = bool(self.agreed_sale.totals.total and attempt.token) and not attempt.is_push
        return self.definition >= ATTEMPTS_SINCE and charged and is_kept

    @property
    def may_get_proposals(self) -> bool:
        """Upsells belong to offers, and are only proposed where the payment can be charged again."""
        return self.can_be_charged_again and any(it.offer_id for it in self.agreed_sale.lines)

    @property
    def locked_sale(self) -> Sale:
        """The sale that the cart was locked with, for which stock and promotions are reserved."""
        return self._locked_sale or self.agreed_sale

    @property
    def in_review(self) -> bool:
        return self.waiting is not None and self.waiting.kind == FRAUD_REVIEW

    @property
    def has_open_review(self) -> bool:
        """None has decided it, also if the checkout has been given up meanwhile."""
        return self.review is not None and self.review.decided is None

    @property
    def attempt_now(self) -> Attempt:
        """The last attempt to pay: at most one is alive."""
        return self.attempts[-1]

    @property
    def attempts_left(self) -> int:
        return self.max_attempts - len(self.attempts)

    @property
    def has_own_deadline(self) -> bool:
        """The deadline is not the one of the start any more."""
        return self.deadline != self.expires_at

    @property
    def capture_before(self) -> datetime | None:
        """When the provider ends the authorization, as far as it has said."""
        until = self.steps[AUTHORIZE].data.get("capture_before") if self.is_done(AUTHORIZE) else None
        return datetime.fromisoformat(until) if until else None

    def why_expired(self) -> Reason | None:
        """Without another way to pay, the last refusal is the reason."""
        return self.attempt_now.declined if self.attempts and self.running else None

    @property
    def gateway(self) -> str:
        return self.attempt_now.gateway

    @property
    def call_target(self) -> str:
        return self.gateway

    @property
    def captured(self) -> bool:
        return self.is_done(CAPTURE)

    @property
    def failure_code(self) -> str:
        return self.failure.code if self.failure else "given up"

    def keep(self, step: str, data: Mapping[str, Any]) -> None:
        if step == LOCK_CART:
            self.sale = Sale.read(data["sale"])
        elif step == CREATE_ORDER:
            self.order_id = UUID(data["order_id"])
        elif step == AUTHORIZE:
            self.money_arrived = bool(data.get("captured"))

    def note_begun(self, step: str) -> None:
        if step == AUTHORIZE:
            attempt = self.attempt_now
            since = attempt.begun_at or self.steps[AUTHORIZE].started_at
            self._change_attempt(begun=attempt.begun + 1, begun_at=since)

    def _change_attempt(self, **fields: Any) -> None:
        self.attempts = (*self.attempts[:-1], self.attempt_now._replace(**fields))

    def evolve(self, fact: facts.CheckoutFact) -> None:  # noqa: PLR0912  # one case per fact
        match fact:
            case facts.Started():
                self._started(fact)
            case facts.Completed():
                self.status, self.completed_at = "completed", fact.timestamp
            case facts.Failed():
                self.status = "failed"
            case facts.PaymentAttempted():
                self._attempted(fact)
            case facts.Screened():
                self._change_attempt(screened=fact)
            case facts.ReviewDecided():
                self._review_decided(fact)
            case facts.PaymentDeclined(code=code, detail=detail, leaves=leaves):
                self.status, self.action_url, self.waiting, self.action = "processing", None, None, None
                self._change_attempt(declined=Reason(code, detail), leaves=leaves)
            case facts.MoneyArrivedLate():
                self.money_arrived = True
                self._change_attempt(leaves=False)
            case facts.StepStarted() | facts.StepCompleted() | facts.StepFailed() | facts.StepCompensated():
                self.evolve_steps(as_advanced(fact))
            case facts.StepCompensationStarted(step=step):
                self.steps[step].compensation = "started"
            case facts.ActionRequired(reference=reference):
                self.evolve_steps(fact)
                self.action = fact
                self._change_attempt(reference=reference)
            case facts.WaitingBegan(waiting_for=kind):
                self.evolve_steps(fact)
                if kind == NEW_METHOD:
                    self._change_attempt(leaves=False)
                elif kind == PAYMENT:
                    self.held_until = fact.until + HELD_LONGER
                elif kind == FRAUD_REVIEW:
                    self.held_until = fact.until + CARRIED_OUT_WITHIN + HELD_LONGER
                    self.review = Review(fact.timestamp, fact.until)
            case _:
                self.evolve_steps(fact)

    def _started(self, fact: facts.Started) -> None:
        self.status, self.phase = "processing", LOCK_CART
        self.definition = fact.definition
        self.started_at = fact.started_at
        self.expires_at = self.deadline = fact.expires_at
        self.cart_id, self.customer_id, self.guest = fact.cart_id, fact.customer_id, fact.guest
        self.personal = fact.personal
        self.max_attempts, self.save = fact.max_attempts or 1, bool(fact.save)
        self.attempts = (first_attempt(self.id, fact),)
        self.destination, self.expected_total, self.gifts = fact.destination, fact.expected_total, fact.gifts
        self.origin = fact.origin

    def _attempted(self, fact: facts.PaymentAttempted) -> None:
        self.action = None
        self.attempts = (*self.attempts, further_attempt(fact, self.attempt_now))

    def _review_decided(self, fact: facts.ReviewDecided) -> None:
        self.status, self.waiting = "processing", None
        if self.review:
            self.review = self.review._replace(decided=fact)
        if fact.decision == APPROVE:
            self._change_attempt(approved=True, pay_until=fact.pay_until or self.attempt_now.pay_until)
        if fact.removed_lines and self.sale:
            self._locked_sale = self.locked_sale
            before = self.agreed_sale
            self.sale = without_lines(before, fact.removed_lines)
            self.removed_total += before.totals.total - self.sale.totals.total
