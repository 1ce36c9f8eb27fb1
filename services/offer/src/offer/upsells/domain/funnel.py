"""The funnel of an offer: what is proposed after a purchase, a refusal or an abandonment, in order."""

from typing import assert_never
from uuid import UUID

from contracts import funnel as facts
from kernel import ids
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid
from offer.upsells.domain.errors import FunnelStepNotFound

MAX_STEPS = 50
DECLINE = "decline"


def funnel_id(offer_id: UUID) -> UUID:
    return ids.derive_id(offer_id, "funnel")


class Funnel(Aggregate):
    """All steps of an offer, in one stream: there are few, and they are read together."""

    def initialise(self) -> None:
        self.steps: dict[UUID, facts.FunnelStep] = {}

    def in_order(self) -> list[tuple[UUID, facts.FunnelStep]]:
        return sorted(self.steps.items(), key=lambda it: (it[1].position, str(it[0])))

    def step(self, step_id: UUID) -> facts.FunnelStep:
        """Raises ``FunnelStepNotFound``."""
        found = self.steps.get(step_id)
        if found is None:
            raise FunnelStepNotFound("The funnel has no such step.")
        return found

    def add(self, offer_id: UUID, step_id: UUID, step: facts.FunnelStep) -> None:
        if len(self.steps) >= MAX_STEPS:
            raise Invalid((), f"A funnel has at most {MAX_STEPS} steps.")
        check_step(step)
        self.record(facts.StepAdded(offer_id=offer_id, step_id=step_id, details=step))

    def change(self, offer_id: UUID, step_id: UUID, step: facts.FunnelStep) -> None:
        check_step(step)
        if step != self.step(step_id):
            self.record(facts.StepChanged(offer_id=offer_id, step_id=step_id, details=step))

    def remove(self, offer_id: UUID, step_id: UUID) -> None:
        self.step(step_id)
        self.record(facts.StepRemoved(offer_id=offer_id, step_id=step_id))

    def evolve(self, fact: facts.FunnelFact) -> None:
        match fact:
            case (
                facts.StepAdded(step_id=step_id, details=step)
                | facts.StepChanged(step_id=step_id, details=step)
            ):
                self.steps[step_id] = step
            case facts.StepRemoved(step_id=step_id):
                del self.steps[step_id]
            case _:
                assert_never(fact)


def check_step(step: facts.FunnelStep) -> None:
    """Refuse a step that contradicts itself. Raises ``Invalid``."""
    if (step.trigger == DECLINE) != (step.after is not None):
        raise Invalid(("after",), "A step that a refusal triggers, and no other, names the refused upsell.")
    value, history = step.conditions.customer_value, step.conditions.purchase_history
    if value and value.minimum is not None and value.maximum is not None and value.minimum > value.maximum:
        path = "conditions", "customer_value", "maximum"
        raise Invalid(path, "The value is below minimum.")
    if (
        history
        and history.minimum_orders is not None
        and history.maximum_orders is not None
        and history.minimum_orders > history.maximum_orders
    ):
        path = "conditions", "purchase_history", "maximum_orders"
        raise Invalid(path, "The value is below minimum_orders.")
