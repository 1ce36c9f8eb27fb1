"""The bodies of runs that bring the current prices into open carts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from cart.carts.domain.cart_sync import CartSync
from kernel.http.descriptions import Word
from kernel.http.requests import Body, Id

SYNC_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewSync": Word("Which carts are to have the current prices."),
        "SyncView": Word("How far a run is that brings the current prices into carts."),
        "sync_id": Word("The run's id.", "019a2b3c-0007-7000-8000-000000000001"),
        "SyncView.status": Word("running or completed.", "running"),
        "offer_ids": Word("Only carts that hold one of these offers; empty: all.", []),
        "max_age_hours": Word("Only carts that were created less than so many hours ago.", 24),
        "processed": Word("The carts that were looked at.", 1200),
        "updated": Word("The carts of which a price has changed.", 40),
        "SyncView.errors": Word("The carts whose prices could not be brought up to date.", 0),
    }
)


def _without_repetition(ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    if len(set(ids)) < len(ids):
        raise ValueError("The list names something twice.")
    return ids


OfferIds = Annotated[tuple[Id, ...], Field(max_length=500), AfterValidator(_without_repetition)]


class NewSync(Body):
    offer_ids: OfferIds = ()
    max_age_hours: Annotated[int, Field(ge=1, le=72)] = 24


class SyncView(BaseModel):
    sync_id: UUID
    status: Literal["running", "completed"]
    processed: int
    updated: int
    errors: int
    version: int


def show_sync(sync: CartSync, _now: datetime) -> SyncView:
    return SyncView(
        sync_id=sync.id,
        status="completed" if sync.is_completed else "running",
        processed=sync.processed,
        updated=sync.updated,
        errors=sync.errors,
        version=sync.version,
    )
