"""The profiles of customers: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts import customer
from kernel.store.writing import Connection, columns

UPSERT_PROFILES = """
    INSERT INTO customers AS c (tenant, customer_id, version, profile)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::jsonb[])
    ON CONFLICT (tenant, customer_id) DO UPDATE SET version = excluded.version, profile = excluded.profile
    WHERE c.version < excluded.version
"""
DELETE_PROFILES = """
    DELETE FROM customers c USING unnest($1::text[], $2::text[]) AS erased (tenant, customer_id)
    WHERE (c.tenant, c.customer_id) = (erased.tenant, erased.customer_id)
"""
DELETE_ORDERS = """
    DELETE FROM customer_orders o USING unnest($1::text[], $2::text[]) AS erased (tenant, customer_id)
    WHERE (o.tenant, o.customer_id) = (erased.tenant, erased.customer_id)
"""
KEPT = {"segments", "qualifications", "email_verified"}


@dataclass(slots=True)
class ProfileRows:
    profiles: dict[tuple[str, str], customer.ProfileChanged] = field(default_factory=dict)
    erased: dict[tuple[str, str], int] = field(default_factory=dict)
    """The version of the erasure. A profile with a later one is the new profile of a customer who came
    back."""

    def add(self, tenant: str, fact: customer.ProfileChanged | customer.Erased) -> None:
        key, version = (tenant, fact.customer_id), fact.originator_version
        match fact:
            case customer.ProfileChanged():
                if version > self.erased.get(key, 0):
                    self.profiles[key] = fact
            case customer.Erased():
                profile = self.profiles.get(key)
                if profile is not None and profile.originator_version < version:
                    del self.profiles[key]
                self.erased[key] = version

    # failpoint: none needed (consumer-batch), 3 calls
    async def write(self, connection: Connection) -> None:
        """After the orders of the same batch: an erased customer keeps none of them."""
        if self.erased:
            keys = columns(sorted(self.erased))
            await connection.execute(DELETE_PROFILES, *keys)
            await connection.execute(DELETE_ORDERS, *keys)
        if self.profiles:
            rows = [
                (*key, fact.originator_version, fact.model_dump(mode="json", include=KEPT))
                for key, fact in sorted(self.profiles.items(), key=lambda pair: pair[0])
            ]
            await connection.execute(UPSERT_PROFILES, *columns(rows))
