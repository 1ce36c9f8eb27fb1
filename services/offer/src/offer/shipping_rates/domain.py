"""A tenant's shipping rates, in one aggregate: there are few, and they are always read together."""

from __future__ import annotations

from itertools import pairwise
from typing import assert_never
from uuid import UUID, uuid5

from contracts import shipping_rate as facts
from contracts.shipping_rate import Bracket, ShippingRateDetails
from kernel.domain import Aggregate, NotFound
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid

NAMESPACE = UUID("7a0f5a52-95a3-4cf6-8d0a-1a3f6f0c2b11")


class ShippingRateNotFound(NotFound):
    """There is no such shipping rate."""

    code = "SHIPPING_RATE_NOT_FOUND"


def shipping_rates_id(tenant: str) -> UUID:
    return uuid5(NAMESPACE, tenant)


class ShippingRates(Aggregate):
    def initialise(self) -> None:
        self.rates: dict[UUID, ShippingRateDetails] = {}
        """In the order of their creation."""

    def rate(self, rate_id: UUID) -> ShippingRateDetails:
        """Raises ShippingRateNotFound."""
        if rate_id not in self.rates:
            raise ShippingRateNotFound("There is no such shipping rate.")
        return self.rates[rate_id]

    def set(self, rate_id: UUID, details: ShippingRateDetails) -> None:
        """Add or change a rate. A currency has one default rate: a new one takes the place of the old.

        Raises Invalid.
        """
        check_details(details)
        if self.rates.get(rate_id) == details:
            return
        for other_id, other in list(self.rates.items()):
            if other_id != rate_id and details.is_default and _is_default_in(other, details.currency):
                self.record(
                    facts.Set(rate_id=other_id, details=other.model_copy(update={"is_default": False}))
                )
        self.record(facts.Set(rate_id=rate_id, details=details))

    def remove(self, rate_id: UUID) -> None:
        """Raises ShippingRateNotFound."""
        self.rate(rate_id)
        self.record(facts.Removed(rate_id=rate_id))

    def evolve(self, fact: facts.ShippingRateFact) -> None:
        match fact:
            case facts.Set(rate_id=rate_id, details=details):
                self.rates[rate_id] = details
            case facts.Removed(rate_id=rate_id):
                del self.rates[rate_id]
            case _:
                assert_never(fact)


def check_details(details: ShippingRateDetails) -> None:
    """The rules for several fields together. Raises Invalid."""
    check_currency(("currency",), details.currency)
    _check_brackets(details.brackets)
    least, most = details.min_days, details.max_days
    if least is not None and most is not None and least > most:
        raise Invalid(("max_days",), "It is less than min_days.")


def _check_brackets(brackets: tuple[Bracket, ...]) -> None:
    limits = [bracket.up_to_grams for bracket in brackets]
    for index, (lighter, heavier) in enumerate(pairwise(limits)):
        if lighter is None:
            raise Invalid(("brackets", index, "up_to_grams"), "Only the last bracket may be without a limit.")
        if heavier is not None and heavier <= lighter:
            raise Invalid(("brackets", index + 1, "up_to_grams"), "The limits of weight must rise.")


def _is_default_in(details: ShippingRateDetails, currency: str) -> bool:
    return details.is_default and details.currency == currency
