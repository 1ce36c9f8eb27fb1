"""One price of a product among its prices and tiers."""

from typing import Any, NamedTuple

from contracts.product import Details, Price
from offer.catalogue.domain.plan_products import check_price_is_own
from offer.imports.domain.report import Outcome


class Scope(NamedTuple):
    """From ``min_quantity`` 2 on it is a tier."""

    currency: str
    region: str | None
    segment: str | None
    min_quantity: int = 1


def with_price(details: Details, scope: Scope, amount: int | None) -> tuple[Details, Outcome]:
    """The details with this amount in this scope, or without one, and what has become of it. Raises
    ``PlanPriceDiffers``."""
    prices = _amounts(details)
    before = prices.get(scope)
    if before == amount:
        return details, "unchanged"
    check_price_is_own(details, ("amount",))
    if amount is None:
        del prices[scope]
    else:
        prices[scope] = amount
    return _with_amounts(details, prices), "created" if before is None else "changed"


def _amounts(details: Details) -> dict[Scope, int]:
    plain = {Scope(it.currency, it.region, it.segment): it.amount for it in details.prices}
    return plain | {scope_of_tier(it): it["amount"] for it in details.tiers}


def scope_of_tier(tier: dict[str, Any]) -> Scope:
    return Scope(tier["currency"], tier.get("region"), tier.get("segment"), tier["min_quantity"])


def _with_amounts(details: Details, amounts: dict[Scope, int]) -> Details:
    prices = [(scope, amount) for scope, amount in amounts.items() if scope.min_quantity == 1]
    tiers = [(scope, amount) for scope, amount in amounts.items() if scope.min_quantity > 1]
    return details.model_copy(
        update={
            "prices": tuple(
                Price(amount=amount, currency=it.currency, region=it.region, segment=it.segment)
                for it, amount in prices
            ),
            "tiers": tuple({**it._asdict(), "amount": amount} for it, amount in tiers),
        }
    )
