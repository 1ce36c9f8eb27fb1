"""The facts of a run that brings current prices into open carts."""

from uuid import UUID

from contracts.envelope import Fact


class Started(Fact):
    TYPE = "cart_sync.started"
    offer_ids: tuple[UUID, ...] = ()
    """Only carts that hold one of these offers; empty: all."""
    max_age_hours: int


class Completed(Fact):
    """Counts of carts."""

    TYPE = "cart_sync.completed"
    processed: int
    updated: int
    errors: int


CartSyncFact = Started | Completed
