"""Copy the logs: all metadata, and only those bodies that checks need."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

from cli.database import connected
from verify.dataset.consistent_reads import PAGE
from verify.dataset.dataset import Dataset

KEPT_BODIES = (
    "checkout.started",
    "checkout.deadline_moved",
    "checkout.compensation_started",
    "checkout.step_started",
    "checkout.step_failed",
    "checkout.step_compensation_started",
    "checkout.step_compensated",
    "checkout.completed",
    "payment.%",
    "provider.%",
    "order.%",
    "fulfillment.%",
    "shipment.%",
    "return.%",
    "license.%",
    "download.%",
    "certification.%",
    "subscription.%",
    "invoice.%",
    "reservation.%",
    "stock.%",
    "promotion.%",
    "redemption.%",
    "restock.%",
    "offer.receive_stock",
    "price.confirmed",
    "cart.locked",
    "cart.item%",
    "cart.cleared",
    "cart.repriced",
    "referral.applied",
    "referral.redeemed",
    "referral_rule.%",
    "reward.%",
    "campaign.%",
    "plan.%",
    "experiment.%",
    "offer.variant%",
    "offer.created",
    "offer.changed",
    "offer.price_changed",
    "upsell.%",
    "shipping_rate.%",
)
"""Types whose bodies are copied, without personal fields."""
CHECKOUT_TYPES = (*KEPT_BODIES, "cart.%lock%", "cart.h%", "cart.conver%", "price.%")

READ = """
    SELECT position, stream_id, version, message_id, kind, tenant, topic, key, type, causation_id,
           extract(epoch FROM recorded_at)::float8, substr(sha256(body), 1, 8),
           CASE WHEN kind = 'command' OR type LIKE ANY($3) THEN fields ->> 'checkout_id' END,
           CASE WHEN type LIKE 'promotion.%' OR type IN ('customer.linked', 'customer.erased')
                THEN md5(fields ->> 'customer_id')
                WHEN type LIKE 'referral_rule.%' THEN md5(fields ->> 'referee_id') END,
           -- of completed steps only the name: their results stand in other facts, too
           CASE WHEN type = 'checkout.step_completed' THEN jsonb_build_object('step', fields -> 'step')::text
                WHEN type = 'checkout.advanced' THEN (fields || jsonb_build_object('done', (
                    SELECT coalesce(jsonb_agg(e - 'data'), '[]') FROM jsonb_array_elements(fields -> 'done') e
                )))::text
                -- of products only what stocks and prices depend on, of offers not what they look like
                WHEN type IN ('product.created', 'product.changed')
                THEN jsonb_build_object('details', (
                    SELECT jsonb_object_agg(key, value) FROM jsonb_each(fields -> 'details')
                    WHERE key = ANY($7)))::text
                WHEN type IN ('offer.created', 'offer.changed')
                THEN jsonb_build_object('details', (fields -> 'details') - $8::text[])::text
                -- with the name, which makes groups of rates
                WHEN type = 'tax_rate.set' THEN fields::text
                -- of snapshots only the rewards: the rest is the customers'
                WHEN type IN ('referral.applied', 'referral.redeemed')
                THEN jsonb_build_object('discounts', (
                    SELECT coalesce(jsonb_agg(d - 'code'), '[]')
                    FROM jsonb_array_elements(fields -> 'snapshots') s,
                         jsonb_array_elements(s -> 'discounts') d
                ))::text
                WHEN type LIKE 'referral_rule.use%'
                THEN jsonb_build_object('referrer', md5(fields ->> 'referrer_id'))::text
                WHEN type = 'customer.linked'
                THEN jsonb_build_object('guest', md5(fields ->> 'guest_id'))::text
                -- of promotions not for whom they are
                WHEN type LIKE ANY($4)
                THEN ((fields - $6::text[]) #- '{terms,conditions,customer_ids}')::text END
    FROM log, LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS fields) decoded
    WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $5
"""
OF_PRODUCTS = (
    "course_ids",
    "plan_id",
    "type",
    "prices",
    "tiers",
    "dynamic",
    "category",
    "collections",
    "tax_category",
    "weight_grams",
    "shipping_class",
    "variant_of",
)
NOT_OF_OFFERS = ("description", "media", "configuration", "layout")
LEFT_OUT = (
    "personal",
    "payment_token",
    "customer_id",
    "referee_id",
    "referrer_id",
    "session_id",
    "options",
    "tracking_number",
    "tracking_url",
    "name",
)
"""Fields that no check needs and that may be personal."""
LAST_POSITION = "SELECT coalesce(max(position), 0) FROM log"


async def copy_log(
    service: str, url: str, end: int, into: Dataset, advance: Callable[[int], None], page: int = PAGE
) -> None:
    """Copy rows up to ``end`` in pages. No row is inserted below a committed position."""
    last = 0
    async with connected(service, url) as connection:
        kept = [list(CHECKOUT_TYPES), list(KEPT_BODIES), page]
        kept += map(list, (LEFT_OUT, OF_PRODUCTS, NOT_OF_OFFERS))
        while rows := await connection.fetch(READ, last, end, *kept):
            into.add("log", [_row(service, it) for it in rows])
            last = rows[-1]["position"]
            advance(len(rows))


def _row(service: str, record: asyncpg.Record) -> tuple[object, ...]:
    position, stream_id, version, message_id, *rest = record
    kind, tenant, topic, key, *others = rest
    return (
        service,
        position,
        str(stream_id),
        version,
        str(message_id),
        kind,
        tenant,
        topic,
        str(key),
        *others,
    )
