"""The profiles of customers: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts import customer
from kernel.store.erasure_locks import LOCK_ERASED
from kernel.store.writing import Connection, columns

UPSERT_PROFILES = """
    INSERT INTO customers AS c (tenant, customer_id, version, profile)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::jsonb[])
    ON CONFLICT (tenant, customer_id) DO UPDATE
    SET version = excluded.version,
        profile = excluded.profile
            || jsonb_strip_nulls(jsonb_build_object('erased_at', c.profile -> 'erased_at'))
    WHERE c.version < excluded.version
"""
MARK_ERASED = """
    INSERT INTO customers (tenant, customer_id, version, profile)
    SELECT tenant, customer_id, version, jsonb_build_object('erased_at', erased_at)
    FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[])
         AS n (tenant, customer_id, version, erased_at)
    ON CONFLICT (tenant, customer_id) DO UPDATE SET version = excluded.version, profile = excluded.profile
"""
"""Leaves the moment of the erasure alone: orders of before it may be read after it, because the facts of an
order and of its customer stand on different partitions."""
DELETE_ORDERS = """
    DELETE FROM customer_orders o USING unnest($1::text[], $2::text[]) AS erased (tenant, customer_id)
    WHERE (o.tenant, o.customer_id) = (erased.tenant, erased.customer_id)
"""
KEPT = {"segments", "qualifications", "email_verified"}


@dataclass(slots=True)
class ProfileRows:
    profiles: dict[tuple[str, str], customer.ProfileChanged] = field(default_factory=dict)
    erased: dict[tuple[str, str], customer.Erased] = field(default_factory=dict)
    """The last erasure. A profile with a later version is the new profile of a customer who came back."""

    def add(self, tenant: str, fact: customer.ProfileChanged | customer.Erased) -> None:
        key, version = (tenant, fact.customer_id), fact.originator_version
        match fact:
            case customer.ProfileChanged():
                erased = self.erased.get(key)
                if erased is None or version > erased.originator_version:
                    self.profiles[key] = fact
            case customer.Erased():
                profile = self.profiles.get(key)
                if profile is not None and profile.originator_version < version:
                    del self.profiles[key]
                self.erased[key] = fact

    # failpoint: none needed (consumer-batch), 3 calls
    async def write(self, connection: Connection) -> None:
        """Before the orders of the same batch: those of before an erasure find its moment here."""
        if self.erased:
            erased = sorted(self.erased.items(), key=lambda pair: pair[0])
            keys = columns([key for key, _ in erased])
            marks = [(*key, fact.originator_version, fact.timestamp) for key, fact in erased]
            await connection.fetch(LOCK_ERASED, *keys)
            await connection.execute(MARK_ERASED, *columns(marks))
            await connection.execute(DELETE_ORDERS, *keys)
        if self.profiles:
            rows = [
                (*key, fact.originator_version, fact.model_dump(mode="json", include=KEPT))
                for key, fact in sorted(self.profiles.items(), key=lambda pair: pair[0])
            ]
            await connection.execute(UPSERT_PROFILES, *columns(rows))
