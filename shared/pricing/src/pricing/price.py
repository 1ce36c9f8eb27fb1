"""`price` computes all amounts of a basket. Carts, quotes and price checks use this one function."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pricing.basket import SHIPPING, Basket, Line
from pricing.combination import Circumstances, Combination, combine
from pricing.customer import UNKNOWN_CUSTOMER, Customer
from pricing.priced import Priced, PricedLine, PricedShipping, Totals
from pricing.promotions import Promotion
from pricing.rounding import Rounding
from pricing.shipping import Shipping, ShippingCharge
from pricing.tax import TaxRate, TaxTable, rates_of_lines, tax_of_lines

Amounts = tuple[tuple[PricedLine, ...], PricedShipping | None]


def price(
    basket: Basket,
    rules: Iterable[Promotion],
    taxes: TaxTable,
    rounding: Rounding,
    at: datetime,
    *,
    customer: Customer = UNKNOWN_CUSTOMER,
    shipping: Shipping | None = None,
) -> Priced:
    """
    Every amount of a basket, independent of the order of its lines and of the rules.

    ``shipping`` is the chosen way; without one nothing is charged for it.
    """
    rates = rates_of_lines(basket, taxes)

    def amounts_after(combination: Combination) -> Amounts:
        return _amounts(basket, combination, rates, rounding)

    def total_after(combination: Combination) -> int:
        lines, shipped = amounts_after(combination)
        return _totals(lines, shipped).total

    circumstances = Circumstances(basket, customer, shipping, at, rounding.mode)
    chosen = combine(rules, circumstances, total_after)
    lines, shipped = amounts_after(chosen)
    totals = _totals(lines, shipped)
    return Priced(
        basket.currency,
        lines,
        chosen.applied,
        chosen.rejected,
        totals,
        rounding,
        shipped,
        cannot_be_shipped=shipped is None and shipping is not None and shipping.is_due(basket.lines),
    )


def _amounts(
    basket: Basket,
    combination: Combination,
    rates: Mapping[str, TaxRate | None],
    rounding: Rounding,
) -> Amounts:
    """The lines and the shipping with their shares of the discounts, and the tax on what is left."""
    shares: dict[str, dict[str, int]] = {line.line_id: {} for line in basket.lines}
    shares[SHIPPING] = {}
    for applied in combination.applied:
        for line_id, share in applied.allocation.items():
            shares[line_id][applied.promotion_id] = share
    taxable = {line.line_id: line.subtotal - sum(shares[line.line_id].values()) for line in basket.lines}
    charge = combination.charge
    if charge:
        taxable[SHIPPING] = charge.price - sum(shares[SHIPPING].values())
    tax = tax_of_lines(taxable, rates, rounding)
    lines = tuple(
        _line(line, shares[line.line_id], tax[line.line_id], rates[line.line_id]) for line in basket.lines
    )
    if charge is None:
        return lines, None
    return lines, _shipped(charge, shares[SHIPPING], tax[SHIPPING], rates[SHIPPING])


def _line(line: Line, shares: Mapping[str, int], tax: int, rate: TaxRate | None) -> PricedLine:
    discount = sum(shares.values())
    return PricedLine(
        line_id=line.line_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        subtotal=line.subtotal,
        discount=discount,
        tax=tax,
        total=line.subtotal - discount + _added(tax, rate),
        discounts=shares,
        rate=rate,
        price_source=line.price_source,
    )


def _shipped(
    charge: ShippingCharge, shares: Mapping[str, int], tax: int, rate: TaxRate | None
) -> PricedShipping:
    discount = sum(shares.values())
    total = charge.price - discount + _added(tax, rate)
    return PricedShipping(charge, discount, tax, total, shares, rate)


def _added(tax: int, rate: TaxRate | None) -> int:
    """The tax that comes on top of the price."""
    return 0 if rate is None or rate.inclusive else tax


def _totals(lines: Sequence[PricedLine], shipped: PricedShipping | None) -> Totals:
    return Totals(
        subtotal=sum(line.subtotal for line in lines),
        discount=sum(line.discount for line in lines),
        shipping=shipped.taxable if shipped else 0,
        tax=sum(line.tax for line in lines) + (shipped.tax if shipped else 0),
        total=sum(line.total for line in lines) + (shipped.total if shipped else 0),
    )
