"""Price a sale by the catalogue, with the promotions that were rejected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.sale import Destination, Policy
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.details import BUNDLE
from offer.catalogue.domain.product import Product
from offer.catalogue.domain.references import course_product_ids
from offer.customers.domain import CustomerProfile, Customers
from offer.pricing_policy.use_cases import find_pricing_policy
from offer.promotions.domain.promotion import UNKNOWN, Promotion
from offer.promotions.use_cases.promotions import CODE
from offer.quotes.domain.errors import ShippingAddressRequired, ShippingOptionNotAvailable
from offer.quotes.domain.restrictions import check_lines
from offer.quotes.domain.shop import NotForSale, Shop, Wanted
from offer.quotes.use_cases.load_shop import load_shop, rules_of, taxes_at
from offer.quotes.use_cases.wanted_lines import QuoteLine, refusal_of, wanted_lines
from offer.referral.use_cases.grants import judge_all
from offer.shipping_rates.use_cases import find_shipping_rates
from pricing.codes import canonical
from pricing.customer import Customer
from pricing.from_contracts import (
    Item,
    destination_of,
    price_items,
    rounding_of,
    shipping_rate_from,
)
from pricing.priced import Priced
from pricing.product_price import PriceContext
from pricing.referral_candidates import Grant
from pricing.shipping import ChosenShipping
from pricing.type_rules import required_of


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is not given is what offer knows of a customer with this id."""

    customer_id: str | None = None
    segments: frozenset[str] | None = None
    paid_orders: int | None = None


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """Without a ``shipping_option_id`` the recommended option of the destination is charged.
    ``automatic``: promotions without a code."""

    currency: str
    lines: tuple[QuoteLine, ...]
    codes: tuple[str, ...] = ()
    automatic: tuple[UUID, ...] = ()
    buyer: Buyer = Buyer()
    destination: Destination | None = None
    shipping_option_id: UUID | None = None
    session_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    code: str | None
    promotion_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    items: tuple[Item, ...]
    priced: Priced
    rejected: tuple[Rejection, ...]
    at: datetime
    destination: Destination | None


async def quote(request: QuoteRequest, work: UnitOfWork, customers: Customers) -> Quote:
    at = request.at or work.now
    policy = (await find_pricing_policy(work)).policy
    profile = await _profile(request.buyer, work, customers)
    customer = _customer(request.buyer, profile)
    shop, lines = await _shop(request, at, work)
    items = _items(request, shop, lines, customer, policy, at)
    await _check_types(shop, lines, profile, work)
    rejected: list[Rejection] = []
    usable: dict[UUID, Promotion] = {}
    for promotion, code in await _promotions(request, work):
        if promotion is None:
            rejected.append(Rejection(code, None, UNKNOWN.reason))
        elif ineligibility := promotion.ineligibility(at, profile.ids if profile else ()):
            rejected.append(Rejection(code, promotion.id, ineligibility.reason))
        else:
            usable[promotion.id] = promotion
    referrals = await judge_all(profile, work, at) if profile else []
    priced = price_items(
        request.currency,
        items,
        [
            *await rules_of(usable, at, work),
            *(it.promotion for it in referrals if isinstance(it, Grant)),
        ],
        at,
        await taxes_at(request.destination, work),
        rounding_of(policy),
        customer=customer,
        shipping=await _shipping(request, work),
    )
    _check_option(request, priced)
    rejected += (Rejection(it.code, UUID(it.promotion_id), it.reason) for it in priced.rejected)
    return Quote(tuple(items), priced, tuple(rejected), at, request.destination)


async def _profile(buyer: Buyer, work: UnitOfWork, customers: Customers) -> CustomerProfile | None:
    """What is known of the customer, with what the request says instead."""
    if buyer.customer_id is None:
        return None
    known = (await customers.read(work.context.tenant, [buyer.customer_id]))[buyer.customer_id]
    return replace(
        known,
        segments=known.segments if buyer.segments is None else buyer.segments,
        paid_orders=known.paid_orders if buyer.paid_orders is None else buyer.paid_orders,
    )


