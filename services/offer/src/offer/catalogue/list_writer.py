"""The table that searches of products read. It follows the service's own log, a page at a time.

It is written by a loop and not by the requests, so that a change of a product costs no further row, and that
the variants of a changed product need not be changed with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from contracts import product as facts
from contracts.registry import MessageRegistry
from kernel import waiting
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.service.runtime import run_forever
from kernel.store.event_store import EventStore
from kernel.store.upcasting import read_fact
from kernel.store.writing import Connection, columns
from offer.catalogue.domain.listing import ListedProduct, listed

LOG = structlog.get_logger()
BEAT = "product list"
POLL_SECONDS = 0.6
PAGE_SIZE = 1_000
TYPES = [it.TYPE for it in (facts.Created, facts.Changed, facts.Activated, facts.Archived)]
LOCK_POSITION = "SELECT position FROM product_list_place FOR UPDATE SKIP LOCKED"
PAGE_END = """
    SELECT max(position) AS position, count(*) AS rows
    FROM (SELECT position FROM log WHERE position > $1 ORDER BY position LIMIT $2) AS page
"""
SELECT_FACTS = """
    SELECT tenant, stream_id, version, type, schema_version, body, recorded_at
    FROM log WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position
"""
UPDATE_POSITION = "UPDATE product_list_place SET position = $1"
SELECT_ROWS = """
    SELECT p.tenant, p.product_id, p.status, p.details::text AS details
    FROM product_list p JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, product_id)
    USING (tenant, product_id)
"""
SELECT_VARIANTS = """
    SELECT p.tenant, p.product_id, p.status, p.details::text AS details
    FROM product_list p JOIN unnest($1::text[], $2::uuid[]) AS changed (tenant, product_id)
    ON (p.tenant, p.variant_of) = (changed.tenant, changed.product_id)
"""
UPSERT_ROWS = """
    INSERT INTO product_list
        (tenant, product_id, status, type, name_key, category, brand, vendor_id, variant_of, details)
    SELECT tenant, product_id, status, type, name_key, category, brand, vendor_id, variant_of, details::jsonb
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::uuid[], $10::text[])
         AS n (tenant, product_id, status, type, name_key, category, brand, vendor_id, variant_of, details)
    ON CONFLICT (tenant, product_id) DO UPDATE SET
        status = excluded.status, type = excluded.type, name_key = excluded.name_key,
        category = excluded.category, brand = excluded.brand, vendor_id = excluded.vendor_id,
        variant_of = excluded.variant_of, details = excluded.details
"""
DELETE_TERMS = """
    DELETE FROM product_list_terms t USING unnest($1::text[], $2::uuid[]) AS changed (tenant, product_id)
    WHERE (t.tenant, t.product_id) = (changed.tenant, changed.product_id)
"""
INSERT_TERMS = """
    INSERT INTO product_list_terms (tenant, kind, value, product_id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])
"""
DELETE_PRICES = """
    DELETE FROM product_list_prices t USING unnest($1::text[], $2::uuid[]) AS changed (tenant, product_id)
    WHERE (t.tenant, t.product_id) = (changed.tenant, changed.product_id)
"""
INSERT_PRICES = """
    INSERT INTO product_list_prices (tenant, product_id, currency, amount)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[])
