"""A subscription plan: its terms, their versions, and whether it takes subscriptions."""

from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from contracts import plan as facts
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid, PlanNotActive
from offer.plans.domain.terms import check_terms

ACTIVE, ARCHIVED = "active", "archived"
VERSIONED = ("prices", "meters", "add_ons", "features", "limits")
"""Terms of which others make a new version: subscriptions keep to the version with which they began."""


class Plan(Aggregate):
    """Created active and archived for good. What a subscription has of it is kept by the subscription."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.terms = facts.PlanTerms(
            code="", name="", billing_cycle=facts.BillingCycle(interval=""), prices=()
        )
        self.terms_version = 0
        self.status = ACTIVE
        self.migrations: dict[int, datetime] = {}
        """From which version of the terms, and not before when. A later order takes the place of an earlier
        one."""
        self.products: frozenset[UUID] = frozenset()
        """Those that are sold as subscriptions to it, drafts and archived ones too. They are kept here so
        that no product joins while the terms change: of two saves that write one stream, one runs again."""

    @property
    def is_active(self) -> bool:
        return self.exists and self.status == ACTIVE

    def create(self, terms: facts.PlanTerms) -> None:
        """Raises ``Invalid``."""
        check_terms(terms)
        self.record(facts.Created(terms=terms, terms_version=1))

    def change(self, terms: facts.PlanTerms) -> None:
        """Raises ``Invalid``, and ``PlanNotActive`` if it is archived."""
        if self.status != ACTIVE:
            raise PlanNotActive("A plan that is archived does not change.", plan_id=str(self.id))
        check_terms(terms)
        if terms != self.terms:
            is_new = any(getattr(terms, it) != getattr(self.terms, it) for it in VERSIONED)
            self.record(facts.Changed(terms=terms, terms_version=self.terms_version + is_new))

    def archive(self) -> None:
        if self.status != ARCHIVED:
            self.record(facts.Archived())

    def check_takes(self, product_id: UUID) -> None:
        """Raises ``PlanNotActive``, and ``Invalid`` for a product too many."""
        if self.status != ACTIVE:
            raise PlanNotActive("The plan is archived.", plan_id=str(self.id))
        if product_id not in self.products and len(self.products) >= facts.MAX_PRODUCTS:
            raise Invalid(("plan_id",), f"A plan has at most {facts.MAX_PRODUCTS} products.")

    def join(self, product_id: UUID) -> None:
        """The caller has called ``check_takes``."""
        self.record(facts.ProductJoined(product_id=product_id))

    def leave(self, product_id: UUID) -> None:
        self.record(facts.ProductLeft(product_id=product_id))

    def order_migration(self, from_terms_version: int, notice_days: int, now: datetime) -> None:
        """Of the subscriptions on earlier terms to the current ones; also of a plan that is archived, whose
        subscriptions go on. Raises ``Invalid``."""
        if not 1 <= from_terms_version < self.terms_version:
            detail = f"The plan has no earlier terms {from_terms_version}: its current ones are version"
            raise Invalid(("from_terms_version",), f"{detail} {self.terms_version}.")
        not_before = now + timedelta(days=notice_days)
        self.record(facts.MigrationOrdered(from_terms_version=from_terms_version, not_before=not_before))

    def evolve(self, fact: facts.PlanFact) -> None:
        match fact:
            case (
                facts.Created(terms=terms, terms_version=version)
                | facts.Changed(terms=terms, terms_version=version)
            ):
                self.terms, self.terms_version = terms, version
            case facts.Archived():
                self.status = ARCHIVED
            case facts.MigrationOrdered(from_terms_version=version, not_before=not_before):
                self.migrations = {**self.migrations, version: not_before}
            case facts.ProductJoined(product_id=product_id):
                self.products |= {product_id}
            case facts.ProductLeft(product_id=product_id):
                self.products -= {product_id}
            case _:
                assert_never(fact)
