"""The response bodies of flows."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from cart.carts.schemas.upsell_views import UpsellView, show_proposal
from cart.carts.schemas.views import CartView, view_explained
from cart.catalogue.domain.offers import KnownOffer
from cart.flows.domain.flow import Flow
from cart.flows.domain.steps import ACTIONS, ORDER, Step
from cart.flows.use_cases.flow_steps import FlowAnswer
from contracts.views import Money, money
from kernel.instants import text_of

COMPLETED, CURRENT, PENDING = "completed", "current", "pending"


class FlowStepView(TypedDict):
    name: str
    status: str
    at: NotRequired[str]


class FlowView(TypedDict):
    """``current_step`` and ``next_action`` are null where nothing is left to do."""

    flow_id: str
    offer_id: str
    session_id: str
    flow_type: str
    status: str
    current_step: str | None
    next_action: str | None
    steps: list[FlowStepView]
    cart_id: NotRequired[str]
    order_id: NotRequired[str]
    expires_at: str
    version: int


class CustomisedOfferView(TypedDict):
    """``matches``: how many preferences speak for the offer."""

    offer_id: str
    slug: str
    name: str
    base_price: Money
    matches: int


class FlowAnswerView(FlowView):
    customised_offers: NotRequired[list[CustomisedOfferView]]
    upsell_opportunities: NotRequired[list[UpsellView]]
    downsells: NotRequired[list[UpsellView]]
    final_review: NotRequired[CartView]


def show_flow(flow: Flow, now: datetime) -> FlowView:
    body = FlowView(
        flow_id=str(flow.id),
        offer_id=str(flow.offer_id),
        session_id=flow.session_id,
        flow_type=flow.flow_type,
        status=flow.status_at(now),
        current_step=flow.current_step,
        next_action=_next_action(flow),
        steps=[_step(step, flow) for step in ORDER],
        expires_at=text_of(flow.expires_at),
        version=flow.version,
    )
    if flow.cart_id is not None:
        body["cart_id"] = str(flow.cart_id)
    if flow.order_id is not None:
        body["order_id"] = str(flow.order_id)
    return body


def show_answer(answer: FlowAnswer, now: datetime) -> FlowAnswerView:
    body: FlowAnswerView = {**show_flow(answer.flow, now)}  # type: ignore[typeddict-item]  # the rest is optional
    if answer.customised_offers is not None:
        body["customised_offers"] = [_offer(it, matches) for it, matches in answer.customised_offers]
    if answer.upsell_opportunities is not None:
        body["upsell_opportunities"] = [show_proposal(it) for it in answer.upsell_opportunities]
    if answer.downsells is not None:
        body["downsells"] = [show_proposal(it) for it in answer.downsells]
    if answer.final_review is not None:
        body["final_review"] = view_explained(answer.final_review, now)
    return body


def _next_action(flow: Flow) -> str | None:
    """Nothing is to be done about a checkout that has begun."""
    if flow.current_step is None or (flow.current_step is Step.CHECKOUT and flow.answer is not None):
        return None
    return ACTIONS[flow.current_step]


def _step(step: Step, flow: Flow) -> FlowStepView:
    if done := flow.completed.get(step):
        return FlowStepView(name=step, status=COMPLETED, at=text_of(done.at))
    return FlowStepView(name=step, status=CURRENT if step is flow.current_step else PENDING)


def _offer(offer: KnownOffer, matches: int) -> CustomisedOfferView:
    details = offer.details
    return CustomisedOfferView(
        offer_id=str(offer.offer_id),
        slug=details.slug,
        name=details.name,
        base_price=money(details.price.base, details.price.currency),
        matches=matches,
    )
