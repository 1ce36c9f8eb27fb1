"""One customer's checkout: how far it has come, and how it is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from checkout_saga.domain.errors import NoActionRequired, TooLateToCancel
from checkout_saga.domain.step_state import Failure, StepState
from checkout_saga.domain.workflow import (
    CAPTURE,
    COMPLETE,
    CREATE_ORDER,
    CURRENT,
    DEFINITIONS,
    LOCK_CART,
)
from contracts import checkout as facts
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
        """On its way forward."""
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
        """Too late to begin a capture; one that has been begun is seen through."""
        return self.running and CAPTURE not in self.steps and now >= self.expires_at

    def next_step(self) -> str | None:
        """The step to take now; None while a stage is under way, and when there is nothing left to do."""
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
        """Whether an answer to this step still matters."""
        return self.running and self._status(step) == "started"

    def is_compensating(self, step: str) -> bool:
        """Whether this step is being taken back at this moment."""
        return step in self.steps and self.steps[step].compensation == "started"

    def start_step(self, step: str) -> None:
        self.record(facts.StepStarted(step=step, attempt=self.attempt(step) + 1))

    def attempt(self, step: str) -> int:
        """How often the step was begun; 0: not yet."""
        return self.steps[step].attempt if step in self.steps else 0

    def complete_step(self, step: str, data: dict[str, Any] | None = None) -> None:
        self.record(facts.StepCompleted(step=step, data=data or {}))

    def fail_step(self, step: str, code: str, detail: str, data: dict[str, Any] | None = None) -> None:
        """The step was refused for good: there is nothing of it to take back."""
        self.record(facts.StepFailed(step=step, code=code, detail=detail, data=data or {}))

    def require_action(self, step: str, url: str) -> None:
        self.record(facts.ActionRequired(step=step, url=url))

    def check_cancellable(self) -> None:
        """Until the money is asked for, a customer may change their mind."""
        if not self.running or CAPTURE in self.steps:
            raise TooLateToCancel("the checkout can no longer be cancelled", checkout_status=self.status)

    def check_action_required(self) -> None:
        if self.status != "requires_action":
            raise NoActionRequired("the checkout waits for no action", checkout_status=self.status)

    def start_compensation(self, code: str, detail: str, data: dict[str, Any] | None = None) -> list[str]:
        """Give up. Returns the steps that may have had an effect, latest first."""
        may_have_happened = [
            name for name, taken in self.steps.items() if taken.status in {"started", "completed"}
        ]
        self.record(facts.CompensationStarted(phase=self.phase, code=code, detail=detail, data=data or {}))
        return may_have_happened[::-1]

    def start_step_compensation(self, step: str) -> None:
        """Its undoing is under way."""
        self.record(facts.StepCompensationStarted(step=step))

    def complete_step_compensation(self, step: str) -> None:
        self.record(facts.StepCompensated(step=step))

    def fail_if_all_compensated(self) -> bool:
        """The end, once nothing of the checkout is left anywhere."""
        if self.failure is None or self.ended or any(self.is_compensating(step) for step in self.steps):
            return False
        it = self.failure
        self.record(
            facts.Failed(cart_id=self.cart_id, phase=it.phase, code=it.code, detail=it.detail, data=it.data)
        )
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
            case facts.StepStarted(step=step, attempt=attempt):
                self.steps[step] = StepState("started", fact.timestamp, attempt=attempt)
                self.phase, self.status, self.action_url = self._current_step() or step, "processing", None
            case facts.StepCompleted(step=step):
                self._completed(fact)
            case facts.StepFailed(step=step):
                self.phase = step
                self._finish(step, "failed", fact.timestamp, fact.data)
            case facts.ActionRequired(step=step, url=url):
                self.stuck.discard(step)
                self.status, self.action_url = "requires_action", url
            case facts.CompensationStarted(code=code, phase=phase, detail=detail, data=data):
                self.stuck.clear()
                self.status, self.action_url = "compensating", None
                self.failure = Failure(code, phase, detail, data)
            case facts.StepCompensationStarted(step=step):
                self.steps[step].compensation = "started"
            case facts.StepCompensated(step=step):
                self.steps[step].compensation = "completed"
                self.stuck.discard(step)
                self.status = "needs_operator" if self.stuck else "compensating"
            case facts.OperatorNeeded(step=step):
                self.stuck.add(step)
                self.status = "needs_operator"
            case facts.OperatorRetried() | facts.OperatorGaveUp() | facts.OperatorResolved():
                pass  # what follows from it stands behind it
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

    def _completed(self, fact: facts.StepCompleted) -> None:
        self.stuck.discard(fact.step)
        self._finish(fact.step, "completed", fact.timestamp, fact.data)
        self.phase = self._current_step() or fact.step
        self.status, self.action_url = "processing", None
        if fact.step == LOCK_CART:
            self.sale = Sale.model_validate(fact.data["sale"])
        if fact.step == CREATE_ORDER:
            self.order_id = UUID(fact.data["order_id"])

    def _finish(self, step: str, status: str, at: datetime, data: dict[str, Any]) -> None:
        taken = self.steps.setdefault(step, StepState(status, at))
        taken.status, taken.finished_at, taken.data = status, at, data

    def _current_step(self) -> str | None:
        """The first of the steps that are under way."""
        return next((name for name, taken in self.steps.items() if taken.status == "started"), None)

    def _status(self, step: str) -> str | None:
        return self.steps[step].status if step in self.steps else None
