"""The facts of an offer's funnel: the ordered steps of what is proposed after a purchase, a refusal or an
abandonment. All steps of an offer are one stream."""

from typing import Any
from uuid import UUID

from contracts.envelope import Fact, Part


class CustomerValue(Part):
    """What the customer has paid, in minor units of the offer's currency."""

    minimum: int | None = None
    maximum: int | None = None


class PurchaseHistory(Part):
    bought_any: tuple[UUID, ...] = ()
    bought_none: tuple[UUID, ...] = ()
    minimum_orders: int | None = None
    maximum_orders: int | None = None


class Behavior(Part):
    declined_any: tuple[UUID, ...] = ()
    minimum_abandoned_carts: int | None = None


class StepConditions(Part):
    customer_value: CustomerValue | None = None
    purchase_history: PurchaseHistory | None = None
    behavior: Behavior | None = None


class FunnelStep(Part):
    name: str
    type: str
    """``upsell``, ``downsell`` or ``cross_sell``."""
    trigger: str
    """``purchase``, ``decline`` or ``abandon``."""
    upsell_id: UUID
    after: UUID | None = None
    """The upsell whose refusal triggers the step."""
    position: int
    conditions: StepConditions = StepConditions()
    presentation: dict[str, Any] = {}


class StepAdded(Fact):
    TYPE = "funnel.step_added"
    offer_id: UUID
    step_id: UUID
    details: FunnelStep


class StepChanged(Fact):
    """``details`` is the complete step after the change."""

    TYPE = "funnel.step_changed"
    offer_id: UUID
    step_id: UUID
    details: FunnelStep


class StepRemoved(Fact):
    TYPE = "funnel.step_removed"
    offer_id: UUID
    step_id: UUID


FunnelFact = StepAdded | StepChanged | StepRemoved
