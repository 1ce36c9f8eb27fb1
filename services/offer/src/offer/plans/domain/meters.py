"""The rules for the meters of a plan. Each check raises ``Invalid``."""

from collections.abc import Sequence
from fractions import Fraction

from billing.usage import rating
from billing.usage.rating import Model
from contracts.plan import Meter, MeterPrice
from kernel.domain import FieldPath
from offer.catalogue.domain.errors import Invalid
from offer.plans.domain.checks import check_constructed, check_currencies

FIELDS_OF: dict[Model, frozenset[str]] = {
    Model.PER_UNIT: frozenset({"unit_amount"}),
    Model.GRADUATED: frozenset({"tiers"}),
    Model.VOLUME: frozenset({"tiers"}),
    Model.PACKAGE: frozenset({"size", "amount"}),
}
"""What a price has by its meter's model, and all others have not."""


def check_meters(meters: Sequence[Meter], priced: frozenset[str]) -> None:
    """``priced``: the currencies of the plan."""
    for index, meter in enumerate(meters):
        if meter.meter in {it.meter for it in meters[:index]}:
            raise Invalid(("meters", index, "meter"), f"There are two meters {meter.meter}.")
        field = ("meters", index, "prices")
        if not priced <= check_currencies(field, [it.currency for it in meter.prices]):
            raise Invalid(field, "A meter has a price in each currency of the plan.")
        for number, price in enumerate(meter.prices):
            _check_price((*field, number), Model(meter.model), price)


def _check_price(field: FieldPath, model: Model, price: MeterPrice) -> None:
    given = {it for it in ("unit_amount", "size", "amount") if getattr(price, it) is not None}
    given |= {"tiers"} if price.tiers else set()
    for name in sorted(FIELDS_OF[model] ^ given):
        does = "needs" if name in FIELDS_OF[model] else "has no"
        raise Invalid((*field, name), f"A price of the model {model} {does} {name}.")
    package = price.size or 1, price.amount or 0
    check_constructed((*field, "tiers"), lambda: rating.MeterPrice(model, _tiers(price), *package))


def _tiers(price: MeterPrice) -> tuple[rating.Tier, ...]:
    if price.unit_amount is not None:
        return (rating.Tier(None, Fraction(price.unit_amount)),)
    return tuple(rating.Tier(it.up_to, Fraction(it.unit_amount)) for it in price.tiers)