def _customer(buyer: Buyer, profile: CustomerProfile | None) -> Customer:
    if profile is None:
        return Customer(None, buyer.segments or frozenset(), buyer.paid_orders)
    return Customer(profile.customer_id, profile.segments, profile.paid_orders)


async def _shop(request: QuoteRequest, at: datetime, work: UnitOfWork) -> tuple[Shop, list[Wanted]]:
    shop = await load_shop(
        {it.product_id for it in request.lines if it.product_id},
        {it.offer_id for it in request.lines if it.offer_id},
        {it.upsell_id for it in request.lines if it.upsell_id},
        at,
        work,
    )
    return shop, wanted_lines(request.lines, shop, request.session_id)


def _items(
    request: QuoteRequest,
    shop: Shop,
    lines: list[Wanted],
    customer: Customer,
    policy: Policy,
    at: datetime,
) -> list[Item]:
    country = request.destination.country if request.destination else None
    mode = rounding_of(policy).mode
    context = PriceContext(request.currency, country, customer.segments, at, mode)
    try:
        return shop.items(lines, context, [it.offer_id for it in shop.upsells.values()])
    except NotForSale as missing:
        raise refusal_of(missing, request.currency) from None


async def _check_types(
    shop: Shop, lines: list[Wanted], profile: CustomerProfile | None, work: UnitOfWork
) -> None:
    """As in a cart. Raises ``TYPE_RULES``."""
    details = {line.product_id: shop.products[line.product_id] for line in lines}
    named = {key: course_product_ids(it) for key, it in details.items() if it.type == BUNDLE}
    known = await work.open_many(Product, {it for ids in named.values() for it in ids})
    courses = {key: [it for it in ids if known[it].exists] for key, ids in named.items()}
    has = None
    if profile is not None and required_of(details.values()):
        has = (await fulfilled_by(profile, work)).__contains__
    check_lines(lines, details, courses, has)


async def fulfilled_by(profile: CustomerProfile, work: UnitOfWork) -> frozenset[str]:
    """What the customer has of prerequisites: qualifications, and what was bought and delivered, also as part
    of a bundle."""
    bundles = await work.open_many(Product, profile.fulfilled)
    in_bundles = (it for bundle in bundles.values() for it in bundle.details.course_ids)
    return profile.qualifications.union(map(str, profile.fulfilled), in_bundles)


async def _shipping(request: QuoteRequest, work: UnitOfWork) -> ChosenShipping | None:
    destination = destination_of(request.destination)
    if destination is None:
        if request.shipping_option_id is not None:
            raise ShippingAddressRequired("Shipping depends on the destination.")
        return None
    found = (await find_shipping_rates(work)).rates.items()
    rates = tuple(shipping_rate_from(rate_id, details) for rate_id, details in found)
    return ChosenShipping(rates, destination, request.shipping_option_id)


def _check_option(request: QuoteRequest, priced: Priced) -> None:
    if priced.cannot_be_shipped:
        raise ShippingOptionNotAvailable("Nothing ships these lines to the destination.")
    wanted = request.shipping_option_id
    used = priced.shipping.charge.option_id if priced.shipping else None
    if wanted is not None and wanted != used:
        raise ShippingOptionNotAvailable("The option cannot ship these lines.")


async def _promotions(
    request: QuoteRequest, work: UnitOfWork
) -> Iterable[tuple[Promotion | None, str | None]]:
    """Each promotion once, with the code that found it; None for a code that no promotion has."""
    code_of: dict[UUID, str | None] = dict.fromkeys(request.automatic)
    keys = {code: canonical(code) for code in request.codes}
    owners = await work.owners_of_keys(CODE, [key for key in keys.values() if key])
    unknown: list[str] = []
    for code in request.codes:
        promotion_id = owners.get(keys[code] or "")
        if promotion_id is None:
            unknown.append(code)
        else:
            code_of.setdefault(promotion_id, code)
    promotions = await work.open_many(Promotion, code_of)
    return [*((promotions[key], code) for key, code in code_of.items()), *((None, code) for code in unknown)]
