"""`price` computes all amounts of a basket. Carts, quotes and price checks use this one function."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pricing.basket import Basket, Line
from pricing.combination import combine
from pricing.priced import AppliedDiscount, Priced, PricedLine, Totals
from pricing.promotions import Promotion
from pricing.rounding import Rounding
from pricing.tax import TaxRate, TaxTable, rates_of_lines, tax_of_lines

SHIPPING = 0
"""Shipping rates are not implemented."""


def price(
    basket: Basket, rules: Iterable[Promotion], taxes: TaxTable, rounding: Rounding, at: datetime
) -> Priced:
    """Every amount of a basket, independent of the order of its lines and of the rules."""
    rates = rates_of_lines(basket, taxes)

    def total_after(discounts: Sequence[AppliedDiscount]) -> int:
        return sum(line.total for line in _price_lines(basket, discounts, rates, rounding))

    chosen = combine(basket, rules, at, rounding.mode, total_after)
    lines = _price_lines(basket, chosen.applied, rates, rounding)
    return Priced(basket.currency, lines, chosen.applied, chosen.rejected, _totals(lines), rounding)


def _price_lines(
    basket: Basket,
    discounts: Sequence[AppliedDiscount],
    rates: Mapping[str, TaxRate | None],
    rounding: Rounding,
) -> tuple[PricedLine, ...]:
    """The lines with their shares of the discounts, and the tax on what is left."""
    shares: dict[str, dict[str, int]] = {line.line_id: {} for line in basket.lines}
    for applied in discounts:
        for line_id, share in applied.allocation.items():
            shares[line_id][applied.promotion_id] = share
    taxable = {line.line_id: line.subtotal - sum(shares[line.line_id].values()) for line in basket.lines}
    tax = tax_of_lines(taxable, rates, rounding)
    return tuple(
        _line(line, shares[line.line_id], tax[line.line_id], rates[line.line_id]) for line in basket.lines
    )


def _line(line: Line, shares: Mapping[str, int], tax: int, rate: TaxRate | None) -> PricedLine:
    discount = sum(shares.values())
    added = 0 if rate is None or rate.inclusive else tax
    return PricedLine(
        line_id=line.line_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        subtotal=line.subtotal,
        discount=discount,
        tax=tax,
        total=line.subtotal - discount + added,
        discounts=shares,
        rate=rate,
    )


def _totals(lines: Sequence[PricedLine]) -> Totals:
    return Totals(
        subtotal=sum(line.subtotal for line in lines),
        discount=sum(line.discount for line in lines),
        shipping=SHIPPING,
        tax=sum(line.tax for line in lines),
        total=sum(line.total for line in lines) + SHIPPING,
    )
