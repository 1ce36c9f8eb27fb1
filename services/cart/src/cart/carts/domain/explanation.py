"""How the amounts of a cart came about, as a tree for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from cart.carts.domain.prices import UnitPrice
from contracts.sale import AppliedDiscount, Sale, SaleLine, Shipping
from pricing.derivation import Node, derive
from pricing.priced import Priced


def explain_priced(priced: Priced, prices: Mapping[UUID, UnitPrice | None]) -> Node:
    """``prices``: what the catalogue says of each line; None if the line is not sold any more."""
    root = derive(priced)
    return Node(root.name, root.amount, root.how, (*root.children, *_unit_prices(priced, prices)))


def explain_sale(sale: Sale) -> Node:
    """A cart that a checkout holds or has bought has the amounts of its sale, which do not change."""
    totals = sale.totals
    on_top = totals.total - (totals.subtotal - totals.discount + totals.shipping)
    how = (
        f"subtotal {totals.subtotal} - discount {totals.discount} + shipping {totals.shipping}"
        f" + added tax {on_top}, as agreed with the checkout"
    )
    lines = (_sold(line) for line in sale.lines)
    shipping = () if sale.shipping is None else (_shipped(sale.shipping),)
    return Node("total", totals.total, how, (*lines, *(_granted(it) for it in sale.discounts), *shipping))


def _sold(line: SaleLine) -> Node:
    how = f"{line.quantity} x {line.unit_price} - {line.discount}, with tax {line.tax}"
    return Node(f"line {line.line_id}", line.total, how)


def _shipped(shipping: Shipping) -> Node:
    how = f"{shipping.name}: {shipping.price} - {shipping.discount}, with tax {shipping.tax}"
    return Node("shipping", shipping.total, how)


def _granted(discount: AppliedDiscount) -> Node:
    shares = (
        Node(f"line {line_id}", share, f"share of {discount.amount}")
        for line_id, share in discount.allocation.items()
    )
    return Node(f"promotion {discount.promotion_id}", discount.amount, "shared over its lines", tuple(shares))


def _unit_prices(priced: Priced, prices: Mapping[UUID, UnitPrice | None]) -> Iterable[Node]:
    for line in priced.lines:
        price = prices.get(UUID(line.line_id))
        how = "as before: it is not sold any more" if price is None else price.source
        yield Node(f"unit price of line {line.line_id}", line.unit_price, how)
