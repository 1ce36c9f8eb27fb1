"""Compare a cart's amounts with the catalogue's own prices, promotions, rates and shipping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.envelope import Command
from contracts.offer import ConfirmPrice, ReferralUse
from contracts.sale import Sale, SaleLine
from contracts.upsell import Origin
from kernel.command_routes import CommandRoute, PreloadKeys, UniqueKeys
from kernel.unit_of_work import UnitOfWork
from offer.campaigns.use_cases.campaigns import keys_of_campaigns
from offer.catalogue.domain.product import Product
from offer.customers.domain import CustomerProfile, Customers
from offer.experiments.use_cases.experiments import keys_of_experiments
from offer.inventory.domain.reply_to import ReplyTo, reply_to
from offer.offers.domain.offer import Offer
from offer.promotions.domain.promotion import Promotion
from offer.promotions.domain.redemption import Redemption, redemption_id
from offer.quotes.domain.price_check import PriceCheck, price_check_id
from offer.quotes.domain.shop import NotForSale, Shop, Wanted
from offer.quotes.use_cases.load_shop import load_shop, rules_of, taxes_at
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.grants import confirm_uses
from offer.shipping_rates.domain import ShippingRates, shipping_rates_id
from offer.shipping_rates.use_cases import find_shipping_rates
from offer.tax_rates.domain import TaxRates, tax_rates_id
from offer.upsells.domain.proposals import Proposals, proposals_id
from offer.upsells.domain.upsell import Upsell
from pricing import promotions as rules
from pricing.customer import Customer
from pricing.derivation import digest
from pricing.from_contracts import (
    destination_of,
    price_items,
    rounding_of,
    sale_of,
    shipping_rate_from,
)
from pricing.product_price import PriceContext
from pricing.shipping import ChosenShipping, Shipping, fallback_shipping


@dataclass(frozen=True, slots=True)
class PriceConfirmation:
    """``as_priced_for``: for how long after a cart was priced windows and dynamic rules are judged by that
    moment."""

    customers: Customers
    as_priced_for: timedelta

    async def __call__(self, command: ConfirmPrice, work: UnitOfWork) -> None:
        to, sale = reply_to(command), command.sale
        check = await work.open(PriceCheck, price_check_id(command.process_id))
        if check.repeat(to):
            return
        if command.origin:
            await _compare_with_proposal(check, to, sale, command.origin, work)
            return
        at = self._judged_at(sale, work.now)
        held = await _campaigns_held(command, work)
        shop = await load_shop(
            {line.product_id for line in sale.lines},
            {line.offer_id for line in sale.lines if line.offer_id},
            {line.upsell_id for line in sale.lines if line.upsell_id},
            at,
            work,
            held,
        )
        promotions = await work.open_many(Promotion, _promotion_ids(sale))
        applying = await rules_of(promotions, at, work, held)
        referrals = _referral_uses(sale)
        profile = await self._profile(command, shop, [*applying, *referrals], work)
        customer = Customer(profile.customer_id, profile.segments, profile.paid_orders)
        applying += (it.promotion for it in await confirm_uses(referrals, profile, work, at))
        rounding = rounding_of(sale.policy)
        country = sale.destination.country if sale.destination else None
        context = PriceContext(sale.currency, country, customer.segments, at, rounding.mode)
        try:
            items = shop.items([_wanted(line) for line in sale.lines], context)
        except NotForSale as missing:
            check.refuse(to, _no_longer_sold(sale, missing))
            return
        priced = price_items(
            sale.currency,
            items,
            applying,
            at,
            await taxes_at(sale.destination, work),
            rounding,
            customer=customer,
            shipping=await _shipping(sale, work),
        )
        if priced.cannot_be_shipped:
            check.refuse(to, "Nothing ships the goods to the destination any more.")
            return
        check.compare(to, sale, sale_of(priced, items, sale.destination), digest(priced))

    def _judged_at(self, sale: Sale, now: datetime) -> datetime:
        priced_at = sale.priced_at
        is_recent = priced_at is not None and abs(now - priced_at) <= self.as_priced_for
        return priced_at if priced_at is not None and is_recent else now

    async def _profile(
        self,
        command: ConfirmPrice,
        shop: Shop,
        reductions: Sequence[rules.Promotion | ReferralUse],
        work: UnitOfWork,
    ) -> CustomerProfile:
        """Read only if a price or a reduction depends on it."""
        if shop.has_prices_for_segments or any(map(_is_for_some, reductions)):
            return (await self.customers.read(work.context.tenant, [command.customer_id]))[
                command.customer_id
            ]
        return CustomerProfile(command.customer_id)


def command_routes(customers: Customers, as_priced_for: timedelta) -> Mapping[type[Command], CommandRoute]:
    confirm = PriceConfirmation(customers, as_priced_for)
    return {ConfirmPrice: CommandRoute(confirm, _with_catalogue, _rates, _keys)}


async def _compare_with_proposal(
    check: PriceCheck, to: ReplyTo, sale: Sale, origin: Origin, work: UnitOfWork
) -> None:
    """An upsell that is bought after a purchase has the price at which it was proposed."""
    proposals = await work.open(Proposals, proposals_id(origin.order_id))
    proposal = proposals.of(origin.upsell_id)
    if proposal is None:
        check.refuse(to, "This was not proposed.")
    else:
        check.compare(to, sale, proposal.sale, proposal.digest)


def _wanted(line: SaleLine) -> Wanted:
    return Wanted(
        line_id=line.line_id,
        product_id=line.product_id,
        quantity=line.quantity,
        units=line.units,
        offer_id=line.offer_id,
        upsell_id=line.upsell_id,
        experiment=line.experiment,
        gift_seats=line.gift_seats,
        plan_id=line.plan_id,
    )


def _no_longer_sold(sale: Sale, missing: NotForSale) -> str:
    missed = f"priced in {sale.currency}" if missing.is_for_sale else "for sale"
    line = next((it for it in sale.lines if it.product_id == missing.product_id), None)
    name = f"{line.name} ({line.sku})" if line else "A product of an offer"
    return f"{name} is no longer {missed}."


def _is_for_some(reduction: rules.Promotion | ReferralUse) -> bool:
    return isinstance(reduction, ReferralUse) or reduction.conditions.are_for_some


def _referral_uses(sale: Sale) -> list[ReferralUse]:
    found = (it.referral for it in sale.discounts if it.referral is not None)
    return [ReferralUse(rule_id=it.rule_id, attribution_id=it.attribution_id) for it in found]


def _promotion_ids(sale: Sale) -> set[UUID]:
    """A referral's discount has no promotion of its own."""
    return {it.promotion_id for it in sale.discounts if it.referral is None}


