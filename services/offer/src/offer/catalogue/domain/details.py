"""The rules for the details of one product. Each check raises ``Invalid``."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from contracts.product import Details, Dynamic, DynamicRule
from kernel.domain import FieldPath
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid
from offer.catalogue.domain.plan_products import check_plan_product

BUNDLE, CERTIFICATION, COURSE, DIGITAL = "bundle", "certification", "course", "digital_product"
MIN_COURSES = 2


def check_details(details: Details) -> None:
    """Refuse details that contradict one another."""
    _check_prices(details)
    if details.dynamic is not None:
        _check_dynamic(details, details.dynamic)
    minimum, maximum = details.min_users, details.max_users
    if minimum is not None and maximum is not None and minimum > maximum:
        raise Invalid(("max_users",), "The value is below min_users.")
    _check_courses(details)
    if details.asset is not None and details.type not in {DIGITAL, ""}:
        raise Invalid(("asset",), "Only a digital product has a file.")
    check_plan_product(details)
    if not details.type:
        raise Invalid(("type",), "A product that is no variant has a type.")


def check_for_sale(details: Details, parent: Details | None) -> None:
    """Refuse what cannot be sold. ``parent``: of a variant, whose prices it has unless it has its own."""
    if not (details.prices or (parent is not None and parent.prices)):
        raise Invalid(("prices",), "The product has no price.")
    _check_courses(details)


def _check_prices(details: Details) -> None:
    _check_currencies("prices", (it.currency for it in details.prices))
    _check_currencies("tiers", (it["currency"] for it in details.tiers))
    scopes = Counter((it.currency, it.region, it.segment) for it in details.prices)
    if any(count > 1 for count in scopes.values()):
        raise Invalid(("prices",), "Two prices are for the same currency, region and segment.")
    tiers = Counter(
        (it["currency"], it.get("region"), it.get("segment"), it["min_quantity"]) for it in details.tiers
    )
    if any(count > 1 for count in tiers.values()):
        raise Invalid(("tiers",), "Two tiers are for the same currency, region, segment and quantity.")


def _check_currencies(field: str, currencies: Iterable[str]) -> None:
    for index, currency in enumerate(currencies):
        check_currency((field, index, "currency"), currency)


def _check_dynamic(details: Details, dynamic: Dynamic) -> None:
    if details.pricing_model != "dynamic":
        raise Invalid(("dynamic",), "Only products with the pricing model dynamic have rules for the price.")
    for index, rule in enumerate(dynamic.rules):
        _check_rule(("dynamic", "rules", index), rule)
    floor, ceiling = dynamic.floor or {}, dynamic.ceiling or {}
    for name, bounds in (("floor", floor), ("ceiling", ceiling)):
        for currency in bounds:
            check_currency(("dynamic", name, currency), currency)
    for currency, highest in ceiling.items():
        if highest < floor.get(currency, 0):
            raise Invalid(("dynamic", "ceiling", currency), "The ceiling is below the floor.")


def _check_rule(field: FieldPath, rule: DynamicRule) -> None:
    if (rule.percent is None) == (rule.amount is None):
        raise Invalid(field, "A rule changes the price by percent or by amount, one of the two.")
    if rule.percent is not None and not Decimal("-99.99") <= Decimal(rule.percent) <= 1_000:
        raise Invalid((*field, "percent"), "The value is from -99.99 to 1000.")
    when = rule.when
    _check_order((*field, "when", "to_time"), when, "from_time", "to_time")
    _check_order((*field, "when", "ends_at"), when, "starts_at", "ends_at")


def _check_order(field: FieldPath, when: dict[str, Any], first: str, last: str) -> None:
    start, end = when.get(first), when.get(last)
    if start is None or end is None:
        return
    if first == "starts_at":
        start, end = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if start >= end:
        raise Invalid(field, f"The time is not after {first}.")


def _check_courses(details: Details) -> None:
    if details.type == BUNDLE and len(set(details.course_ids)) < MIN_COURSES:
        raise Invalid(("course_ids",), f"A bundle has at least {MIN_COURSES} different courses.")
