"""What a checkout does with promotions, referral rules and campaigns, by commands: hold what its sale uses of
them, and redeem or release it.

Each command gets a fact of the redemption as its reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from contracts.envelope import Command
from contracts.offer import RedeemPromotions, ReleasePromotions, ReservePromotions
from contracts.promotion import Terms
from contracts.referral import Snapshot
from kernel import ids
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.use_cases.campaigns import campaigns_of, keys_of_campaigns
from offer.campaigns.use_cases.prices import change_prices_soon
from offer.customers.domain import CustomerProfile, Customers
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.promotions.domain.promotion import CONDITIONS, EXPIRED, Ineligibility, Promotion
from offer.promotions.domain.redemption import Counted, Redemption, Wanted, redemption_id
from offer.referral.domain.application import ReferralApplication, application_id
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.applications import list_application
from offer.referral.use_cases.grants import judge_uses
from pricing.customer import Customer
from pricing.from_contracts import promotion_of
from pricing.referral_candidates import Grant
from pricing.referral_snapshots import snapshots


async def reserve_promotions(command: ReservePromotions, work: UnitOfWork, customers: Customers) -> None:
    """Hold what a checkout's sale uses of promotions, referral rules and campaigns, all or nothing.

    No reply if the checkout's stock has been refused: it is about to compensate, and must not hold uses
    that others could have.
    """
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    if reservation.refused:
        return
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    promotions = await work.open_many(Promotion, command.promotion_ids)
    campaigns_by_promotion = await campaigns_of(command.promotion_ids, work)
    costs = _costs(command, campaigns_by_promotion)
    counted = Counted(
        application=await work.open(ReferralApplication, application_id(command.process_id)),
        promotions=promotions,
        rules=await work.open_many(ReferralRule, [it.rule_id for it in command.referrals]),
        campaigns=await work.open_many(Campaign, costs),
    )
    profile = await _profile(command, promotions, work, customers)
    referrals = tuple(await judge_uses(command.referrals, profile, work))
    wanted = Wanted(
        customer_id=command.customer_id,
        customer_ids=profile.ids,
        promotion_ids=command.promotion_ids,
        refused=_refused(promotions, campaigns_by_promotion, profile, work),
        referrals=referrals,
        snapshots=_snapshots(command, referrals, work),
        costs={
            key: counted.campaigns[key].cost_in(command.sale.currency, cost) if command.sale else cost
            for key, cost in costs.items()
        },
    )
    redemption.reserve(reply_to(command), wanted, counted, work.now)
    list_application(counted.application, work)
    change_prices_soon(counted.campaigns.values(), work)


async def redeem_promotions(command: RedeemPromotions, work: UnitOfWork) -> None:
    """Redeem what a checkout holds."""
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    order_id = ids.derive_id(command.process_id, "order")
    redemption.redeem(reply_to(command), await _held_by(redemption, command, work), order_id, work.now)


async def release_promotions(command: ReleasePromotions, work: UnitOfWork) -> None:
    """Release what a checkout holds or has redeemed, if anything."""
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    counted = await _held_by(redemption, command, work)
    redemption.release(reply_to(command), counted)
    change_prices_soon(counted.campaigns.values(), work)


async def _held_by(redemption: Redemption, command: Command, work: UnitOfWork) -> Counted:
    held = redemption.held
    return Counted(
        application=await work.open(ReferralApplication, application_id(command.process_id)),
        promotions=await work.open_many(Promotion, held.promotion_ids),
        rules=await work.open_many(ReferralRule, [it.rule_id for it in held.referrals]),
        campaigns=await work.open_many(Campaign, [it.campaign_id for it in held.campaigns]),
    )


def _costs(command: ReservePromotions, campaigns: Mapping[UUID, Campaign]) -> dict[UUID, int]:
    """What the sale takes from the budget of each campaign: by its prices, and by its promotions."""
    costs = Counter({it.campaign_id: it.amount for it in command.campaigns})
    for discount in command.sale.discounts if command.sale else ():
        if campaign := campaigns.get(discount.promotion_id):
            costs[campaign.id] += discount.amount
    return dict(costs)


async def _profile(
    command: ReservePromotions,
    promotions: Mapping[UUID, Promotion],
    work: UnitOfWork,
    customers: Customers,
) -> CustomerProfile:
    """Read only if something depends on it."""
    if command.referrals or any(_is_about_the_customer(it.terms) for it in promotions.values()):
        return (await customers.read(work.context.tenant, [command.customer_id]))[command.customer_id]
    return CustomerProfile(command.customer_id)


def _is_about_the_customer(terms: Terms) -> bool:
    conditions = terms.conditions
    is_conditional = conditions.get("customer_segments") or conditions.get("first_order")
    return bool(is_conditional) or terms.limits.per_customer is not None


def _refused(
    promotions: Mapping[UUID, Promotion],
    campaigns: Mapping[UUID, Campaign],
    profile: CustomerProfile,
    work: UnitOfWork,
) -> dict[UUID, Ineligibility]:
    """Promotions whose campaign does not run, and those that are for other customers."""
    customer = Customer(profile.customer_id, profile.segments, profile.paid_orders)
    refused: dict[UUID, Ineligibility] = {}
    for promotion_id, promotion in promotions.items():
        campaign = campaigns.get(promotion_id)
        if campaign is not None and not campaign.runs_at(work.now):
            refused[promotion_id] = EXPIRED
        elif not promotion_of(promotion_id, promotion.terms).conditions.accept(customer):
            refused[promotion_id] = CONDITIONS
    return refused


def _snapshots(
    command: ReservePromotions, referrals: tuple[object, ...], work: UnitOfWork
) -> tuple[Snapshot, ...]:
    if command.sale is None:
        return ()
    return snapshots(command.sale, [it for it in referrals if isinstance(it, Grant)], work.now)


def command_routes(customers: Customers) -> Mapping[type[Command], CommandRoute]:
    return {
        ReservePromotions: CommandRoute(
            partial(reserve_promotions, customers=customers),
            _everything,
            keys=lambda command: keys_of_campaigns(command.promotion_ids),
        ),
        RedeemPromotions: CommandRoute(redeem_promotions, _of_checkout),
        ReleasePromotions: CommandRoute(release_promotions, _of_checkout),
    }


def _of_checkout(command: Command) -> PreloadKeys:
    yield Redemption, redemption_id(command.process_id)
    yield ReferralApplication, application_id(command.process_id)


def _everything(command: ReservePromotions) -> PreloadKeys:
    yield Reservation, reservation_id(command.process_id)
    yield from _of_checkout(command)
    for promotion_id in command.promotion_ids:
        yield Promotion, promotion_id
    for use in command.referrals:
        yield ReferralRule, use.rule_id
        yield ReferralAttribution, use.attribution_id
    for cost in command.campaigns:
        yield Campaign, cost.campaign_id
