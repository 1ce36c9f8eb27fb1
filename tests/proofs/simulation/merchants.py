"""Requests of merchants: set up the shop, and change it while customers buy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from checkout_saga.shop_settings.domain import MANUAL, ShopSettings
from checkout_saga.shop_settings.use_cases import change_settings
from contracts.campaign import CampaignChange, CampaignDetails
from contracts.experiment import Changes, PriceChange
from contracts.offer import Component, OfferPrice
from contracts.product import Details, Price
from contracts.promotion import Limits, Stacking, Terms
from contracts.referral_program import ProgramDetails
from contracts.referral_rule import ReferralLimits, Reward, RuleDetails
from contracts.sale import Money
from contracts.upsell import Reduction, UpsellDetails
from kernel.store.pg_unit_of_work import PgUnitOfWork
from offer.campaigns.use_cases.campaigns import activate_campaign, create_campaign, pause_campaign
from offer.catalogue.use_cases import (
    ChangeProduct,
    activate_product,
    archive_product,
    change_product,
    create_product,
)
from offer.experiments.use_cases.experiments import (
    CreateExperiment,
    ExperimentRef,
    NewVariant,
    create_experiment,
    find_experiment,
    start_experiment,
    stop_experiment,
)
from offer.inventory.use_cases.seats import keep_seats
from offer.inventory.use_cases.stock_counts import CountStock, ReceiveStock, count_stock, receive_stock
from offer.offers.domain.shipping import ShippingWish
from offer.offers.use_cases.offers import CreateOffer, create_offer, publish_offer
from offer.plans.use_cases.joining import PLANS
from offer.promotions.use_cases.promotions import create_promotion, disable_promotion
from offer.referral.use_cases.programs import activate_program, create_program
from offer.referral.use_cases.rules import create_rule
from offer.tax_rates.use_cases import SetTaxRate, set_tax_rate
from offer.timers import CAMPAIGNS
from offer.upsells.use_cases.upsells import CreateUpsell, create_upsell
from tests.proofs.simulation.workload import TAXED, Change, Goods, Workload

Act = Callable[[PgUnitOfWork], Awaitable[UUID]]
Item = TypeVar("Item")
CODE = "ONCE"
SLUG = "set"
OFFER_PRICE, LOWER_PRICE = 3_001, 2_503
BUMP = Goods(price=777, stock=3)
"""The order bump's product, which is sold by it alone."""
BUMPED = 9
"""The number of its product."""
REWARD_DAYS = 1
FEW = 3
"""A stock count finds fewer units than this."""


def with_goods(number: int, goods: Goods) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        details = Details(
            sku=f"SKU-{number}",
            name=f"Thing {number}",
            type=goods.type,
            prices=(Price(amount=goods.price, currency="USD"),),
        )
        product = await create_product(details, work, keep_seats, PLANS)
        await activate_product(product.id, work, PLANS)
        if goods.stock is not None:
            await count_stock(CountStock(product.id, goods.stock, allow_backorders=False), work)
        return product.id

    return act


def with_promotion(workload: Workload) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        limits = Limits(total=workload.uses, per_customer=1)
        terms = Terms(code=CODE, kind="percentage", value=str(workload.percent), limits=limits)
        return (await create_promotion(terms, work)).id

    return act


def with_tax(percent: int) -> Act:
    """A tax rate for the one country with taxes."""

    async def act(work: PgUnitOfWork) -> UUID:
        rate = SetTaxRate(TAXED, None, None, str(percent), inclusive=False, name="IVA")
        return (await set_tax_rate(rate, work)).originator_id

    return act


def needs_settings(workload: Workload) -> bool:
    """Whether its shops have other settings than those that they begin with."""
    return _settings_of(workload) != ShopSettings()


def with_settings(workload: Workload) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        return (await change_settings(_settings_of(workload), work)).id

    return act


def _settings_of(workload: Workload) -> ShopSettings:
    return ShopSettings(
        dict.fromkeys(workload.manual, MANUAL),
        workload.on_failure,
        review_hours=workload.review_hours,
        review_timeout=workload.review_timeout,
    )


def offered(goods: Sequence[Item]) -> Sequence[Item]:
    """Those that the offer contains."""
    return goods[:2]


