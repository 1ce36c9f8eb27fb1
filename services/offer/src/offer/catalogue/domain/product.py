"""A product of the catalogue: its details, its prices and its status."""

from typing import assert_never

from contracts import product as facts
from kernel.domain import Aggregate
from offer.catalogue.domain.details import check_details, check_for_sale

DRAFT, ACTIVE, ARCHIVED = "draft", "active", "archived"


class Product(Aggregate):
    """Created as a draft. Only an active product can be sold."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = DRAFT
        self.details = facts.Details(sku="", name="", type="", prices=())

    @property
    def is_active(self) -> bool:
        """Whether it can be sold, unless active variants are sold in its place."""
        return self.exists and self.status == ACTIVE

    @property
    def may_have_variants(self) -> bool:
        """Its options say what variants may have; without any there are none."""
        return self.details.variant_of is None and bool(self.details.options)

    def create(self, details: facts.Details) -> None:
        """The caller has checked what the details say of other products."""
        check_details(details)
        self.record(facts.Created(details=details, status=DRAFT))

    def change(self, details: facts.Details) -> None:
        check_details(details)
        if details != self.details:
            self.record(facts.Changed(details=details))

    def activate(self, parent: facts.Details | None = None) -> None:
        """``parent``: of a variant. Raises ``Invalid``."""
        if self.status != ACTIVE:
            check_for_sale(self.details, parent)
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
