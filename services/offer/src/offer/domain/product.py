"""A product of the catalogue: what it is, what it costs, and whether it may be sold."""

from collections import Counter
from typing import Any, assert_never

from contracts import product as facts
from kernel.domain import Aggregate
from offer.domain.errors import Invalid
from pricing.money import is_currency

DRAFT, ACTIVE, ARCHIVED = "draft", "active", "archived"


class Product(Aggregate):
    """Created as a draft: nobody can buy it before it has been activated."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = DRAFT
        self.details = facts.Details(sku="", name="", type="", prices=())

    @property
    def for_sale(self) -> bool:
        return self.exists and self.status == ACTIVE

    def create(self, details: facts.Details) -> None:
        check(details)
        self.record(facts.Created(details=details, status=DRAFT))

    def change(self, details: facts.Details) -> None:
        check(details)
        if details != self.details:
            self.record(facts.Changed(details=details))

    def activate(self) -> None:
        if self.status != ACTIVE:
            self.record(facts.Activated())

    def archive(self) -> None:
        if self.status != ARCHIVED:
            self.record(facts.Archived())

    def evolve(self, fact: Any) -> None:
        known: facts.ProductFact = fact
        match known:
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
                assert_never(known)


def check(details: facts.Details) -> None:
    """Refuse what no product can be, however well-formed each field is."""
    for index, price in enumerate(details.prices):
        if not is_currency(price.currency):
            raise Invalid(("prices", index, "currency"), f"{price.currency} is not a currency in use")
    named = Counter((it.currency, it.region, it.segment) for it in details.prices)
    if any(count > 1 for count in named.values()):
        raise Invalid(("prices",), "two prices are for the same currency, region and segment")
    least, most = details.min_users, details.max_users
    if least is not None and most is not None and least > most:
        raise Invalid(("max_users",), "is below min_users")
