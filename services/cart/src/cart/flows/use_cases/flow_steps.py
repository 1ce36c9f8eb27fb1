"""Take the steps of a flow, and answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never
from uuid import UUID

from cart.carts.domain.upsells import Proposal, downsells, proposals
from cart.carts.use_cases.abandonment import keep_timers
from cart.carts.use_cases.cart_access import PricedCart, priced_for_read, wanted_by
from cart.carts.use_cases.offers import published, situation_of
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt, Wanted
from cart.catalogue.domain.offers import KnownOffer
from cart.flows.domain.choices import CheckoutBegun, Choice, Package, Preferences, Review, UpsellAnswers
from cart.flows.domain.errors import NotAPackage
from cart.flows.domain.flow import Flow, FlowStatus
from cart.flows.domain.packages import by_preference, packages_of
from cart.flows.use_cases.access import open_flow
from cart.flows.use_cases.endings import FLOW_ABANDONMENT
from cart.flows.use_cases.flow_carts import answer_upsells, fill_cart, flows_cart, open_flows_cart
from cart.flows.use_cases.policy import FlowPolicy
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class TakeStep:
    """``data``: the choice as it is kept."""

    flow_id: UUID
    choice: Choice
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """The flow after a step, and what the step answers: None where it answers nothing of the kind."""

    flow: Flow
    customised_offers: list[tuple[KnownOffer, int]] | None = None
    """Each with the number of preferences that it matches."""
    upsell_opportunities: list[Proposal] | None = None
    downsells: list[Proposal] | None = None
    final_review: PricedCart | None = None

    @property
    def version(self) -> int:
        return self.flow.version


async def take_step(
    command: TakeStep, work: UnitOfWork, catalogue: Catalogue, policy: Policy, flow_policy: FlowPolicy
) -> FlowAnswer:
    """Take the current step, or answer again for the one that was taken last with the same data.

    Raises FlowNotFound, FlowEnded, FlowStepOutOfOrder, NotAPackage, and the refusals of the cart, which leave
    the flow as it is.
    """
    flow = await open_flow(command.flow_id, work)
    if not flow.repeats(command.choice.STEP, command.data):
        flow.must_be_at(command.choice.STEP, work.now)
        if flow.status is FlowStatus.ABANDONED:
            work.set_timer(FLOW_ABANDONMENT, flow.id, work.now + flow_policy.idle)
        await _take(flow, command, work, catalogue, policy)
    return await _answer(flow, command.choice, work, catalogue)


async def _take(
    flow: Flow, command: TakeStep, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> None:
    choice, data = command.choice, command.data
    match choice:
        case Preferences():
            flow.complete_step(data)
        case Package(offer_id=offer_id):
            offer = await _package(flow, offer_id, work, catalogue)
            flow.complete_step(data, await fill_cart(flow, offer, choice, work, catalogue, policy))
        case UpsellAnswers():
            if await answer_upsells(flow, choice, work, catalogue, policy):
                flow.complete_step(data)
            elif flow.answer != data:
                flow.answer_step(data)
        case Review():
            cart, _ = await open_flows_cart(flow, (), work, catalogue)
            keep_timers(cart, work, policy)
            flow.complete_step(data)
        case CheckoutBegun():
            flow.answer_step(data)
        case _:
            assert_never(choice)


async def _answer(flow: Flow, choice: Choice, work: UnitOfWork, catalogue: Catalogue) -> FlowAnswer:
    match choice:
        case Preferences(values=values):
            return FlowAnswer(flow, customised_offers=await _customised(flow, values, work, catalogue))
        case CheckoutBegun():
            return FlowAnswer(flow)
    cart = await flows_cart(flow, work)
    excerpt = await catalogue.read(work.context.tenant, wanted_by(cart))
    match choice:
        case Package():
            now_open = proposals(situation_of(cart, excerpt, work, elapsed=0))
            return FlowAnswer(flow, upsell_opportunities=now_open)
        case UpsellAnswers():
            unanswered = downsells(situation_of(cart, excerpt, work), cart.declined)
            return FlowAnswer(flow, downsells=unanswered)
        case Review():
            return FlowAnswer(flow, final_review=priced_for_read(cart, excerpt, work))
        case _:
            assert_never(choice)


async def _customised(
    flow: Flow, values: Mapping[str, Any], work: UnitOfWork, catalogue: Catalogue
) -> list[tuple[KnownOffer, int]]:
    """The published packages, the best first; without packages, the flow's own offer."""
    offers = (await _with_packages(flow, work, catalogue)).offers
    ranked = by_preference(packages_of(offers[flow.offer_id].details.configuration), values)
    wanted = [(it.offer_id, matches) for it, matches in ranked] or [(flow.offer_id, 0)]
    found = [(offers[offer_id], matches) for offer_id, matches in wanted if offer_id in offers]
    return [(offer, matches) for offer, matches in found if offer.is_published]


async def _package(flow: Flow, offer_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> KnownOffer:
    """Raises NotAPackage, OfferNotFound."""
    offers = (await _with_packages(flow, work, catalogue)).offers
    packages = packages_of(offers[flow.offer_id].details.configuration)
    if offer_id != flow.offer_id and all(it.offer_id != offer_id for it in packages):
        raise NotAPackage("The offer is not a package of this flow.", field=("data", "offer_id"))
    return published(offers.get(offer_id))


async def _with_packages(flow: Flow, work: UnitOfWork, catalogue: Catalogue) -> CatalogueExcerpt:
    """The flow's offer and its packages. Both reads are from memory as a rule."""
    own = await catalogue.read(work.context.tenant, Wanted(offers={flow.offer_id}))
    published(own.offers.get(flow.offer_id))
    packages = packages_of(own.offers[flow.offer_id].details.configuration)
    offers = {flow.offer_id, *(it.offer_id for it in packages)}
    return await catalogue.read(work.context.tenant, Wanted(offers=offers))
