"""Pages that show: what waits for an operator, the checkouts under way, and one thing with its actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Query, Request, Response

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.reviewing import find_review
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, fulfillment_id
from checkout_saga.operations.attention.entries import Reader
from checkout_saga.operations.attention.listing import list_entries
from checkout_saga.operations.attention.sources import SOURCES
from checkout_saga.operations.dry_run import public_fields
from checkout_saga.operations.page.rendering import render
from checkout_saga.operations.page.visitors import ADMITTED, page_at
from checkout_saga.operations.schemas.attention import KINDS, Kind
from checkout_saga.operations.triage import Triages
from checkout_saga.orders.domain.errors import LineNotFound
from checkout_saga.orders.domain.operator_actions import refund_of
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.reconciliation.use_cases.differences import find_difference
from contracts.roles import OPERATORS
from contracts.views import money
from kernel.http.dependencies import context_of
from kernel.http.requests import PathId
from kernel.http.visitors import Door
from kernel.store.event_store import EventStore
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

Cursor: TypeAlias = Annotated[str | None, Query(max_length=4000)]
OfKind: TypeAlias = Annotated[Kind | None, Query()]


@dataclass(frozen=True, slots=True)
class Reading:
    store: EventStore
    door: Door
    triages: Triages

    async def show_attention(self, request: Request, kind: OfKind = None, cursor: Cursor = None) -> Response:
        visitor = await self.door.enter(request, ADMITTED)
        paging = page_at(cursor)
        (positions,) = paging.after(dict[str, str]) or ({},)
        sources = [it for name, it in SOURCES.items() if kind in {None, name}]

        async def read(work: UnitOfWork) -> Response:
            listed = await list_entries(Reader(self.store.pool, work), sources, positions, paging.more)
            page = paging.page(listed, key=lambda it: (it.positions,), show=lambda it: it.entry)
            found = {"entries": page.items, "next_cursor": page.next_cursor}
            return render("attention", {"visitor": visitor, "kind": kind, "kinds": KINDS, **found})

        return await self.store.run(context_of(request, visitor.principal), read)

    async def show_checkouts(self, request: Request, cursor: Cursor = None) -> Response:
        """The checkouts that have not ended, oldest first."""
        visitor = await self.door.enter(request, OPERATORS)
        paging, tenant = page_at(cursor), visitor.principal.tenant
        (after,) = paging.after(str) or ("",)

        async def read(work: UnitOfWork) -> Response:
            keys = await list_unique_keys(
                self.store.pool, tenant, OPEN_CHECKOUT, after=after, limit=paging.more
            )
            opened = await work.open_many(Checkout, [it.owner for it in keys])
            page = paging.page(keys, key=lambda it: (it.value,), show=lambda it: opened[it.owner])
            found = {"checkouts": page.items, "next_cursor": page.next_cursor, "now": work.now}
            return render("checkouts", {"visitor": visitor, **found})

        return await self.store.run(context_of(request, visitor.principal), read)

    async def show_one_checkout(self, request: Request, checkout_id: PathId) -> Response:
        visitor = await self.door.enter(request, OPERATORS)
        triage = await self.triages.examine(context_of(request, visitor.principal), checkout_id)
        timeline = [
            {
                "at": it.recorded.fact.timestamp,
                "stream": it.stream,
                "version": it.recorded.fact.originator_version,
                "type": it.recorded.fact.TYPE,
                "actor": it.recorded.actor,
                "data": public_fields(it.recorded.fact),
            }
            for it in triage.timeline
        ]
        return render(
            "checkout",
            {"visitor": visitor, "triage": triage.view, "version": triage.version, "timeline": timeline},
        )

    async def show_refund(self, request: Request, order_id: PathId, refund_id: PathId) -> Response:
        visitor = await self.door.enter(request, OPERATORS)

        async def read(work: UnitOfWork) -> Response:
            order = await find_order(order_id, work)
            refund = refund_of(order, refund_id)
            amount = money(refund.amount, order.sale.currency)
            found = {"order": order, "refund_id": refund_id, "refund": refund, "amount": amount}
            return render("refund", {"visitor": visitor, **found})

        return await self.store.run(context_of(request, visitor.principal), read)

    async def show_review(self, request: Request, checkout_id: PathId) -> Response:
        visitor = await self.door.enter(request, ADMITTED)

        async def read(work: UnitOfWork) -> Response:
            checkout = await find_review(checkout_id, work)
            sale = checkout.agreed_sale
            found = {"checkout": checkout, "sale": sale, "amount": money(sale.totals.total, sale.currency)}
            return render("review", {"visitor": visitor, **found})

        return await self.store.run(context_of(request, visitor.principal), read)

    async def show_difference(self, request: Request, difference_id: PathId) -> Response:
        visitor = await self.door.enter(request, OPERATORS)

        async def read(work: UnitOfWork) -> Response:
            difference = await find_difference(difference_id, work)
            sides = {
                side: None if amount is None else money(amount, difference.currency)
                for side, amount in (("theirs", difference.theirs), ("ours", difference.ours))
            }
            return render("difference", {"visitor": visitor, "difference": difference, **sides})

        return await self.store.run(context_of(request, visitor.principal), read)

    async def show_line(self, request: Request, order_id: PathId, line_id: PathId) -> Response:
        visitor = await self.door.enter(request, ADMITTED)

        async def read(work: UnitOfWork) -> Response:
            order = await find_order(order_id, work)
            line = next((it for it in order.sale.lines if it.line_id == str(line_id)), None)
            if line is None:
                raise LineNotFound("The order has no such line.")
            handed = await work.open(Fulfillment, fulfillment_id(order_id, line.line_id))
            return render("line", {"visitor": visitor, "order": order, "line": line, "handed": handed})

        return await self.store.run(context_of(request, visitor.principal), read)
