"""Example baskets and promotions."""

from datetime import UTC, datetime

from pricing.basket import Basket, Line
from pricing.customer import UNKNOWN_CUSTOMER, Customer
from pricing.percent import percent as exact_percent
from pricing.price import price
from pricing.priced import Priced
from pricing.promotion_kinds.fixed_amount import FixedAmount
from pricing.promotion_kinds.percentage import Percentage
from pricing.promotions import Conditions, Promotion, Reason, Stack, Stacking
from pricing.rounding import Rounding
from pricing.shipping import Shipping
from pricing.tax import Destination, TaxRate, TaxTable, rate_from_percent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_TAX = TaxTable()
HALF_UP = Rounding()


def basket(*unit_prices: int, currency: str = "USD") -> Basket:
    """One unit of each price; the line ids are a, b, c, …"""
    lines = zip("abcdefghijklmnopqrstuvwxyz", unit_prices, strict=False)
    return Basket(
        currency, tuple(Line(line_id, f"product-{line_id}", 1, amount) for line_id, amount in lines)
    )


def percent_off(
    percent: int | str,
    promotion_id: str = "percent",
    mode: Stack = Stack.STACKABLE,
    priority: int = 0,
    cap: int | None = None,
    conditions: Conditions | None = None,
) -> Promotion:
    return Promotion(
        promotion_id,
        Percentage.name,
        Percentage(exact_percent(percent)),
        conditions=conditions or Conditions(),
        stacking=Stacking(mode, priority, cap),
    )


def amount_off(
    amount: int,
    promotion_id: str = "amount",
    mode: Stack = Stack.STACKABLE,
    priority: int = 0,
    conditions: Conditions | None = None,
    currency: str = "USD",
) -> Promotion:
    return Promotion(
        promotion_id,
        FixedAmount.name,
        FixedAmount(amount),
        currency=currency,
        conditions=conditions or Conditions(),
        stacking=Stacking(mode, priority),
    )


def tax(percent: str, *, inclusive: bool = False, category: str | None = None) -> TaxRate:
    return TaxRate("DE", rate_from_percent(percent), f"VAT {percent}", inclusive, tax_category=category)


def to_germany(*rates: TaxRate) -> TaxTable:
    return TaxTable(rates, Destination("DE"))


def priced(
    the_basket: Basket,
    *rules: Promotion,
    taxes: TaxTable = NO_TAX,
    rounding: Rounding = HALF_UP,
    customer: Customer = UNKNOWN_CUSTOMER,
    shipping: Shipping | None = None,
) -> Priced:
    return price(the_basket, rules, taxes, rounding, NOW, customer=customer, shipping=shipping)


def applied(result: Priced) -> dict[str, int]:
    return {discount.promotion_id: discount.amount for discount in result.discounts}


def rejected(result: Priced) -> dict[str, Reason]:
    return {rejection.promotion_id: rejection.reason for rejection in result.rejected}
