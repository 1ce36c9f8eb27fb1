"""Snapshots of the referral discounts of a sale, for audits."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.referral import Snapshot
from contracts.sale import Sale
from pricing.referral_candidates import Grant


def snapshots(
    sold: Sale,
    grants: Iterable[Grant],
    at: datetime,
    *,
    cart_id: UUID | None = None,
    order_id: UUID | None = None,
) -> tuple[Snapshot, ...]:
    """What was applied and why: one snapshot for each attribution, of the grants whose discount the sale
    contains."""
    amounts = {it.promotion_id: it.amount for it in sold.discounts}
    applied = [it for it in grants if UUID(it.promotion.promotion_id) in amounts]
    by_attribution: dict[UUID, list[Grant]] = {}
    for grant in sorted(applied, key=lambda it: str(it.referral.rule_id)):
        by_attribution.setdefault(grant.referral.attribution_id, []).append(grant)
    return tuple(
        Snapshot(
            at=at,
            customer_id=members[0].customer_id,
            attribution_id=attribution_id,
            referrer_id=members[0].referral.referrer_id,
            program_id=members[0].referral.program_id,
            rule_ids=tuple(it.referral.rule_id for it in members),
            discounts=tuple(it.discount(amounts[UUID(it.promotion.promotion_id)]) for it in members),
            cart_id=cart_id,
            order_id=order_id,
            currency=sold.currency,
            subtotal=sold.totals.subtotal,
            total_discount=sum(amounts[UUID(it.promotion.promotion_id)] for it in members),
            total=sold.totals.total,
        )
        for attribution_id, members in sorted(by_attribution.items(), key=lambda it: str(it[0]))
    )
