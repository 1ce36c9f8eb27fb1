"""The table that searches of products read. It follows the service's own log, so that the variants of a
changed product need not be changed with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from contracts import product as facts
from contracts.envelope import Fact
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded
from kernel.store.writing import Connection, columns
from offer.catalogue.domain.listing import ListedProduct, listed

PLACE = "product_list_place"
KINDS: tuple[type[Fact], ...] = (facts.Created, facts.Changed, facts.Activated, facts.Archived)
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


def list_follower(store: EventStore) -> LogFollower:
    return LogFollower(PLACE, KINDS, write_list, store)


async def write_list(connection: Connection, recorded: Sequence[Recorded]) -> None:
    """Bring the rows of the products up to date, and those of the variants of changed ones."""
    rows = await _rows(connection, SELECT_ROWS, {Key(it.tenant, it.stream_id) for it in recorded})
    changed = _apply(recorded, rows)
    variants = await _rows(connection, SELECT_VARIANTS, changed)
    rows = variants | rows
    parents = rows | await _rows(connection, SELECT_ROWS, _parents(rows) - rows.keys())
    found = {key: _listed(key, row, parents) for key, row in rows.items()}
    await _write(connection, found, rows, changed | variants.keys())


def _apply(recorded: Iterable[Recorded], rows: Rows) -> set[Key]:
    """Change the rows by the facts; returns those whose details have changed."""
    changed: set[Key] = set()
    for it in recorded:
        key = Key(it.tenant, it.stream_id)
        match it.fact:
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
