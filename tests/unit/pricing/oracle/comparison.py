"""Ask the pricing package and the oracle for the price of one cart, and compare every amount."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from contracts.campaign import CampaignChange
from contracts.experiment import Changes, PriceChange
from contracts.offer import Component, OfferDetails, OfferPrice, OfferShipping
from contracts.product import Details
from contracts.promotion import Terms
from contracts.sale import Destination as SaleDestination
from contracts.sale import Sale
from contracts.shipping_rate import Set as ShippingRateSet
from contracts.shipping_rate import ShippingRateDetails
from contracts.tax_rate import Set as TaxRateSet
from contracts.upsell import Reduction
from pricing.allocation import allocate_to_units
from pricing.basket import SHIPPING
from pricing.customer import Customer
from pricing.derivation import Node, derive, digest
from pricing.from_contracts import Item, price_items, promotion_of, sale_of, shipping_rate_of, tax_rate_of
from pricing.offer_price import WeightedComponent, component_prices, current_price
from pricing.priced import Priced
from pricing.product_price import PriceContext, plain_price, product_price
from pricing.rounding import Level, Mode, Rounding
from pricing.shipping import ChosenShipping, Shipping, fallback_shipping
from pricing.tax import Destination, TaxTable
from pricing.upsell_price import upsell_price
from tests.support.scenario import stamp
from tests.unit.pricing.oracle import sale as oracle
from tests.unit.pricing.oracle.carts import Cart, Data
from tests.unit.pricing.oracle.lines import NotPriced

ANY = UUID(int=0)


def compare(cart: Cart) -> None:
    """Raises ``AssertionError`` where the two differ, or where the price contradicts itself."""
    try:
        expected = oracle.sale_of(cart)
    except NotPriced:
        assert _items(cart) is None
        return
    items = _items(cart)
    assert items is not None
    priced = _priced(cart, items)
    outcome = expected.outcome
    assert [(it.line_id, it.unit_price) for it in items] == [
        (it.line_id, it.unit_price) for it in expected.lines
    ]
    assert [(it.promotion_id, it.amount, dict(it.allocation)) for it in priced.discounts] == outcome.applied
    assert {it.promotion_id: it.reason for it in priced.rejected} == expected.rejected
    for line in priced.lines:
        left = outcome.left[line.line_id]
        assert (line.taxable, line.tax) == (left, outcome.tax.get(line.line_id, 0))
        assert line.total == left + outcome.on_top.get(line.line_id, 0)
    _compare_shipping(priced, outcome)
    totals = priced.totals
    assert totals.total == outcome.total
    assert totals.tax == sum(outcome.tax.values())
    assert totals.shipping == outcome.left.get(SHIPPING, 0)
    assert totals.subtotal - totals.discount == sum(outcome.left.values()) - totals.shipping
    _check_shares(priced)
    check_derivation(derive(priced), priced)
    backwards = _priced(replace(cart, promotions=cart.promotions[::-1], rates=cart.rates[::-1]), items[::-1])
    assert digest(backwards) == digest(priced)
    assert backwards.rejected == priced.rejected
    assert sale_of(priced, items).totals.total == totals.total


def sale_by_pricing(cart: Cart) -> Sale | None:
    """None if a product is not priced."""
    items = _items(cart)
    if items is None:
        return None
    country, region = cart.destination or (None, None)
    destination = SaleDestination(country=country, region=region) if country else None
    return sale_of(_priced(cart, items), items, destination, cart.at)


def _compare_shipping(priced: Priced, outcome: oracle.Outcome) -> None:
    if outcome.shipping is None:
        assert priced.shipping is None
        return
    shipped = priced.shipping
    assert shipped is not None
    option_id = shipped.charge.option_id and str(shipped.charge.option_id)
    assert {"option_id": option_id, "price": shipped.charge.price} == outcome.shipping
    assert (shipped.taxable, shipped.tax) == (outcome.left[SHIPPING], outcome.tax.get(SHIPPING, 0))
    assert shipped.total == outcome.left[SHIPPING] + outcome.on_top.get(SHIPPING, 0)


def _check_shares(priced: Priced) -> None:
    """No cent is lost between the sale, its lines and their units."""
    for discount in priced.discounts:
        assert sum(discount.allocation.values()) == discount.amount
    for line in priced.lines:
        assert 0 <= line.discount <= line.subtotal
        for amount in (line.discount, line.total):
            assert sum(allocate_to_units(amount, line.quantity)) == amount
        assert max(allocate_to_units(line.discount, line.quantity)) <= line.unit_price
    lines = sum(line.total for line in priced.lines)
    assert priced.totals.total == lines + (priced.shipping.total if priced.shipping else 0)


def check_derivation(node: Node, priced: Priced) -> None:
    """Every amount of the derivation is the sum of those that it is made of."""
    parts = {child.name: child.amount for child in node.children}
    totals = priced.totals
    assert parts["subtotal"] == totals.subtotal
    assert parts["discount"] == totals.discount
    assert parts["shipping"] == totals.shipping
    assert parts["tax"] == totals.tax
    pending = list(node.children)
    while pending:
        part = pending.pop()
        assert part.how
        assert not part.children or part.amount == sum(child.amount for child in part.children)
        pending += part.children


def _priced(cart: Cart, items: list[Item]) -> Priced:
    destination = Destination(*cart.destination) if cart.destination else None
    taxes = tuple(tax_rate_of(TaxRateSet(**stamp(ANY), **it)) for it in cart.taxes)
    rounding = Rounding(Mode(cart.rounding_mode), Level(cart.tax_rounding))
    return price_items(
        cart.currency,
        items,
        [promotion_of(UUID(it["promotion_id"]), terms_of(it)) for it in cart.promotions],
        cart.at,
        TaxTable(taxes, destination),
        rounding,
        customer=Customer("customer", frozenset(cart.segments), cart.paid_orders),
        shipping=_shipping(cart, destination),
    )


def _shipping(cart: Cart, destination: Destination | None) -> Shipping | None:
    if not cart.ships:
        return None
    rates = tuple(
        shipping_rate_of(
            ShippingRateSet(
                **stamp(ANY),
                rate_id=UUID(it["rate_id"]),
                details=ShippingRateDetails.model_validate({k: v for k, v in it.items() if k != "rate_id"}),
            )
        )
        for it in cart.rates
    )
    if cart.fallback:
        return fallback_shipping(rates, cart.currency)
    if destination is None:
        return None
    return ChosenShipping(rates, destination, UUID(cart.option_id) if cart.option_id else None)


def terms_of(data: Data) -> Terms:
    stacking = {"mode": data["mode"], "priority": data["priority"], "cap": data["cap"]}
    names = ("kind", "value", "value_type", "rule", "currency", "conditions", "starts_at", "ends_at")
    terms = {**{name: data[name] for name in names}, "stacking": stacking}
    return Terms.model_validate(terms)


def details_of(product: Data) -> Details:
    kind = "physical_product" if product["physical"] else "digital_product"
    fields = {name: value for name, value in product.items() if name not in {"product_id", "physical"}}
    return Details.model_validate({"sku": product["product_id"], "name": "A product", "type": kind, **fields})


def _items(cart: Cart) -> list[Item] | None:
    """None if a product is not priced."""
    items: list[Item] = []
    bought: dict[str, int] = {}
    for position in cart.positions:
        if position["kind"] == "product":
            key = position["product"]["product_id"]
            bought[key] = bought.get(key, 0) + position["quantity"]
    for position in cart.positions:
        if position["kind"] == "offer":
            items += _items_of_offer(position, cart)
            continue
        product, upsell = position["product"], position["kind"] == "upsell"
        price = _unit_price(product, cart, 1 if upsell else bought[product["product_id"]])
        if price is None:
            return None
        if upsell:
            reduction = Reduction.model_validate(position["reduction"])
            price = upsell_price(reduction, price, Mode(cart.rounding_mode))
        items.append(
            Item(
                position["line_id"],
                UUID(product["product_id"]),
                details_of(product),
                position["quantity"],
                price,
                upsell_id=UUID(position["upsell_id"]) if upsell else None,
            )
        )
    return items


def _unit_price(product: Data, cart: Cart, units: int) -> int | None:
    country = cart.destination[0] if cart.destination else None
    context = PriceContext(
        cart.currency, country, frozenset(cart.segments), cart.at, Mode(cart.rounding_mode)
    )
    found = product_price(details_of(product), context, units)
    return found.amount if found else None


def offer_details(position: Data) -> OfferDetails:
    return OfferDetails(
        slug="an-offer",
        name="An offer",
        type="funnel",
        products=tuple(
            Component(
                product_id=it["product"]["product_id"], quantity=it["quantity"], position=it["position"]
            )
            for it in position["components"]
        ),
        price=OfferPrice.model_validate(position["price"]),
        shipping=OfferShipping.model_validate(position["shipping"]),
    )


def _items_of_offer(position: Data, cart: Cart) -> list[Item]:
    components = sorted(position["components"], key=lambda it: (it["position"], it["product"]["product_id"]))
    details = offer_details(position)
    variant = position["variant"] and Changes(price=PriceChange.model_validate(position["variant"]))
    campaigns = [
        (UUID(it["campaign_id"]), CampaignChange.model_validate(it["change"])) for it in position["campaigns"]
    ]
    price = current_price(details.price, cart.at, campaigns, variant, Mode(cart.rounding_mode))
    weighted = [
        WeightedComponent(
            UUID(it["product"]["product_id"]),
            it["quantity"],
            it["position"],
            plain_price(details_of(it["product"]), cart.currency),
        )
        for it in components
    ]
    parts = component_prices(price.amount, weighted)
    return [
        Item(
            it["line_id"],
            UUID(it["product"]["product_id"]),
            details_of(it["product"]),
            position["quantity"],
            parts[UUID(it["product"]["product_id"])],
            UUID(position["offer_id"]),
            details,
            units=it["quantity"],
            campaign_id=price.campaign_id,
        )
        for it in components
    ]
