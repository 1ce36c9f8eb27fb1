"""The facts of a shopper's way through a funnel: from preferences to the checkout."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Fact


class Started(Fact):
    TYPE = "flow.started"
    offer_id: UUID
    session_id: str
    customer_id: str | None = None
    flow_type: str
    metadata: dict[str, Any] = {}
    expires_at: datetime


class StepAnswered(Fact):
    """An answer that leaves the step open: downsells are to be answered, or the checkout is on its way."""

    TYPE = "flow.step_answered"
    step: str
    data: dict[str, Any] = {}
    cart_id: UUID | None = None


class StepCompleted(Fact):
    TYPE = "flow.step_completed"
    step: str
    data: dict[str, Any] = {}
    cart_id: UUID | None = None
    """The cart, once the step has one."""


class Abandoned(Fact):
    TYPE = "flow.abandoned"
    step: str


class Resumed(Fact):
    TYPE = "flow.resumed"
    step: str


class Completed(Fact):
    """The flow's cart was bought."""

    TYPE = "flow.completed"
    order_id: UUID


class Expired(Fact):
    TYPE = "flow.expired"


FlowFact = Started | StepAnswered | StepCompleted | Abandoned | Resumed | Completed | Expired
