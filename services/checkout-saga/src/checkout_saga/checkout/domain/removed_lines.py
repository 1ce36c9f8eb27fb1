"""A sale without the lines that a review has removed, as priced: nothing is allocated anew."""

from __future__ import annotations

from collections.abc import Collection

from contracts.sale import AppliedDiscount, Sale, Totals


def without_lines(sale: Sale, line_ids: Collection[str]) -> Sale:
    """The shipping stays as it is."""
    removed = [it for it in sale.lines if it.line_id in line_ids]
    totals = sale.totals
    return sale.model_copy(
        update={
            "lines": tuple(it for it in sale.lines if it.line_id not in line_ids),
            "discounts": tuple(_without(it, line_ids) for it in sale.discounts),
            "totals": Totals(
                subtotal=totals.subtotal - sum(it.unit_price * it.quantity for it in removed),
                discount=totals.discount - sum(it.discount for it in removed),
                shipping=totals.shipping,
                tax=totals.tax - sum(it.tax for it in removed),
                total=totals.total - sum(it.total for it in removed),
            ),
        }
    )


def _without(discount: AppliedDiscount, line_ids: Collection[str]) -> AppliedDiscount:
    kept = {it: amount for it, amount in discount.allocation.items() if it not in line_ids}
    lost = sum(discount.allocation.values()) - sum(kept.values())
    return discount.model_copy(update={"allocation": kept, "amount": discount.amount - lost})
