"""A product of the catalogue: its details, its prices and its status."""

from collections import Counter
from typing import assert_never

from contracts import product as facts
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid
from pricing.money import is_currency

DRAFT, ACTIVE, ARCHIVED = "draft", "active", "archived"


class Product(Aggregate):
    """Created as a draft. Only an active product can be sold."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = DRAFT
        self.details = facts.Details(sku="", name="", type="", prices=())

    @property
    def for_sale(self) -> bool:
        return self.exists and self.status == ACTIVE

    def create(self, details: facts.Details) -> None:
        check_details(details)
        self.record(facts.Created(details=details, status=DRAFT))

    def change(self, details: facts.Details) -> None:
        check_details(details)
        if details != self.details:
            self.record(facts.Changed(details=details))

    def activate(self) -> None:
        if self.status != ACTIVE:
            self.record(facts.Activated())

    def archive(self) -> None:
        if self.status != ARCHIVED:
            self.record(facts.Archived())

    def evolve(self, fact: facts.ProductFact) -> None:
        match fact:
            case facts.Created(details=details, status=status):
                self.details = details
                self.status = status
            case facts.Changed(details=details):
                self.details = details
            case facts.Activated():
                self.status = ACTIVE
            case facts.Archived():
                self.status = ARCHIVED
            case _:
                assert_never(fact)


def check_details(details: facts.Details) -> None:
    """Refuse details that contradict one another. Raises ``Invalid``."""
    for index, price in enumerate(details.prices):
        if not is_currency(price.currency):
            detail = f"{price.currency} is not the code of a currency in use."
            raise Invalid(("prices", index, "currency"), detail)
    scopes = Counter((it.currency, it.region, it.segment) for it in details.prices)
    if any(count > 1 for count in scopes.values()):
        raise Invalid(("prices",), "Two prices are for the same currency, region and segment.")
    minimum, maximum = details.min_users, details.max_users
    if minimum is not None and maximum is not None and minimum > maximum:
        raise Invalid(("max_users",), "The value is below min_users.")
