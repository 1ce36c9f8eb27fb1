"""The money ledger of a simulated world: what the read model makes of the facts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, cast, get_args
from uuid import UUID

import asyncpg

from contracts.topics import MESSAGES
from kernel.store.loading import fact_of
from pricing.ledger.postings import MoneyFact
from projections.models.ledger.model import Books, fold, rows
from tests.proofs.simulation.database import Database, Row

READER, GROUP, NAME = "projections", "projections.ledger", "ledger"


@cache
def types() -> frozenset[str]:
    return frozenset(it.TYPE for it in get_args(MoneyFact))


class Entry(NamedTuple):
    tenant: str
    stream_id: str
    version: int
    type: str
    account: str
    currency: str
    amount: int
    checkout_id: str | None


class Booked(NamedTuple):
    entries: list[Entry]
    read: list[tuple[str, str, str, int]]
    """Service, group, stream and the last version that the read model has applied."""


def booked(database: Database) -> Booked:
    result = Booked([], [])
    for stream_id, facts in database.streams.items():
        money = [it for it in facts if it["type"] in types()]
        if money:
            result.entries.extend(_entries(stream_id, money))
            result.read.append((READER, GROUP, str(stream_id), money[-1]["version"]))
    return result


def _entries(stream_id: UUID, facts: Iterable[Row]) -> Iterable[Entry]:
    books, tenant = Books(), ""
    for it in facts:
        tenant = it["tenant"]
        fact = cast(MoneyFact, fact_of(cast(asyncpg.Record, it), MESSAGES))
        fold(books, fact, it["recorded_at"], it["recorded_at"])
    for key, values in rows(books).items():
        _, version, account = cast("tuple[Any, int, str]", key)
        currency, amount, type_, _, checkout_id = cast("tuple[str, int, str, Any, UUID]", values)
        place = tenant, str(stream_id), version, type_, account
        yield Entry(*place, currency, amount, str(checkout_id) if checkout_id else None)
