"""The rules for the terms of a plan that concern several fields together. Each check raises ``Invalid``."""

from billing.dunning import Dunning, End
from billing.periods import Cycle, Interval
from contracts.plan import PlanTerms
from offer.catalogue.domain.errors import Invalid
from offer.plans.domain.checks import check_constructed, check_currencies, check_different
from offer.plans.domain.meters import check_meters

OF_MONTHS = (Interval.MONTH, Interval.YEAR)
"""Intervals whose periods begin on a day of the month."""
HOURS_WITH_METERS = 1


def check_terms(terms: PlanTerms) -> None:
    _check_cycle(terms)
    priced = check_currencies(("prices",), [it.currency for it in terms.prices])
    check_different(("features",), terms.features)
    _check_add_ons(terms, priced)
    check_meters(terms.meters, priced)
    it = terms.dunning
    days = it.retry_days, it.suspend_after_days, it.end_after_days
    check_constructed(("dunning",), lambda: Dunning(*days, End(it.end)))


def default_grace_hours(terms: PlanTerms) -> int:
    """How long usage of a period that is over may be reported. Without meters there is none to wait for."""
    return HOURS_WITH_METERS if terms.meters else 0


def _check_cycle(terms: PlanTerms) -> None:
    interval = Interval(terms.billing_cycle.interval)
    check_constructed(("billing_cycle", "count"), lambda: Cycle(interval, terms.billing_cycle.count))
    if terms.anchor_day is not None and interval not in OF_MONTHS:
        raise Invalid(("anchor_day",), f"Periods of {interval}s begin on no day of the month.")


def _check_add_ons(terms: PlanTerms, priced: frozenset[str]) -> None:
    """``priced``: the currencies of the plan."""
    check_different(("add_ons",), [it.code for it in terms.add_ons])
    check_different(("add_ons",), [str(it.add_on_id) for it in terms.add_ons])
    for index, add_on in enumerate(terms.add_ons):
        field = ("add_ons", index, "prices")
        found = check_currencies(field, [it.currency for it in add_on.prices])
        if add_on.auto_include and not priced <= found:
            raise Invalid(field, "An add-on that is included has a price in each currency of the plan.")
