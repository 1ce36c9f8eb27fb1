"""Statements of the offer service on its copies of customers: profiles, links of guests, orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kernel.store import erasure_locks
from offer.customers import link_rows, order_rows, profile_rows, repository
from offer.rewards import attributed_orders
from tests.proofs.simulation.database import Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection

PROFILES, LINKS, ORDERS = "customers", "customer_links", "customer_orders"
ORDER_COLUMNS = (
    *("paid", "cancelled", "fulfilled", "customer_id", "currency", "amount", "subtotal", "lines", "nets"),
)
ERASED_AT = "erased_at"
UUID_LENGTH = 36


def insert_orders(connection: Connection, *columns: Sequence[Any]) -> None:
    known = connection.table(ORDERS)
    profiles = connection.table(PROFILES)
    for tenant, order_id, *values, created_at in zip(*columns, strict=True):
        row = dict(zip(ORDER_COLUMNS, values, strict=True))
        customer = profiles.get((tenant, row["customer_id"]))
        erased_at = customer["profile"].get(ERASED_AT) if customer else None
        if (tenant, order_id) not in known and (erased_at is None or erased_at < created_at):
            connection.put(ORDERS, (tenant, order_id), {**row, "fulfilled": set(row["fulfilled"])})


async def update_orders(connection: Connection, *columns: Sequence[Any]) -> None:
    """An order that is deleted while the update waits for its row stays deleted."""
    await _lock_orders(
        connection, set(zip(columns[0], columns[1], strict=True)) & {*connection.table(ORDERS)}
    )
    known = connection.table(ORDERS)
    for tenant, order_id, paid, cancelled, fulfilled in zip(*columns, strict=True):
        if row := known.get((tenant, order_id)):
            more = {
                "paid": row["paid"] or paid,
                "cancelled": row["cancelled"] or cancelled,
                "fulfilled": row["fulfilled"] | set(fulfilled),
            }
            connection.put(ORDERS, (tenant, order_id), row | more)


async def delete_orders(connection: Connection, *columns: Sequence[str]) -> None:
    erased = set(zip(*columns, strict=True))
    found = [key for key, row in connection.table(ORDERS).items() if (key[0], row["customer_id"]) in erased]
    await _lock_orders(connection, found)
    for key in found:
        connection.put(ORDERS, key, None)


async def _lock_orders(connection: Connection, keys: Iterable[tuple[str, UUID]]) -> None:
    await connection.lock((ORDERS, *key) for key in sorted(keys))


def upsert_profiles(connection: Connection, *columns: Sequence[Any]) -> None:
    known = connection.table(PROFILES)
    for tenant, customer_id, version, profile in zip(*columns, strict=True):
        if (row := known.get((tenant, customer_id))) is None or row["version"] < version:
            kept = (
                {name: row["profile"][name] for name in (ERASED_AT,) if name in row["profile"]} if row else {}
            )
            connection.put(PROFILES, (tenant, customer_id), {"version": version, "profile": profile | kept})


def mark_erased(connection: Connection, *columns: Sequence[Any]) -> None:
    for tenant, customer_id, version, erased_at in zip(*columns, strict=True):
        mark = {"version": version, "profile": {ERASED_AT: erased_at}}
        connection.put(PROFILES, (tenant, customer_id), mark)


async def lock_customers(connection: Connection, *columns: Sequence[str]) -> list[Row]:
    """Orders share this lock in PostgreSQL; here they wait for one another, too, which changes no result."""
    await connection.lock((PROFILES, *key) for key in zip(*columns, strict=True))
    return []


def insert_links(connection: Connection, *columns: Sequence[str]) -> None:
    for key in zip(*columns, strict=True):
        connection.put(LINKS, key, {})


def delete_links(connection: Connection, *columns: Sequence[str]) -> None:
    erased = set(zip(*columns, strict=True))
    for key in connection.table(LINKS):
        if key[:2] in erased:
            connection.put(LINKS, key, None)


def ids_of_person(connection: Connection, tenant: str, customer_id: str) -> list[str]:
    """All ids of the person: the account's and those of its guests."""
    links = [it[1:] for it in connection.table(LINKS) if it[0] == tenant]
    accounts = {customer_id, *(account for account, guest in links if guest == customer_id)}
    return sorted(accounts | {guest for account, guest in links if account in accounts})


