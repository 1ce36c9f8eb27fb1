"""Bring the current prices into a tenant's open carts, on request: one run at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import CATALOGUE
from cart.carts.domain.cart_sync import CartSync
from cart.carts.domain.errors import SyncNotFound
from cart.carts.use_cases.cart_access import record_prices, wanted_by
from cart.carts.use_cases.repricing import is_open
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt
from kernel.ids import new_id
from kernel.unit_of_work import UnitOfWork

SYNC = "cart.sync"
"""The timer of the next page."""
RUNNING_SYNC = "cart_sync"
"""Kind of the unique key of the tenant's running sync."""
THE_ONE = "running"


class OpenCarts(Protocol):
    """The index of the carts that are not closed and hold something."""

    async def after(
        self, tenant: str, offer_ids: Sequence[UUID], cart_id: UUID, limit: int
    ) -> Sequence[UUID]:
        """In the order of their ids, those above ``cart_id``: with one of the offers, or all if there are
        none."""


@dataclass(frozen=True, slots=True)
class StartSync:
    offer_ids: tuple[UUID, ...]
    max_age_hours: int


async def start_sync(command: StartSync, work: UnitOfWork) -> CartSync:
    """The new run; the running one, if there is one."""
    running = await work.owner_of_key(RUNNING_SYNC, THE_ONE)
    if running is not None:
        return await work.open(CartSync, running)
    sync = work.create(CartSync, new_id())
    sync.start(command.offer_ids, command.max_age_hours)
    await continue_again(sync, work)
    return sync


async def continue_again(sync: CartSync, work: UnitOfWork) -> None:
    """Claim the key and set the timer of a run that is not completed."""
    if not sync.is_completed:
        work.claim_key(RUNNING_SYNC, THE_ONE, sync.id)
        work.set_timer(SYNC, sync.id, work.now)


async def find_sync(sync_id: UUID, work: UnitOfWork) -> CartSync:
    """Raises SyncNotFound."""
    sync = await work.open(CartSync, sync_id)
    if not sync.exists:
        raise SyncNotFound("There is no such run.")
    return sync


async def sync_page(
    sync_id: UUID, work: UnitOfWork, catalogue: Catalogue, carts: OpenCarts, limit: int
) -> None:
    """Bring a page of carts up to date, or complete the run after the last one."""
    sync = await work.open(CartSync, sync_id)
    if not sync.exists or sync.is_completed:
        return
    found = await carts.after(work.context.tenant, sync.offer_ids, sync.last_cart_id, limit)
    if found:
        page = await _bring_up_to_date(found, sync, work, catalogue)
        sync.note_page(found[-1], page.processed, page.updated, page.failed)
    if len(found) < limit:
        sync.complete()
        work.release_key(RUNNING_SYNC, THE_ONE)
    else:
        work.set_timer(SYNC, sync.id, work.now)


class _Page(NamedTuple):
    processed: int
    updated: int
    failed: tuple[UUID, ...]


async def _bring_up_to_date(
    cart_ids: Sequence[UUID], sync: CartSync, work: UnitOfWork, catalogue: Catalogue
) -> _Page:
    opened = (await work.open_many(Cart, cart_ids)).values()
    carts = [it for it in opened if is_open(it, work) and it.created_at > work.now - sync.max_age]
    excerpt = await catalogue.read(work.context.tenant, wanted_by(*carts))
    updated, failed = 0, []
    for cart in carts:
        version = cart.version
        if not _is_brought_up_to_date(cart, excerpt, work):
            failed.append(cart.id)
        elif cart.version > version:
            updated += 1
    return _Page(len(carts), updated, tuple(failed))


def _is_brought_up_to_date(cart: Cart, excerpt: CatalogueExcerpt, work: UnitOfWork) -> bool:
    """A defect in one cart does not keep the others from their prices: prices are recorded only once all of
    the cart's are known."""
    try:
        record_prices(cart, excerpt, work, CATALOGUE)
    except Exception:  # of any kind: the run counts the cart as an error and goes on
        return False
    return True