def _may_hold(sale: Sale) -> bool:
    """Whether the checkout may hold a part of a campaign's budget."""
    return bool(sale.discounts) or any(it.campaign_id for it in sale.lines)


async def _campaigns_held(command: ConfirmPrice, work: UnitOfWork) -> set[UUID]:
    """The campaigns whose budget the checkout holds a part of."""
    if not _may_hold(command.sale):
        return set()
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    return {it.campaign_id for it in redemption.held.campaigns}


async def _shipping(sale: Sale, work: UnitOfWork) -> Shipping | None:
    destination = destination_of(sale.destination)
    if destination is None:
        return None
    found = (await find_shipping_rates(work)).rates.items()
    rates = tuple(shipping_rate_from(rate_id, details) for rate_id, details in found)
    chosen = sale.shipping
    if chosen and chosen.fallback:
        return fallback_shipping(rates, sale.currency)
    return ChosenShipping(rates, destination, chosen.option_id if chosen else None)


def _with_catalogue(command: ConfirmPrice) -> PreloadKeys:
    yield PriceCheck, price_check_id(command.process_id)
    if command.origin:
        yield Proposals, proposals_id(command.origin.order_id)
        return
    if _may_hold(command.sale):
        yield Redemption, redemption_id(command.process_id)
    for line in command.sale.lines:
        yield Product, line.product_id
        if line.offer_id:
            yield Offer, line.offer_id
        if line.upsell_id:
            yield Upsell, line.upsell_id
    for promotion_id in _promotion_ids(command.sale):
        yield Promotion, promotion_id
    for use in _referral_uses(command.sale):
        yield ReferralRule, use.rule_id
        yield ReferralAttribution, use.attribution_id


def _keys(command: ConfirmPrice) -> UniqueKeys:
    if command.origin:
        return
    yield from keys_of_campaigns(_promotion_ids(command.sale))
    yield from keys_of_experiments({str(line.offer_id) for line in command.sale.lines if line.offer_id})


def _rates(command: ConfirmPrice, tenant: str) -> PreloadKeys:
    if command.sale.destination and command.origin is None:
        yield TaxRates, tax_rates_id(tenant)
        yield ShippingRates, shipping_rates_id(tenant)
