"""The route that changes many prices by one rule, in groups of products that are saved whole.

A percentage must not count twice: each group leaves a mark under the idempotency key, as a unique key, so
that a repetition after a crash goes on behind it. The last save takes the marks away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from fastapi import Response

from contracts import price_change as facts
from contracts.roles import ADMINS
from kernel import ids
from kernel.http.dependencies import Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import Invalid, PlanPriceDiffers
from offer.catalogue.domain.listing import ProductSearch
from offer.catalogue.domain.product import Product
from offer.catalogue.list_query import as_listed, search_table
from offer.imports.domain.price_change import PriceChange, TooLarge, Where, with_new_prices
from offer.imports.price_change_schemas import (
    MAX_ITEMS,
    ChangedPriceView,
    ManyPricesBody,
    ManyPricesView,
)
from offer.pricing_policy.use_cases import find_pricing_policy
from pricing.rounding import Mode

GROUP = 500
MARK = "price_change"
"""Kind of the unique key that says how far a change has come, and with which counts."""


@dataclass(slots=True)
class Progress:
    """What has been done up to a product."""

    last: UUID = ids.NIL_ID
    matched: int = 0
    changed: int = 0
    failed: int = 0
    items: list[ChangedPriceView] = field(default_factory=list)
    """Of this run: those of a run before a crash are not known any more."""

    def mark(self) -> str:
        return f"{self.last}:{self.matched}:{self.changed}:{self.failed}"


async def change_prices(body: ManyPricesBody, write: Write) -> Response:
    """Change many prices by one rule: in percent, by an amount, or to an amount."""
    search, tenant = _search(body), write.context.tenant
    if body.dry_run:
        return await write.preview(partial(_preview, body, search, write.pool, tenant))

    async def save_groups() -> Progress:
        progress = await write.save(partial(_find_progress, write.key_id))
        while found := await _next(search, write.pool, tenant, progress.last):
            progress = await write.save(partial(_change_and_mark, body, found, progress, write.key_id))
        return progress

    async def complete(progress: Progress, work: UnitOfWork) -> Result:
        await _take_marks(write.key_id, work)
        made = work.create(PriceChange, ids.new_id())
        made.complete(_completed(body, progress))
        return Result(_view(made.id, progress))

    return await write.run_after(save_groups, complete)


def _search(body: ManyPricesBody) -> ProductSearch:
    where = body.where

    def one(value: str | None) -> frozenset[str]:
        return frozenset() if value is None else frozenset({value})

    return ProductSearch(
        ids=frozenset(where.product_ids),
        categories=one(where.category),
        collections=one(where.collection),
        brands=one(where.brand),
        vendor_ids=one(where.vendor_id),
        types=one(where.type),
    )


def _completed(body: ManyPricesBody, progress: Progress) -> facts.Completed:
    return facts.Completed(
        where=body.where.model_dump(mode="json", exclude_defaults=True),
        currency=body.currency,
        region=body.region,
        segment=body.segment,
        change=body.rule(),
        round_to=body.round_to,
        matched=progress.matched,
        changed=progress.changed,
        failed=progress.failed,
    )


async def _preview(
    body: ManyPricesBody, search: ProductSearch, pool: ServicePool, tenant: str, work: UnitOfWork
) -> Result:
    progress = Progress()
    while found := await _next(search, pool, tenant, progress.last):
        progress = await _change(body, found, progress, work)
    return Result(_view(None, progress))


async def _next(search: ProductSearch, pool: ServicePool, tenant: str, after: UUID) -> list[UUID]:
    """The next group. Products that are named need not be in the table yet."""
    if search.ids:
        return sorted(it for it in search.ids if it > after)[:GROUP]
    return [it.product_id for it in await search_table(pool, tenant, search, ("", after), GROUP)]


async def _change(
    body: ManyPricesBody, found: Sequence[UUID], before: Progress, work: UnitOfWork
) -> Progress:
    mode = Mode((await find_pricing_policy(work)).policy.rounding_mode)
    products = await _selected(_search(body), found, work)
    done = Progress(found[-1], before.matched, before.changed, before.failed, list(before.items))
    where = Where(body.currency, body.region, body.segment)
    for product in products:
        done.matched += 1
        try:
            changed = with_new_prices(product.details, where, body.rule(), body.round_to, mode)
            if changed is None:
                continue
            product.change(changed.details)
        except (TooLarge, Invalid, PlanPriceDiffers):
            done.failed += 1
            continue
        done.changed += 1
        if len(done.items) < MAX_ITEMS:
            done.items.append(ChangedPriceView(product_id=product.id, old=changed.old, new=changed.new))
    return done


async def _selected(search: ProductSearch, found: Sequence[UUID], work: UnitOfWork) -> list[Product]:
    """Those that the search still finds."""
    products = [it for it in (await work.open_many(Product, found)).values() if it.exists]
    parent_ids = {it.details.variant_of for it in products if it.details.variant_of is not None}
    parents = await work.open_many(Product, sorted(parent_ids))
    return [it for it in products if search.finds(as_listed(it, parents))]


async def _change_and_mark(
    body: ManyPricesBody, found: Sequence[UUID], before: Progress, key_id: UUID | None, work: UnitOfWork
) -> Progress:
    done = await _change(body, found, before, work)
    if key_id is not None:
        await _take_marks(key_id, work)
        work.claim_key(MARK, f"{key_id}:{done.mark()}", key_id)
    return done


async def _find_progress(key_id: UUID | None, work: UnitOfWork) -> Progress:
    marks = [] if key_id is None else list(await work.keys_with_prefix(MARK, f"{key_id}:"))
    if not marks:
        return Progress()
    _, last, *counts = marks[0].split(":")
    matched, changed, failed = map(int, counts)
    return Progress(UUID(last), matched, changed, failed)


async def _take_marks(key_id: UUID | None, work: UnitOfWork) -> None:
    if key_id is not None:
        for mark in await work.keys_with_prefix(MARK, f"{key_id}:"):
            work.release_key(MARK, mark)


def _view(price_change_id: UUID | None, progress: Progress) -> ManyPricesView:
    return ManyPricesView(
        price_change_id=price_change_id,
        matched=progress.matched,
        changed=progress.changed,
        unchanged=progress.matched - progress.changed - progress.failed,
        failed=progress.failed,
        items=progress.items,
    )


PATH = "/v1/price-changes"
ROUTES = RouteTable("price changes", (Route("POST", PATH, change_prices, ADMINS, ManyPricesView),))
