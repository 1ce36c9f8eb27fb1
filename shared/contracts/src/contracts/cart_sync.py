"""The facts of a run that brings current prices into open carts."""

from uuid import UUID

from contracts.envelope import Fact


class Started(Fact):
    TYPE = "cart_sync.started"
    offer_ids: tuple[UUID, ...] = ()
    """Only carts that hold one of these offers; empty: all."""
    max_age_hours: int


class PageProcessed(Fact):
    """A page of carts was looked at."""

    TYPE = "cart_sync.page_processed"
    last_cart_id: UUID
    """The next page begins after this cart."""
    processed: int
    updated: int
    failed: tuple[UUID, ...] = ()
    """Carts whose prices could not be brought up to date."""


class Completed(Fact):
    """Counts of carts."""

    TYPE = "cart_sync.completed"
    processed: int
    updated: int
    errors: int


CartSyncFact = Started | PageProcessed | Completed
