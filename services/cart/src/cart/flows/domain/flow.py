"""The flow aggregate: a shopper's way through a funnel, one step after the other, without going back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from cart.flows.domain.errors import FlowEnded, FlowStepOutOfOrder
from cart.flows.domain.steps import ORDER, Step, step_after
from contracts import flow as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID


class FlowStatus(StrEnum):
    ACTIVE = "active"
    ABANDONED = "abandoned"
    COMPLETED = "completed"
    EXPIRED = "expired"


ENDED = frozenset({FlowStatus.COMPLETED, FlowStatus.EXPIRED})


@dataclass(frozen=True, slots=True)
class CompletedStep:
    at: datetime
    data: Mapping[str, Any]


class Flow(Aggregate):
    CREATED_BY = facts.Started.TYPE

    def initialise(self) -> None:
        self.offer_id = NIL_ID
        self.session_id = ""
        self.customer_id: str | None = None
        self.flow_type = ""
        self.metadata: Mapping[str, Any] = {}
        self.expires_at = UTC_MIN
        self.status = FlowStatus.ACTIVE
        self.current_step: Step | None = Step.USER_PREFERENCES
        """None once the flow is completed."""
        self.completed: dict[Step, CompletedStep] = {}
        self.answer: Mapping[str, Any] | None = None
        """What was last answered in the current step, while it stays open."""
        self.last_step_at = UTC_MIN
        self.cart_id: UUID | None = None
        self.order_id: UUID | None = None

    def status_at(self, now: datetime) -> FlowStatus:
        """The status at this time, even if the timer that records the end has not fired yet."""
        return FlowStatus.EXPIRED if self.is_overdue(now) else self.status

    def is_overdue(self, now: datetime) -> bool:
        return self.status not in ENDED and self.expires_at <= now

    def start(
        self,
        *,
        offer_id: UUID,
        session_id: str,
        customer_id: str | None,
        flow_type: str,
        metadata: dict[str, Any],
        expires_at: datetime,
    ) -> None:
        self.record(
            facts.Started(
                offer_id=offer_id,
                session_id=session_id,
                customer_id=customer_id,
                flow_type=flow_type,
                metadata=metadata,
                expires_at=expires_at,
            )
        )

    def repeats(self, step: Step, data: Mapping[str, Any]) -> bool:
        """Whether this is the step that was completed last, with the same data: it is answered again."""
        last = next((it for it in reversed(ORDER) if it in self.completed), None)
        if step is Step.CHECKOUT and self.current_step in {Step.CHECKOUT, None}:
            return self.answer == data
        return step is last and self.completed[step].data == data

    def must_be_at(self, step: Step, now: datetime) -> None:
        """Raises FlowEnded, FlowStepOutOfOrder."""
        status = self.status_at(now)
        if status in ENDED:
            raise FlowEnded(f"The flow is {status}.", flow_status=status)
        if step is not self.current_step:
            raise FlowStepOutOfOrder(
                f"The current step is {self.current_step}.", current_step=self.current_step
            )

    def answer_step(self, data: dict[str, Any], cart_id: UUID | None = None) -> None:
        """Note an answer that leaves the current step open."""
        step = self._resumed()
        self.record(facts.StepAnswered(step=step, data=data, cart_id=cart_id or self.cart_id))

    def complete_step(self, data: dict[str, Any], cart_id: UUID | None = None) -> None:
        step = self._resumed()
        self.record(facts.StepCompleted(step=step, data=data, cart_id=cart_id or self.cart_id))

    def _resumed(self) -> Step:
        step = self._open_step()
        if self.status is FlowStatus.ABANDONED:
            self.record(facts.Resumed(step=step))
        return step

    def _open_step(self) -> Step:
        if self.current_step is None:
            raise RuntimeError("a completed flow has no current step")
        return self.current_step

    def complete(self, order_id: UUID) -> None:
        """The cart was bought. It ends the flow at whichever step it is."""
        self.record(facts.Completed(order_id=order_id))

    def abandon(self) -> None:
        self.record(facts.Abandoned(step=self._open_step()))

    def expire(self) -> None:
        self.record(facts.Expired())

    def abandoned_after(self, idle: timedelta) -> datetime:
        """When the flow is abandoned unless a step is answered before."""
        return self.last_step_at + idle

    def evolve(self, fact: facts.FlowFact) -> None:
        match fact:
            case facts.Started():
                self.offer_id, self.session_id = fact.offer_id, fact.session_id
                self.customer_id, self.flow_type = fact.customer_id, fact.flow_type
                self.metadata, self.expires_at = fact.metadata, fact.expires_at
                self.last_step_at = fact.timestamp
            case facts.StepAnswered(data=data, cart_id=cart_id):
                self.answer, self.cart_id, self.last_step_at = data, cart_id, fact.timestamp
            case facts.StepCompleted(step=name, data=data, cart_id=cart_id):
                step = Step(name)
                self.completed[step] = CompletedStep(fact.timestamp, data)
                self.current_step, self.answer = step_after(step), None
                self.cart_id, self.last_step_at = cart_id, fact.timestamp
            case facts.Abandoned():
                self.status = FlowStatus.ABANDONED
            case facts.Resumed():
                self.status = FlowStatus.ACTIVE
            case facts.Completed(order_id=order_id):
                if self.current_step is Step.CHECKOUT:
                    self.completed[Step.CHECKOUT] = CompletedStep(fact.timestamp, self.answer or {})
                self.status, self.order_id, self.current_step = FlowStatus.COMPLETED, order_id, None
            case facts.Expired():
                self.status = FlowStatus.EXPIRED
            case _:
                assert_never(fact)
