"""What it costs to ship the lines of a basket: the options of a destination and their prices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pricing.basket import Line
from pricing.tax import Destination


@dataclass(frozen=True, slots=True)
class ShippingRate:
    """
    A tenant's rate; amounts are in minor units of its currency.

    Empty ``countries``, ``regions`` and ``shipping_classes`` fit all. ``brackets``: pairs of the highest
    weight in grams, None for any, and the amount; ascending. ``free_from``: the value of goods from which it
    costs nothing.
    """

    rate_id: UUID
    name: str
    currency: str
    brackets: tuple[tuple[int | None, int], ...]
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    shipping_classes: frozenset[str] = frozenset()
    free_from: int | None = None
    min_days: int | None = None
    max_days: int | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A rate that can ship the lines, with its price for them."""

    option_id: UUID
    name: str
    price: int
    min_days: int | None
    max_days: int | None
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class ShippingCharge:
    """What shipping costs before discounts, and by which option. ``fallback``: its calculation failed."""

    option_id: UUID | None
    name: str
    price: int
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class ChosenShipping:
    """
    The chosen option, or None, of the tenant's rates.

    Its price follows the basket. The recommended option is used if none is chosen, and instead of a chosen
    one that does not fit the basket any more.
    """

    rates: tuple[ShippingRate, ...]
    destination: Destination
    option_id: UUID | None = None

    def charge(self, lines: Sequence[Line], goods: int, currency: str) -> ShippingCharge | None:
        """None if nothing needs shipping, or nothing can ship it."""
        options = shipping_options(lines, self.rates, self.destination, goods, currency)
        option = next((it for it in options if it.option_id == self.option_id), None)
        option = option or next((it for it in options if it.recommended), None)
        return ShippingCharge(option.option_id, option.name, option.price) if option else None

    def is_due(self, lines: Iterable[Line]) -> bool:
        """A shop without any rate ships its goods at no charge to everywhere."""
        return bool(self.rates) and requires_shipping(lines)


@dataclass(frozen=True, slots=True)
class FallbackShipping:
    """Shipping at the default rate, because the calculation failed; see ``fallback_shipping``."""

    option_id: UUID | None
    name: str
    price: int

    def charge(self, lines: Sequence[Line], goods: int, currency: str) -> ShippingCharge | None:  # noqa: ARG002  # the same for all
        if not requires_shipping(lines):
            return None
        return ShippingCharge(self.option_id, self.name, self.price, fallback=True)

    def is_due(self, lines: Iterable[Line]) -> bool:
        return requires_shipping(lines)


Shipping = ChosenShipping | FallbackShipping


def requires_shipping(lines: Iterable[Line]) -> bool:
    return any(line.requires_shipping for line in lines)


def shipping_options(
    lines: Sequence[Line],
    rates: Iterable[ShippingRate],
    destination: Destination,
    goods: int,
    currency: str,
) -> tuple[ShippingOption, ...]:
    """
    The rates that can ship the lines to the destination, with their prices; the recommended one is the first.

    ``goods``: what all lines cost after discounts. No options if nothing needs shipping.
    """
    shipped = [line for line in lines if line.requires_shipping]
    if not shipped:
        return ()
    classes = {line.shipping_class for line in shipped}
    charged = [line for line in shipped if not _ships_free(line, goods)]
    options = [
        ShippingOption(rate.rate_id, rate.name, price, rate.min_days, rate.max_days)
        for rate in rates
        if rate.currency == currency
        and _delivers_to(rate, destination)
        and (not rate.shipping_classes or classes <= rate.shipping_classes)
        and (price := _price(rate, charged, goods)) is not None
    ]
    options.sort(key=_preference)
    return tuple(replace(it, recommended=position == 0) for position, it in enumerate(options))


def fallback_shipping(rates: Iterable[ShippingRate], currency: str) -> FallbackShipping:
    """What is charged if the calculation fails: the default rate's first bracket, or nothing."""
    for rate in rates:
        if rate.is_default and rate.currency == currency:
            return FallbackShipping(rate.rate_id, rate.name, rate.brackets[0][1])
    return FallbackShipping(None, "Shipping", 0)


def _ships_free(line: Line, goods: int) -> bool:
    return line.free_shipping_threshold is not None and goods >= line.free_shipping_threshold


def _delivers_to(rate: ShippingRate, destination: Destination) -> bool:
    return (not rate.countries or destination.country in rate.countries) and (
        not rate.regions or destination.region in rate.regions
    )


def _price(rate: ShippingRate, charged: Sequence[Line], goods: int) -> int | None:
    """None if the lines are too heavy."""
    if not charged or (rate.free_from is not None and goods >= rate.free_from):
        return 0
    grams = sum((line.weight_grams or 0) * line.all_units for line in charged)
    return next((amount for limit, amount in rate.brackets if limit is None or grams <= limit), None)


def _preference(option: ShippingOption) -> tuple[int, bool, int, str, str]:
    """The cheapest first, then the fastest, then by name and id."""
    days = option.max_days
    return option.price, days is None, days or 0, option.name, str(option.option_id)
