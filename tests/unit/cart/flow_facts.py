"""The facts of a flow with defaults, so that a test names only what matters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts import flow as facts
from tests.support.scenario import NOW, stamp
from tests.unit.cart.facts import CART, CHECKOUT, ORDER

FLOW = UUID(int=51)
OFFER = UUID(int=61)
FLOW_EXPIRES = NOW + timedelta(hours=72)
PREFERENCES: dict[str, Any] = {"experience_level": "beginner"}
PACKAGE: dict[str, Any] = {"offer_id": str(OFFER), "addons": []}
UPSELLS: dict[str, Any] = {"accepted": [], "declined": []}
ALL_STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("user_preferences", PREFERENCES),
    ("package_selection", PACKAGE),
    ("upsell_selection", UPSELLS),
    ("review", {}),
)


def started(offer_id: UUID = OFFER) -> facts.Started:
    return facts.Started(
        **stamp(FLOW),
        offer_id=offer_id,
        session_id="session",
        flow_type="education",
        expires_at=FLOW_EXPIRES,
    )


def step_completed(step: str, data: dict[str, Any], cart_id: UUID | None = None) -> facts.StepCompleted:
    return facts.StepCompleted(**stamp(FLOW), step=step, data=data, cart_id=cart_id)


def step_answered(step: str, data: dict[str, Any], cart_id: UUID | None = CART) -> facts.StepAnswered:
    return facts.StepAnswered(**stamp(FLOW), step=step, data=data, cart_id=cart_id)


def walked(steps: int) -> list[facts.FlowFact]:
    """A flow after so many steps."""
    done = (
        step_completed(step, data, None if step == "user_preferences" else CART) for step, data in ALL_STEPS
    )
    return [started(), *list(done)[:steps]]


def checkout_answered() -> facts.StepAnswered:
    return step_answered("checkout", {"checkout_id": str(CHECKOUT)})


def flow_abandoned(step: str) -> facts.Abandoned:
    return facts.Abandoned(**stamp(FLOW), step=step)


def flow_resumed(step: str) -> facts.Resumed:
    return facts.Resumed(**stamp(FLOW), step=step)


def flow_completed() -> facts.Completed:
    return facts.Completed(**stamp(FLOW), order_id=ORDER)


def flow_expired() -> facts.Expired:
    return facts.Expired(**stamp(FLOW))
