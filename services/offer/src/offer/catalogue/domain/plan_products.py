"""The rules for products that are sold as subscriptions to a plan. Each check raises a refusal."""

from collections.abc import Sequence

from contracts.plan import PlanTerms
from contracts.product import Details, Price
from kernel.domain import FieldPath
from offer.catalogue.domain.errors import Invalid, PlanPriceDiffers

SUBSCRIPTION = "subscription"
FOLLOWS_PLAN = "A product of a plan costs what the plan costs."


def check_plan_product(details: Details) -> None:
    """Nothing but the plan makes the price. A variant would have its parent's tiers."""
    if details.plan_id is None:
        return
    if details.type != SUBSCRIPTION:
        raise Invalid(("plan_id",), "Only a subscription has a plan.")
    if details.variant_of is not None:
        raise Invalid(("plan_id",), "A variant has no plan.")
    for name in ("tiers", "dynamic"):
        if getattr(details, name):
            raise Invalid((name,), FOLLOWS_PLAN)


def check_given_prices(given: Sequence[Price], of_plan: Sequence[Price]) -> None:
    """``given``: by the caller, who may leave them out. Raises ``PlanPriceDiffers``."""
    if given and {_key(it) for it in given} != {_key(it) for it in of_plan}:
        raise PlanPriceDiffers(("prices",), "The prices differ from those of the plan.")


def check_price_is_own(details: Details, field: FieldPath) -> None:
    """For a change of the product's prices. Raises ``PlanPriceDiffers`` if a plan makes them."""
    if details.plan_id is not None:
        raise PlanPriceDiffers(field, FOLLOWS_PLAN)


def with_terms(details: Details, terms: PlanTerms) -> Details:
    return details.model_copy(
        update={
            "prices": tuple(Price(amount=it.amount, currency=it.currency) for it in terms.prices),
            "trial_days": terms.trial_days,
            "add_ons": terms.add_ons,
        }
    )


def without_plan(details: Details) -> Details:
    """It keeps its prices."""
    return details.model_copy(update={"trial_days": 0, "add_ons": ()})


def _key(price: Price) -> tuple[str, int, str | None, str | None]:
    return price.currency, price.amount, price.region, price.segment
