"""The customers in the copy, as far as prices depend on them: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import customer, order
from contracts.envelope import Fact
from kernel.store.erasure_locks import LOCK_ERASED, LOCK_NOT_ERASED
from kernel.store.writing import Connection, columns

KINDS: tuple[type[Fact], ...] = (
    customer.ProfileChanged,
    customer.Linked,
    customer.Erased,
    order.Created,
    order.Paid,
    order.Fulfilled,
    order.PartiallyFulfilled,
    order.Cancelled,
)
UPSERT_PROFILES = """
    INSERT INTO customers AS c
        (tenant, customer_id, version, segments, qualifications, email_verified, valid_from)
    SELECT tenant, customer_id, version, ARRAY(SELECT jsonb_array_elements_text(profile -> 'segments')),
           ARRAY(SELECT jsonb_array_elements_text(profile -> 'qualifications')), email_verified, feira_now()
    FROM unnest($1::text[], $2::text[], $3::int[], $4::bool[], $5::jsonb[])
         AS n (tenant, customer_id, version, email_verified, profile)
    ON CONFLICT (tenant, customer_id) DO UPDATE
    SET version = excluded.version, segments = excluded.segments, qualifications = excluded.qualifications,
        email_verified = excluded.email_verified, valid_from = excluded.valid_from
    WHERE c.version < excluded.version
"""
INSERT_ORDERS = """
    INSERT INTO customer_orders
        (tenant, order_id, customer_id, version, status, currency, total, lines, fulfilled, valid_from)
    SELECT tenant, order_id, customer_id, version, status, currency, total, lines,
           ARRAY(SELECT jsonb_object_keys(fulfilled)), feira_now()
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::bigint[],
                $8::jsonb[], $9::jsonb[], $10::timestamptz[])
         AS n (tenant, order_id, customer_id, version, status, currency, total, lines, fulfilled, created_at)
    WHERE NOT EXISTS (
        SELECT FROM erased_customers e
        WHERE (e.tenant, e.customer_id) = (n.tenant, n.customer_id) AND e.erased_at >= n.created_at
    )
    ON CONFLICT DO NOTHING
    RETURNING tenant, order_id, customer_id
"""
"""Without the orders of before the erasure of their customers, which may be read after it."""
UPDATE_ORDERS = """
    UPDATE customer_orders o
    SET version = n.version, valid_from = feira_now(),
        status = CASE WHEN o.status = 'cancelled' THEN o.status ELSE coalesce(n.status, o.status) END,
        fulfilled = ARRAY(SELECT unnest(o.fulfilled) UNION SELECT jsonb_object_keys(n.fulfilled))
    FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::jsonb[])
         AS n (tenant, order_id, version, status, fulfilled)
    WHERE (o.tenant, o.order_id) = (n.tenant, n.order_id) AND o.version < n.version
    RETURNING o.tenant, o.customer_id
"""
INSERT_LINKS = """
    INSERT INTO customer_links (tenant, customer_id, guest_id, valid_from)
    SELECT *, feira_now() FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING
