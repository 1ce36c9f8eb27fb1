"""The process manager of one purchase: the state of its steps and of their compensation."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from checkout_saga.checkout.domain.errors import NoActionRequired, TooLateToCancel
from checkout_saga.checkout.domain.step_facts import as_advanced
from checkout_saga.checkout.domain.step_state import Failure, StepState
from checkout_saga.checkout.domain.workflow import (
    CAPTURE,
    COMPLETE,
    CREATE_ORDER,
    CURRENT,
    DEFINITIONS,
    LOCK_CART,
)
from contracts import checkout as facts
from contracts import process
from contracts.sale import Destination, Money, Sale
from kernel.domain import Aggregate


class Checkout(Aggregate):
    CREATED_BY = facts.Started.TYPE

    def initialise(self) -> None:
        self.status = "none"
        self.phase = ""
        self.steps: dict[str, StepState] = {}
        self.failure: Failure | None = None
        self.order_id: UUID | None = None
        self.sale: Sale | None = None
        self.action_url: str | None = None
        self.stuck: set[str] = set()

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
        destination: Destination | None = None,
        expected_total: Money | None = None,
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
                definition=CURRENT,
                destination=destination,
                expected_total=expected_total,
            )
        )

    @property
    def running(self) -> bool:
        """Started, and neither completed, failed nor being compensated."""
        return self.exists and self.failure is None and self.status != "completed"

    @property
    def ended(self) -> bool:
        return self.status in {"completed", "failed"}

    @property
    def captured(self) -> bool:
        return self._status(CAPTURE) == "completed"

    @property
    def all_steps_completed(self) -> bool:
        return self.running and self._status(COMPLETE) == "completed"

    def is_expired(self, now: datetime) -> bool:
        """Past the deadline without a capture. A capture that was started in time is carried through."""
        return self.running and CAPTURE not in self.steps and now >= self.expires_at

    def next_step(self) -> str | None:
        """The next step to start; None while a stage is under way, and at the end."""
        if not self.running:
            return None
        for stage in DEFINITIONS[self.definition]:
            for name in stage:
                if name not in self.steps:
                    return name
            if any(self.steps[name].status != "completed" for name in stage):
                return None
        return None

    def awaits(self, step: str) -> bool:
        """Whether the step is started and its reply still counts."""
        return self.running and self._status(step) == "started"

    def is_compensating(self, step: str) -> bool:
        """Whether the step's compensation is under way."""
        return step in self.steps and self.steps[step].compensation == "started"

    def start_step(self, step: str) -> None:
        self.record(facts.StepStarted(step=step, attempt=self.attempt(step) + 1))

    def attempt(self, step: str) -> int:
        """How often the step was started; 0: not yet."""
        return self.steps[step].attempt if step in self.steps else 0

    def complete_step(self, step: str, data: dict[str, Any] | None = None) -> None:
        self.record(facts.StepCompleted(step=step, data=data or {}))

    def fail_step(self, step: str, code: str, detail: str, data: dict[str, Any] | None = None) -> None:
        """The step was refused: it has had no effect and needs no compensation."""
        self.record(facts.StepFailed(step=step, code=code, detail=detail, data=data or {}))

    def require_action(self, step: str, url: str) -> None:
        self.record(facts.ActionRequired(step=step, url=url))

    def check_cancellable(self) -> None:
        """Raises ``TooLateToCancel`` once the capture is started or the checkout no longer goes forward."""
        if not self.running or CAPTURE in self.steps:
            raise TooLateToCancel("The checkout can no longer be cancelled.", checkout_status=self.status)

    def check_action_required(self) -> None:
        if self.status != "requires_action":
            raise NoActionRequired(
                "The checkout is not waiting for an action of the customer.", checkout_status=self.status
            )

    def start_compensation(self, code: str, detail: str, data: dict[str, Any] | None = None) -> list[str]:
        """Returns the steps that may have had an effect, latest first."""
        may_have_happened = [
            name for name, state in self.steps.items() if state.status in {"started", "completed"}
        ]
        self.record(facts.CompensationStarted(phase=self.phase, code=code, detail=detail, data=data or {}))
        return may_have_happened[::-1]

    def start_step_compensation(self, step: str) -> None:
        self.record(facts.StepCompensationStarted(step=step))

    def complete_step_compensation(self, step: str) -> None:
        self.record(facts.StepCompensated(step=step))

    def fail_if_all_compensated(self) -> bool:
        """Fail the checkout once every compensation is completed; returns whether it did."""
        if self.failure is None or self.ended or any(self.is_compensating(step) for step in self.steps):
            return False
        self.record(facts.Failed(cart_id=self.cart_id, **asdict(self.failure)))
        return True

    def need_operator(self, step: str, code: str, detail: str) -> None:
        if step not in self.stuck:
            self.record(facts.OperatorNeeded(step=step, code=code, detail=detail))

    def finish(self, order_id: UUID, currency: str, total: int) -> None:
        self.record(
            facts.Completed(
                order_id=order_id,
                cart_id=self.cart_id,
                customer_id=self.customer_id,
                currency=currency,
                total=total,
            )
        )

    def evolve(self, fact: facts.CheckoutFact) -> None:
        match fact:
            case facts.Started():
                self._started(fact)
            case facts.Advanced():
                self._advanced(fact)
            case facts.StepStarted() | facts.StepCompleted() | facts.StepFailed() | facts.StepCompensated():
                self._advanced(as_advanced(fact))
            case facts.StepCompensationStarted(step=step):
                self.steps[step].compensation = "started"
            case facts.ActionRequired(step=step, url=url):
                self.stuck.discard(step)
                self.status, self.action_url = "requires_action", url
            case facts.CompensationStarted(code=code, phase=phase, detail=detail, data=data):
                self.stuck.clear()
                self.status, self.action_url = "compensating", None
                self.failure = Failure(code, phase, detail, data)
                for step in fact.undoing:
                    self.steps[step].compensation = "started"
            case facts.OperatorNeeded(step=step):
                self.stuck.add(step)
                self.status = "needs_operator"
            case facts.OperatorRetried() | facts.OperatorGaveUp() | facts.OperatorResolved():
                pass  # a record of the decision; its effects are facts of their own
            case facts.Completed() | facts.Failed():
                self.status = "completed" if isinstance(fact, facts.Completed) else "failed"
            case _:
                assert_never(fact)

    def _started(self, fact: facts.Started) -> None:
        self.status, self.phase = "processing", LOCK_CART
        self.cart_id, self.customer_id = fact.cart_id, fact.customer_id
        self.personal, self.payment_token = fact.personal, fact.payment_token
        self.gateway, self.payment_method = fact.gateway, fact.payment_method
        self.started_at, self.expires_at = fact.started_at, fact.expires_at
        self.guest, self.definition = fact.guest, fact.definition
        self.destination, self.expected_total = fact.destination, fact.expected_total

    def _advanced(self, fact: process.Advanced) -> None:
        for it in fact.done:
            self._complete(it.step, it.data, fact.timestamp)
        if fact.refused:
            self.phase = fact.refused.step
            self._finish(fact.refused.step, "failed", fact.timestamp, fact.refused.data)
        for step in fact.undone:
            self.steps[step].compensation = "completed"
            self.stuck.discard(step)
            self.status = "needs_operator" if self.stuck else "compensating"
        for step in fact.begun:
            self.steps[step] = StepState("started", fact.timestamp, attempt=self.attempt(step) + 1)
            self.phase, self.status, self.action_url = self._current_step() or step, "processing", None

    def _complete(self, step: str, data: dict[str, Any], at: datetime) -> None:
        self.stuck.discard(step)
        self._finish(step, "completed", at, data)
        self.phase = self._current_step() or step
        self.status, self.action_url = "processing", None
        if step == LOCK_CART:
            self.sale = Sale.model_validate(data["sale"])
        if step == CREATE_ORDER:
            self.order_id = UUID(data["order_id"])

    def _finish(self, step: str, status: str, at: datetime, data: dict[str, Any]) -> None:
        state = self.steps.setdefault(step, StepState(status, at))
        state.status, state.finished_at, state.data = status, at, data

    def _current_step(self) -> str | None:
        """The first step that is started and not completed."""
        return next((name for name, state in self.steps.items() if state.status == "started"), None)

    def _status(self, step: str) -> str | None:
        return self.steps[step].status if step in self.steps else None