def profiles(connection: Connection, tenant: str, customer_ids: Sequence[str]) -> list[Row]:
    return [_profile(connection, tenant, it) for it in customer_ids]


def _profile(connection: Connection, tenant: str, customer_id: str) -> Row:
    ids = ids_of_person(connection, tenant, customer_id)
    counted = [
        row
        for key, row in connection.table(ORDERS).items()
        if key[0] == tenant and row["customer_id"] in ids and row["paid"] and not row["cancelled"]
    ]
    spent: Counter[str] = Counter()
    for it in counted:
        spent[it["currency"]] += it["amount"]
    products = [(line_id, UUID(it), row) for row in counted for line_id, it in row["lines"].items()]
    profile = connection.table(PROFILES).get((tenant, customer_id))
    return {
        "customer_id": customer_id,
        "ids": ids,
        "profile": profile["profile"] if profile else None,
        "paid_orders": len(counted),
        "spent": dict(spent),
        "bought": [product_id for _, product_id, _ in products],
        "fulfilled": [product_id for line_id, product_id, row in products if line_id in row["fulfilled"]],
    }


async def lock_attributed(
    connection: Connection, tenants: Sequence[str], order_ids: Sequence[UUID], kind: str
) -> list[Row]:
    """The attributions of the orders' customers, locked until the end of the transaction."""
    orders = connection.table(ORDERS)
    found = sorted(
        {
            (name, owner, order_id)
            for tenant, order_id in zip(tenants, order_ids, strict=True)
            if (row := orders.get((tenant, order_id))) and row["paid"] and not row["cancelled"]
            for person in ids_of_person(connection, tenant, row["customer_id"])
            for name, owner in _claims(connection, tenant, kind, f"{person}:")
        }
    )
    await connection.lock(name for name, *_ in found)
    return [{"tenant": name[0], "order_id": order_id, "holder": owner} for name, owner, order_id in found]


def _claims(
    connection: Connection, tenant: str, kind: str, prefix: str
) -> Iterable[tuple[tuple[str, str, str], UUID]]:
    for name in {*connection.database.holders, *connection.changes.holders}:
        is_of_kind = name[:2] == (tenant, kind) and len(name[2]) == len(prefix) + UUID_LENGTH
        if is_of_kind and name[2].startswith(prefix) and (owner := connection.holder(*name)) is not None:
            yield name, owner


def orders_of(connection: Connection, tenants: Sequence[str], order_ids: Sequence[UUID]) -> list[Row]:
    orders = connection.table(ORDERS)
    return [
        {"tenant": key[0], "order_id": key[1], **row}
        for key in zip(tenants, order_ids, strict=True)
        if (row := orders.get(key))
    ]


READS: Mapping[str, Callable[..., Any]] = {
    repository.SELECT_PROFILES: profiles,
    attributed_orders.SELECT_ORDERS: orders_of,
}
LOCKING_READS: Mapping[str, Callable[..., Any]] = {
    attributed_orders.LOCK_ATTRIBUTED: lock_attributed,
    erasure_locks.LOCK_ERASED: lock_customers,
    erasure_locks.LOCK_NOT_ERASED: lock_customers,
}
WRITES: Mapping[str, Callable[..., Any]] = {
    order_rows.UPDATE_ORDERS: update_orders,
    profile_rows.DELETE_ORDERS: delete_orders,
}
WRITES_AT_COMMIT: Mapping[str, Callable[..., None]] = {
    order_rows.INSERT_ORDERS: insert_orders,
    profile_rows.UPSERT_PROFILES: upsert_profiles,
    profile_rows.MARK_ERASED: mark_erased,
    link_rows.INSERT_LINKS: insert_links,
    link_rows.DELETE_LINKS: delete_links,
}