"""
MARK_ERASED = """
    INSERT INTO erased_customers AS e (tenant, customer_id, erased_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
    ON CONFLICT (tenant, customer_id) DO UPDATE SET erased_at = greatest(e.erased_at, excluded.erased_at)
"""

TABLES = (
    "customers",
    "customers_history",
    "customer_orders",
    "customer_orders_history",
    "customer_links",
    "abandoned_carts",
)
DELETES = tuple(
    f"""
    DELETE FROM {table} kept USING unnest($1::text[], $2::text[]) AS erased (tenant, customer_id)
    WHERE (kept.tenant, kept.customer_id) = (erased.tenant, erased.customer_id)
    """  # noqa: S608  # our own tables
    for table in TABLES
)


@dataclass(slots=True)
class OrderChange:
    version: int = 0
    status: str | None = None
    fulfilled: dict[str, bool] = field(default_factory=dict)
    """Ids of lines."""


@dataclass(slots=True)
class CustomerRows:
    profiles: dict[tuple[str, str], customer.ProfileChanged] = field(default_factory=dict)
    created: dict[tuple[str, UUID], order.Created] = field(default_factory=dict)
    changed: dict[tuple[str, UUID], OrderChange] = field(default_factory=dict)
    links: set[tuple[str, str, str]] = field(default_factory=set)
    """Tenant, account and guest."""
    erased: dict[tuple[str, str], customer.Erased] = field(default_factory=dict)
    """The last erasure. A profile with a later version is the new profile of a customer who came back."""

    def add(self, tenant: str, fact: Fact) -> None:
        place = tenant, fact.originator_id
        match fact:
            case customer.ProfileChanged(customer_id=customer_id, originator_version=version):
                erased = self.erased.get((tenant, customer_id))
                if erased is None or version > erased.originator_version:
                    self.profiles[tenant, customer_id] = fact
                return
            case customer.Linked(customer_id=customer_id, guest_id=guest_id):
                self.links.add((tenant, customer_id, guest_id))
                return
            case customer.Erased(customer_id=customer_id, originator_version=version):
                profile = self.profiles.get((tenant, customer_id))
                if profile is not None and profile.originator_version < version:
                    del self.profiles[tenant, customer_id]
                self.links = {it for it in self.links if it[:2] != (tenant, customer_id)}
                self.erased[tenant, customer_id] = fact
                return
            case order.Created():
                self.created[place] = fact
                return
            case _:
                row = self.changed.setdefault(place, OrderChange())
        row.version = fact.originator_version
        match fact:
            case order.Paid():
                row.status = row.status or "paid"
            case order.Cancelled():
                row.status = "cancelled"
            case order.Fulfilled(results=results) | order.PartiallyFulfilled(results=results):
                row.fulfilled = {it.line_id: True for it in results if it.result == order.SUCCESSFUL}
            case _:
                raise AssertionError(f"{fact.TYPE} changes no customer")

    # failpoint: none needed (consumer-batch), 4 calls
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        if self.erased:  # before the orders of the same batch: those of before an erasure find its moment
            erased = sorted(self.erased.items(), key=lambda pair: pair[0])
            keys = columns([key for key, _ in erased])
            await connection.fetch(LOCK_ERASED, *keys)
            await connection.execute(MARK_ERASED, *columns([(*key, fact.timestamp) for key, fact in erased]))
            for statement in DELETES:
                await connection.execute(statement, *keys)
        of_orders = await self._write_orders(connection)
        if self.profiles:  # behind the erasures, as the links: what is set afterwards stays
            profiles = [_profile(key, self.profiles[key]) for key in sorted(self.profiles)]
            await connection.execute(UPSERT_PROFILES, *columns(profiles))
        if self.links:
            await connection.execute(INSERT_LINKS, *columns(sorted(self.links)))
        linked = [(tenant, it) for tenant, *pair in self.links for it in pair]
        for tenant, customer_id in (*self.profiles, *of_orders, *linked, *self.erased):
            news_of_batch.add(tenant, news.CUSTOMER, [customer_id])

    # failpoint: none needed (consumer-batch), 2 calls
    async def _write_orders(self, connection: Connection) -> set[tuple[str, str]]:
        """The customers whose paid orders may be others now."""
        changed = dict(self.changed)
        of_orders: set[tuple[str, str]] = set()
        if self.created:
            customers = sorted({(tenant, fact.customer_id) for (tenant, _), fact in self.created.items()})
            await connection.fetch(LOCK_NOT_ERASED, *columns(customers))
            orders = [_order(key, self.created[key], changed.get(key)) for key in sorted(self.created)]
            for row in await connection.fetch(INSERT_ORDERS, *columns(orders)):
                key = row["tenant"], row["order_id"]
                if changed.pop(key, None) or self.created[key].payment_id is None:
                    of_orders.add((row["tenant"], row["customer_id"]))
        if changed:
            rows = [
                (*key, it.version, it.status, it.fulfilled)
                for key, it in sorted(changed.items(), key=lambda pair: pair[0])
            ]
            found = await connection.fetch(UPDATE_ORDERS, *columns(rows))
            of_orders |= {(row["tenant"], row["customer_id"]) for row in found}
        return of_orders


def _profile(key: tuple[str, str], fact: customer.ProfileChanged) -> tuple[Any, ...]:
    profile = {"segments": fact.segments, "qualifications": fact.qualifications}
    return *key, fact.originator_version, fact.email_verified, profile


def _order(key: tuple[str, UUID], fact: order.Created, change: OrderChange | None) -> tuple[Any, ...]:
    """With what the same batch changes in it. A free order counts as paid when it is created."""
    sale, later = fact.sale, change or OrderChange(fact.originator_version)
    lines = {line.line_id: str(line.product_id) for line in sale.lines}
    status = later.status or ("paid" if fact.payment_id is None else "created")
    return (
        *key,
        *(fact.customer_id, later.version, status),
        *(sale.currency, sale.totals.total, lines, later.fulfilled, fact.timestamp),
    )
