"""Guests linked with accounts: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts import customer
from kernel.store.writing import Connection, columns

INSERT_LINKS = """
    INSERT INTO customer_links (tenant, customer_id, guest_id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING
"""
DELETE_LINKS = """
    DELETE FROM customer_links l USING unnest($1::text[], $2::text[]) AS erased (tenant, customer_id)
    WHERE (l.tenant, l.customer_id) = (erased.tenant, erased.customer_id)
"""


@dataclass(slots=True)
class LinkRows:
    """A link and its end, the erasure of the account, stand in one stream, and so come in their order."""

    links: set[tuple[str, str, str]] = field(default_factory=set)
    erased: set[tuple[str, str]] = field(default_factory=set)

    def add(self, tenant: str, fact: customer.Linked | customer.Erased) -> None:
        match fact:
            case customer.Linked(customer_id=customer_id, guest_id=guest_id):
                self.links.add((tenant, customer_id, guest_id))
            case customer.Erased(customer_id=customer_id):
                self.links = {it for it in self.links if it[:2] != (tenant, customer_id)}
                self.erased.add((tenant, customer_id))

    # failpoint: none needed (consumer-batch), 2 calls
    async def write(self, connection: Connection) -> None:
        if self.erased:
            await connection.execute(DELETE_LINKS, *columns(sorted(self.erased)))
        if self.links:
            await connection.execute(INSERT_LINKS, *columns(sorted(self.links)))
