"""The price of an upsell: that of its product, reduced."""

from contracts.upsell import Reduction
from pricing.rounding import Mode, percent_of


def upsell_price(reduction: Reduction, price: int, mode: Mode = Mode.HALF_UP) -> int:
    """``price``: what one unit of the product costs in this cart."""
    if reduction.type == "percentage":
        return price - percent_of(price, reduction.value, mode)
    return max(0, price - int(reduction.value))