def with_offer(product_ids: Sequence[UUID]) -> Act:
    """An offer that contains two units of each product."""

    async def act(work: PgUnitOfWork) -> UUID:
        components = tuple(
            Component(product_id=it, quantity=2, position=position) for position, it in enumerate(product_ids)
        )
        fields = {
            "slug": SLUG,
            "name": "Set",
            "type": "physical_product",
            "products": components,
            "price": OfferPrice(currency="USD", base=OFFER_PRICE),
        }
        offer = await create_offer(CreateOffer(fields, ShippingWish()), work, CAMPAIGNS)
        return (await publish_offer(offer.id, work)).id

    return act


def with_bump(offer_id: UUID) -> Act:
    """An order bump of the offer, with a product of its own; it is also proposed after a purchase."""

    async def act(work: PgUnitOfWork) -> UUID:
        product_id = await with_goods(BUMPED, BUMP)(work)
        reduction = Reduction(type="percentage", value="15")
        details = UpsellDetails(
            type="order_bump", product_id=product_id, name="More", discount=reduction, post_purchase=True
        )
        return (await create_upsell(CreateUpsell(offer_id, details), work)).id

    return act


def with_experiment(offer_id: UUID) -> Act:
    """A running experiment with the offer's price."""

    async def act(work: PgUnitOfWork) -> UUID:
        lower = Changes(price=PriceChange(base=LOWER_PRICE))
        variants = NewVariant("control", 1, Changes()), NewVariant("lower", 1, lower)
        experiment = await create_experiment(CreateExperiment(offer_id, "Price", variants), work)
        return (await start_experiment(ExperimentRef(offer_id, experiment.id), work)).id

    return act


def with_end_of_test(ref: ExperimentRef, winner: int) -> Act:
    """``winner``: the number of a variant."""

    async def act(work: PgUnitOfWork) -> UUID:
        experiment = await find_experiment(ref, work)
        variant = experiment.details.variants[winner]
        return (await stop_experiment(ref, variant.variant_id, work)).id

    return act


def with_campaign(workload: Workload, offer_id: UUID) -> Act:
    """An active campaign for the offer."""

    async def act(work: PgUnitOfWork) -> UUID:
        budget = None if workload.budget is None else Money(amount=workload.budget, currency="USD")
        change = CampaignChange(type="percentage", value="10")
        details = CampaignDetails(name="Week", budget=budget, change=change, offer_ids=(offer_id,))
        campaign = await create_campaign(details, work)
        return (await activate_campaign(campaign.id, work)).id

    return act


def with_referrals(workload: Workload) -> Act:
    """An active referral program with one rule."""

    async def act(work: PgUnitOfWork) -> UUID:
        program = await create_program(ProgramDetails(name="Friends", reward_days=REWARD_DAYS), work)
        await activate_program(program.id, work)
        details = RuleDetails(
            program_id=program.id,
            trigger="signup",
            referee_reward=Reward(type="percentage", value="10"),
            limits=ReferralLimits(total=workload.referrals, per_referee=1),
        )
        await create_rule(details, work)
        if workload.reward is not None:
            of_referrer = RuleDetails(
                program_id=program.id,
                trigger="first_order_paid",
                referrer_reward=Reward(type="percentage", value=str(workload.reward)),
                stacking=Stacking(priority=1),
            )
            await create_rule(of_referrer, work)
        return program.id

    return act


def with_change(it: Change, product_id: UUID, promotion_id: UUID, campaign_id: UUID) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        match it.what:
            case "price":
                prices = [{"amount": it.number, "currency": "USD"}]
                change = ChangeProduct(product_id, {"prices": prices})
                await change_product(change, work, keep_seats, PLANS)
            case "archive":
                await archive_product(product_id, work)
            case "count":
                await count_stock(CountStock(product_id, it.number % FEW, allow_backorders=False), work)
            case "receive":
                await receive_stock(ReceiveStock(product_id, it.number), work)
            case "tax":
                await with_tax(it.number)(work)
            case "disable":
                await disable_promotion(promotion_id, work)
            case "pause":
                await pause_campaign(campaign_id, work)
            case "resume":
                await activate_campaign(campaign_id, work)
            case _:
                raise ValueError(it.what)
        return product_id

    return act
