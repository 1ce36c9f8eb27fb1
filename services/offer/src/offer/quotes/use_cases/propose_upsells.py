"""Propose upsells to the buyer of an order: those of the offers that were bought, priced for the order's
destination, without promotions and without shipping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import Command
from contracts.offer import ProposeUpsells
from contracts.product import Details
from contracts.sale import Sale
from contracts.upsell import Proposal
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.customers.domain import Customers
from offer.inventory.domain.reply_to import reply_to
from offer.offers.domain.offer import Offer
from offer.quotes.domain.shop import NotForSale, Shop, Wanted
from offer.quotes.use_cases.load_shop import load_shop, taxes_at
from offer.quotes.use_cases.quote import fulfilled_by
from offer.tax_rates.domain import TaxRates, tax_rates_id
from offer.upsells.domain.proposals import MOST_PROPOSED, Proposals, proposals_id
from offer.upsells.domain.upsell import Upsell
from offer.upsells.use_cases.upsells import upsells_of
from pricing.derivation import digest
from pricing.from_contracts import price_items, rounding_of, sale_of
from pricing.product_price import PriceContext
from pricing.tax import TaxTable
from pricing.type_rules import Restricted, check_prerequisites, check_quantity, required_of
from pricing.upsell_trigger import unmet_condition

ONLY_LINE = "1"
"""The id of the one line of a proposed sale."""


@dataclass(frozen=True, slots=True)
class UpsellProposals:
    customers: Customers

    async def __call__(self, command: ProposeUpsells, work: UnitOfWork) -> None:
        proposals = await work.open(Proposals, proposals_id(command.order_id))
        if proposals.repeat(reply_to(command)):
            return
        made: list[Proposal] = []
        candidates = [it for it in await _post_purchase(command.sale, work) if _is_wanted(it, command, work)]
        if candidates:
            shop = await load_shop((), _offers_in(command.sale), (it.id for it in candidates), work.now, work)
            taxes = await taxes_at(command.sale.destination, work)
            for it in candidates:
                if len(made) < MOST_PROPOSED and await self._may_buy(it, shop, command, work):
                    made += _proposal(it, shop, command, taxes, work)
        proposals.make(reply_to(command), made)

    async def _may_buy(self, upsell: Upsell, shop: Shop, command: ProposeUpsells, work: UnitOfWork) -> bool:
        """Its offer and product are for sale, in this quantity and to this customer."""
        details: Details | None = shop.products.get(upsell.details.product_id)
        if details is None or upsell.offer_id not in shop.offers:
            return False
        try:
            check_quantity(details, upsell.details.quantity)
            if required_of([details]):
                known = await self.customers.read(work.context.tenant, [command.customer_id])
                has = await fulfilled_by(known[command.customer_id], work)
                check_prerequisites([details], has.__contains__)
        except Restricted:
            return False
        return True


def command_routes(customers: Customers) -> Mapping[type[Command], CommandRoute]:
    return {ProposeUpsells: CommandRoute(UpsellProposals(customers), _with_offers, _rates)}


async def _post_purchase(sale: Sale, work: UnitOfWork) -> Sequence[Upsell]:
    """Of all offers in the sale, by priority, then by id."""
    found = [
        upsell
        for offer_id in _offers_in(sale)
        for upsell in await upsells_of(offer_id, work)
        if upsell.details.post_purchase
    ]
    return sorted(found, key=lambda it: (it.details.priority, str(it.id)))


def _is_wanted(upsell: Upsell, command: ProposeUpsells, work: UnitOfWork) -> bool:
    """Its conditions hold for what was bought. How long a page has been shown does not count, and a limit of
    seconds would only begin now."""
    sale, details = command.sale, upsell.details
    products = {line.product_id for line in sale.lines}
    ends_at = details.urgency.ends_at if details.urgency else None
    if details.product_id in products or (ends_at is not None and ends_at <= work.now):
        return False
    goods = sale.totals.subtotal - sale.totals.discount
    return unmet_condition(details.trigger, goods, products, frozenset(command.segments)) is None


def _proposal(
    upsell: Upsell, shop: Shop, command: ProposeUpsells, taxes: TaxTable, work: UnitOfWork
) -> Iterable[Proposal]:
    """None if the product has no price in the currency of the order."""
    details, bought = upsell.details, command.sale
    rounding = rounding_of(bought.policy)
    country = bought.destination.country if bought.destination else None
    context = PriceContext(bought.currency, country, frozenset(command.segments), work.now, rounding.mode)
    wanted = Wanted(
        ONLY_LINE,
        details.product_id,
        details.quantity,
        offer_id=upsell.offer_id,
        upsell_id=upsell.id,
    )
    try:
        items = shop.items([wanted], context, offered=[upsell.offer_id])
    except NotForSale:
        return
    priced = price_items(bought.currency, items, (), work.now, taxes, rounding)
    yield Proposal(
        upsell_id=upsell.id,
        product_id=details.product_id,
        name=details.name,
        quantity=details.quantity,
        sale=sale_of(priced, items, bought.destination, work.now),
        digest=digest(priced),
    )


def _offers_in(sale: Sale) -> list[UUID]:
    """Those that were bought themselves, and not only an upsell of theirs."""
    return sorted({line.offer_id for line in sale.lines if line.offer_id and line.upsell_id is None})


def _with_offers(command: ProposeUpsells) -> PreloadKeys:
    yield Proposals, proposals_id(command.order_id)
    for offer_id in _offers_in(command.sale):
        yield Offer, offer_id


def _rates(command: ProposeUpsells, tenant: str) -> PreloadKeys:
    if command.sale.destination:
        yield TaxRates, tax_rates_id(tenant)