"""


class Key(NamedTuple):
    tenant: str
    product_id: UUID


@dataclass(slots=True)
class Row:
    """What a product itself has."""

    status: str
    details: facts.Details


Rows = dict[Key, Row]


class ProductListWriter:
    def __init__(self, store: EventStore, heartbeats: Heartbeats) -> None:
        self._store = store
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Follow the log until cancelled. A page whose transaction fails is tried again."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.follow_next_page,
            pause=lambda: waiting.jitter(POLL_SECONDS / 2, POLL_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=_log_defect,
        )

    # failpoint: none needed (store-transaction)
    async def follow_next_page(self) -> bool:
        """True if the page was full, so that there may be more."""
        async with self._store.transaction() as transaction:
            return await follow_log(transaction.connection, self._store.messages)


# failpoint: none needed (store-transaction)
async def follow_log(connection: Connection, messages: MessageRegistry) -> bool:
    """List what the next page of the log says, within a transaction. True if the page was full. Does nothing
    if another replica is at it."""
    position = await connection.fetchval(LOCK_POSITION)
    page = None if position is None else await connection.fetchrow(PAGE_END, position, PAGE_SIZE)
    if page is None or not page["rows"]:
        return False
    recorded = await connection.fetch(SELECT_FACTS, position, page["position"], TYPES)
    if recorded:
        await _list(connection, recorded, messages)
    await connection.execute(UPDATE_POSITION, page["position"])
    return bool(page["rows"] == PAGE_SIZE)


async def _list(connection: Connection, recorded: list[asyncpg.Record], messages: MessageRegistry) -> None:
    """Bring the rows of the products up to date, and those of the variants of changed ones."""
    rows = await _rows(connection, SELECT_ROWS, {Key(it["tenant"], it["stream_id"]) for it in recorded})
    changed = _apply(recorded, rows, messages)
    variants = await _rows(connection, SELECT_VARIANTS, changed)
    rows = variants | rows
    parents = rows | await _rows(connection, SELECT_ROWS, _parents(rows) - rows.keys())
    found = {key: _listed(key, row, parents) for key, row in rows.items()}
    await _write(connection, found, rows, changed | variants.keys())


def _apply(recorded: Iterable[asyncpg.Record], rows: Rows, messages: MessageRegistry) -> set[Key]:
    """Change the rows by the facts; returns those whose details have changed."""
    changed: set[Key] = set()
    for it in recorded:
        key = Key(it["tenant"], it["stream_id"])
        where = it["stream_id"], it["version"], it["recorded_at"]
        match read_fact(it["type"], it["schema_version"], it["body"], *where, messages):
            case facts.Created(details=details, status=status):
                rows[key] = Row(status, details)
                changed.add(key)
            case facts.Changed(details=details):
                rows[key].details = details
                changed.add(key)
            case facts.Activated():
                rows[key].status = "active"
            case facts.Archived():
                rows[key].status = "archived"
    return changed


def _parents(rows: Mapping[Key, Row]) -> set[Key]:
    return {
        Key(key.tenant, row.details.variant_of)
        for key, row in rows.items()
        if row.details.variant_of is not None
    }


def _listed(key: Key, row: Row, rows: Mapping[Key, Row]) -> ListedProduct:
    parent_id = row.details.variant_of
    parent = None if parent_id is None else rows[Key(key.tenant, parent_id)].details
    return listed(key.product_id, row.status, row.details, parent)


# failpoint: none needed (store-transaction)
async def _rows(connection: Connection, query: str, keys: Iterable[Key]) -> Rows:
    wanted = sorted(keys)
    found = await connection.fetch(query, *columns(wanted)) if wanted else []
    return {
        Key(it["tenant"], it["product_id"]): Row(
            it["status"], facts.Details.model_validate_json(it["details"])
        )
        for it in found
    }


# failpoint: none needed (store-transaction), 5 calls
async def _write(
    connection: Connection, found: Mapping[Key, ListedProduct], rows: Rows, searched_anew: set[Key]
) -> None:
    """``searched_anew``: those whose words, collections and prices may have changed."""
    keys = sorted(found)
    await connection.execute(UPSERT_ROWS, *columns([_row(key, found[key], rows[key]) for key in keys]))
    if not searched_anew:
        return
    anew = sorted(searched_anew)
    await connection.execute(DELETE_TERMS, *columns(anew))
    await connection.execute(DELETE_PRICES, *columns(anew))
    terms = [(key.tenant, kind, value, key.product_id) for key in anew for kind, value in _terms(found[key])]
    prices = [(*key, currency, amount) for key in anew for currency, amount in found[key].prices.items()]
    if terms:
        await connection.execute(INSERT_TERMS, *columns(terms))
    if prices:
        await connection.execute(INSERT_PRICES, *columns(prices))


def _terms(it: ListedProduct) -> Iterable[tuple[str, str]]:
    yield from (("word", word) for word in sorted(it.words))
    yield from (("collection", slug) for slug in sorted(it.collections))


def _row(key: Key, it: ListedProduct, row: Row) -> tuple[object, ...]:
    details = row.details.model_dump_json()
    found = it.category, it.brand, it.vendor_id, it.variant_of
    return (*key, it.status, it.type, it.name_key, *found, details)


def _log_defect(error: Exception) -> None:
    if not is_transient(error):
        LOG.exception("product_list_not_followed")
