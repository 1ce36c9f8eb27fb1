"""What the rows of ``excerpt_statement`` mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import (
    ACTIVE,
    RUNNING,
    KnownCampaign,
    KnownOffer,
    KnownStep,
    KnownUpsell,
)
from cart.catalogue.domain.products import Product, Stock
from cart.catalogue.domain.promotions import KnownPromotion
from cart.catalogue.referrals import candidate_of
from contracts import pricing_policy, shipping_rate
from contracts.campaign import CampaignDetails
from contracts.experiment import ExperimentDetails
from contracts.funnel import FunnelStep
from contracts.offer import OfferDetails
from contracts.product import Details
from contracts.promotion import Terms
from contracts.shipping_rate import ShippingRateDetails
from contracts.tax_rate import Set
from contracts.upsell import UpsellDetails
from pricing.experiments import Assignment
from pricing.from_contracts import promotion_of, rounding_of, shipping_rate_of, tax_rate_of
from pricing.product_price import with_parent
from pricing.rounding import Rounding
from pricing.shipping import ShippingRate

LOG = structlog.get_logger()

Row = asyncpg.Record


def to_excerpt(rows: Iterable[Row]) -> CatalogueExcerpt:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["part"]].append(row)
    campaigns = [_campaign(row) for row in sorted(found["campaign"], key=lambda it: it["id"])]
    promotions = (_promotion(row, campaigns) for row in found["promotion"])
    offers = [_offer(row, found["experiment"], campaigns) for row in found["offer"]]
    return CatalogueExcerpt(
        products=_products(found["product"]),
        promotions={it.promotion_id: it for it in promotions if it is not None},
        taxes=tuple(tax_rate_of(Set.model_construct(**row["data"])) for row in found["tax_rate"]),
        offers={it.offer_id: it for it in offers},
        upsells={row["id"]: _upsell(row) for row in found["upsell"]},
        funnel_steps=_steps(found["funnel_step"]),
        shipping_rates=tuple(_shipping_rate(row) for row in found["shipping_rate"]),
        policy=_policy(found["pricing_policy"]),
        customers={row["key"]: _customer(row, found["referral"]) for row in found["customer"]},
    )


def _products(rows: Iterable[Row]) -> dict[UUID, Product]:
    read = {row["id"]: (row, Details.read(row["data"])) for row in rows}
    products = {}
    for product_id, (row, details) in read.items():
        more = row["more"]
        parent = read.get(details.variant_of) if details.variant_of else None
        products[product_id] = Product(
            product_id=product_id,
            status=row["status"],
            details=with_parent(details, parent[1] if parent else None),
            stock=_stock(more["stock"]) if more["stock"] else None,
            has_variants=more["has_variants"],
            courses=tuple(it for it in _ids(details.course_ids) if it in read) if details.course_ids else (),
        )
    return products


def _stock(row: Mapping[str, Any]) -> Stock:
    return Stock(row["on_hand"], row["reserved"], row["allow_backorders"])


def _ids(texts: Iterable[str]) -> Iterable[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError:
            continue


def _promotion(row: Row, campaigns: Iterable[KnownCampaign]) -> KnownPromotion | None:
    """None for a promotion that this code cannot price: it must not prevent a purchase."""
    terms = Terms.read(row["data"])
    try:
        rule = promotion_of(row["id"], terms)
    except (ValueError, ArithmeticError, TypeError) as error:
        LOG.warning("promotion_skipped", promotion_id=str(row["id"]), error=repr(error))
        return None
    total, uses, redeemed = terms.limits.total, row["more"]["uses"], row["more"]["redeemed"]
    return KnownPromotion(
        promotion_id=row["id"],
        key=row["key"],
        rule=rule,
        disabled=row["status"] is not None,
        used_up=total is not None and uses >= total,
        spent=total is not None and min(uses, redeemed) >= total,
        per_customer=terms.limits.per_customer,
        campaigns=tuple(it for it in campaigns if row["id"] in it.details.promotion_ids),
    )


def _campaign(row: Row) -> KnownCampaign:
    data = row["data"]
    details = CampaignDetails.read(data["details"])
    return KnownCampaign(row["id"], row["status"], data.get("exhausted", False), details)


def _offer(row: Row, experiments: Iterable[Row], campaigns: Iterable[KnownCampaign]) -> KnownOffer:
    data = row["data"]
    details = OfferDetails.read({**data["details"], "price": data["price"]})
    naming = tuple(it for it in campaigns if it.status == ACTIVE and row["id"] in it.details.offer_ids)
    return KnownOffer(row["id"], row["status"], details, _experiment(row["id"], experiments), naming)


def _experiment(offer_id: UUID, rows: Iterable[Row]) -> Assignment | None:
    """The one that runs, else the one that was made last."""
    of_offer = [row for row in rows if row["offer_id"] == offer_id]
    if not of_offer:
        return None
    row = max(of_offer, key=lambda it: (it["status"] == RUNNING, it["id"]))
    details = ExperimentDetails.read(row["data"]["details"])
    winner = row["data"].get("winner")
    is_running = row["status"] == RUNNING
    return Assignment(row["id"], details.variants, is_running, None if winner is None else UUID(winner))


def _upsell(row: Row) -> KnownUpsell:
    details = UpsellDetails.read(row["data"]["details"])
    return KnownUpsell(row["id"], row["offer_id"], details, row["status"])


def _steps(rows: Iterable[Row]) -> dict[UUID, tuple[KnownStep, ...]]:
    by_offer: defaultdict[UUID, list[KnownStep]] = defaultdict(list)
    for row in rows:
        by_offer[row["offer_id"]].append(KnownStep(row["id"], FunnelStep.read(row["data"]["details"])))
    return {offer_id: tuple(sorted(it, key=lambda step: step.turn)) for offer_id, it in by_offer.items()}


def _shipping_rate(row: Row) -> ShippingRate:
    details = ShippingRateDetails.read(row["data"]["details"])
    return shipping_rate_of(shipping_rate.Set(rate_id=row["id"], details=details))


def _policy(rows: Iterable[Row]) -> Rounding:
    policies = [pricing_policy.Set.model_construct(**row["data"]["details"]) for row in rows]
    return rounding_of(policies[0] if policies else None)


def _customer(row: Row, referrals: Iterable[Row]) -> KnownCustomer:
    data = row["data"]
    spent, bought = data["spent"] or (), data["bought"] or {}
    return KnownCustomer(
        customer_id=row["key"],
        linked=frozenset(data["linked"] or ()),
        segments=frozenset(data["segments"] or ()),
        qualifications=frozenset(data["qualifications"] or ()),
        email_verified=data["email_verified"] or False,
        paid_orders=sum(orders for _, orders, _ in spent),
        spent={currency: total for currency, _, total in spent},
        bought=frozenset(bought),
        fulfilled=frozenset(product_id for product_id, is_fulfilled in bought.items() if is_fulfilled),
        uses={UUID(promotion_id): uses for promotion_id, uses in (data["uses"] or {}).items()},
        abandoned_carts=frozenset(map(UUID, data["abandoned"] or ())),
        referrals=tuple(candidate_of(it) for it in referrals if it["key"] == row["key"]),
    )
