"""Pages of the service's parked records: handle one again, or discard it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Path, Request, Response

from checkout_saga.operations.page.form_fields import DiscardForm, RetryForm, read_as
from checkout_saga.operations.page.reading import Cursor
from checkout_saga.operations.page.rendering import render
from checkout_saga.operations.page.visitors import PATH, command, page_at
from contracts.roles import OPERATORS
from kernel.http.dead_letter_routes import LIST, ONE
from kernel.http.dead_letter_views import ParkedView
from kernel.http.page_templates import see
from kernel.http.problems import invalid
from kernel.http.results import Result
from kernel.http.visitors import Door
from kernel.messaging.dead_letters.admin import DeadLetterAdmin, DeadLetterNotFound
from kernel.messaging.dead_letters.model import dead_letter_of
from kernel.store.event_store import EventStore, Transaction

ParkedId: TypeAlias = Annotated[int, Path(ge=1, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class ParkedPages:
    store: EventStore
    door: Door
    dead_letters: DeadLetterAdmin

    async def show_all(self, request: Request, cursor: Cursor = None) -> Response:
        visitor = await self.door.enter(request, OPERATORS)
        paging, tenant = page_at(cursor), visitor.principal.tenant
        (after,) = paging.after(int) or (0,)
        rows = await self.store.pool.fetch_for_tenant(tenant, LIST, True, after, paging.more)
        letters = [dead_letter_of(row) for row in rows]
        page = paging.page(letters, key=lambda it: (it.parked_id,), show=ParkedView.of)
        return render("parked", {"visitor": visitor, "page": page})

    async def show_one(self, request: Request, parked_id: ParkedId) -> Response:
        visitor = await self.door.enter(request, OPERATORS)
        rows = await self.store.pool.fetch_for_tenant(visitor.principal.tenant, ONE, parked_id)
        if not rows:
            raise DeadLetterNotFound("There is no such parked record.")
        return render("parked_record", {"visitor": visitor, "it": ParkedView.of(dead_letter_of(rows[0]))})

    async def act(self, request: Request, parked_id: ParkedId) -> Response:
        visitor, fields = await self.door.submit(request, OPERATORS)
        write = command(request, visitor)
        discard = read_as(DiscardForm, fields) if fields.get("action") == "discard" else None
        if discard is None and read_as(RetryForm, fields).action != "retry":
            raise invalid("There is no such action.", "/action")

        async def decide(transaction: Transaction) -> Result:
            if discard is None:
                await self.dead_letters.retry(parked_id, write.context, transaction)
            else:
                await self.dead_letters.discard(parked_id, discard.reason, write.context, transaction)
            return Result()

        await write.run_within(decide)
        return see(f"{PATH}/parked/{parked_id}")
