"""What an action would store and send: shown to the operator before it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args
from uuid import UUID

import orjson

from checkout_saga.operations.schemas.dry_runs import (
    CallView,
    CommandView,
    DryRunView,
    FactView,
    PostingView,
)
from checkout_saga.privacy.domain.sealed import without_sealed
from contracts.envelope import Fact
from contracts.views import money
from kernel.context import Context
from kernel.scheduling.due import TARGET
from kernel.store.changes import Changes, LogRow
from kernel.store.event_store import EventStore
from kernel.store.stream_history import read_stream
from kernel.store.upcasting import read_fact
from pricing.ledger.postings import MoneyFact, advance, posting_of
from pricing.ledger.standing import Standing

LINKS = frozenset({"url", "return_url"})
"""Pages of a provider or a shop that are one customer's alone."""
SCREENING = "screening"
"""Pseudonyms of a customer's address, device and instrument, by which their payments could be linked."""


def public_body(body: bytes) -> dict[str, Any]:
    """A message's own fields, without what is encrypted in them, and without links and pseudonyms of a
    customer."""
    return dict(without_sealed(orjson.loads(body), also=LINKS | {SCREENING}))


def public_fields(fact: Fact) -> dict[str, Any]:
    """The same of a fact that was read."""
    return public_body(fact.body())


@dataclass(frozen=True)
class DryRuns:
    store: EventStore
    call_kinds: frozenset[str]
    """The kinds of the timers that stand for outbound calls."""

    async def show(self, context: Context, changes: Changes) -> DryRunView:
        facts = [row for row in changes.rows if row.kind == "fact"]
        return DryRunView(
            facts=[
                FactView(
                    stream_id=row.stream_id, version=row.version, type=row.type, data=public_body(row.body)
                )
                for row in facts
            ],
            commands=[
                CommandView(key=row.key, type=row.type, data=public_body(row.body))
                for row in changes.rows
                if row.kind == "command"
            ],
            calls=[
                CallView(
                    kind=timer.kind,
                    subject=timer.subject,
                    due_at=timer.due_at,
                    gateway=timer.payload.get(TARGET),
                )
                for timer in changes.timers.values()
                if timer and timer.kind in self.call_kinds
            ],
            postings=await self._postings(context.tenant, facts),
        )

    async def _postings(self, tenant: str, rows: Iterable[LogRow]) -> list[PostingView]:
        """What the ledger will post for the facts, by what preceded them in their streams."""
        standings: dict[UUID, Standing] = {}
        found = []
        for row in rows:
            if row.type not in self._money_types:
                continue
            if row.stream_id not in standings:
                standings[row.stream_id] = await self._standing(tenant, row.stream_id)
            standing = standings[row.stream_id]
            fact = self._fact_of(row)
            amounts = posting_of(fact, standing)
            advance(standing, fact)
            found += [
                PostingView(type=row.type, account=account, amount=money(amount, standing.currency))
                for account, amount in amounts.items()
            ]
        return found

    async def _standing(self, tenant: str, stream_id: UUID) -> Standing:
        standing = Standing()
        for recorded in await read_stream(self.store.pool, tenant, stream_id, self.store.messages):
            if isinstance(recorded.fact, get_args(MoneyFact)):
                advance(standing, recorded.fact)
        return standing

    def _fact_of(self, row: LogRow) -> Any:
        where = row.stream_id, row.version, row.recorded_at
        return read_fact(row.type, row.schema_version, row.body, *where, self.store.messages)

    @cached_property
    def _money_types(self) -> frozenset[str]:
        kinds: tuple[type[Fact], ...] = get_args(MoneyFact)
        return frozenset(it.TYPE for it in kinds)
