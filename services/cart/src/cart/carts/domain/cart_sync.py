"""A run that brings the current prices into a tenant's open carts, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never
from uuid import UUID

from contracts import cart_sync as facts
from kernel.domain import Aggregate

FIRST_CART = UUID(int=0)


class CartSync(Aggregate):
    CREATED_BY = facts.Started.TYPE

    def initialise(self) -> None:
        self.offer_ids: tuple[UUID, ...] = ()
        self.max_age_hours = 0
        self.last_cart_id = FIRST_CART
        """The carts up to this one have been looked at."""
        self.processed = 0
        self.updated = 0
        self.errors = 0
        self.is_completed = False

    @property
    def max_age(self) -> timedelta:
        """Only carts created less than this ago."""
        return timedelta(hours=self.max_age_hours)

    def start(self, offer_ids: tuple[UUID, ...], max_age_hours: int) -> None:
        self.record(facts.Started(offer_ids=offer_ids, max_age_hours=max_age_hours))

    def note_page(self, last_cart_id: UUID, processed: int, updated: int, failed: tuple[UUID, ...]) -> None:
        """``failed``: carts whose prices could not be brought up to date."""
        self.record(
            facts.PageProcessed(
                last_cart_id=last_cart_id, processed=processed, updated=updated, failed=failed
            )
        )

    def complete(self) -> None:
        self.record(facts.Completed(processed=self.processed, updated=self.updated, errors=self.errors))

    def evolve(self, fact: facts.CartSyncFact) -> None:
        match fact:
            case facts.Started():
                self.offer_ids, self.max_age_hours = fact.offer_ids, fact.max_age_hours
            case facts.PageProcessed():
                self.last_cart_id = fact.last_cart_id
                self.processed += fact.processed
                self.updated += fact.updated
                self.errors += len(fact.failed)
            case facts.Completed():
                self.is_completed = True
            case _:
                assert_never(fact)
