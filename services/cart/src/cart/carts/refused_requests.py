"""The table of refused requests of storefronts, by client address: discount codes that do not apply, and
items that name a price of their own. A cart's lock reports those of the buyer's address, for the fraud rules
to count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request

from contracts.cart import RefusedRequest
from contracts.roles import STOREFRONT
from contracts.screening import PRICE_MEMBERS
from kernel import ids
from kernel.http.client_address import address_of
from kernel.http.unknown_members import sender_of_unknown_member
from kernel.postgres.connections import is_outage
from kernel.postgres.retention import Rule
from kernel.postgres.service_pool import ServicePool
from kernel.security.pseudonyms import address_pseudonym

log = structlog.get_logger()

BAD_CODE, TAMPERING = "bad_code", "tampering"
MOST = 100
"""So many are kept of an address and a signal, the last ones: a flood of them must fill neither the table nor
a reply."""
KEPT = timedelta(hours=24)
"""No fraud rule counts further back."""

NOTE = """
    WITH too_many AS (
        DELETE FROM refused_requests WHERE (tenant, address, signal) = ($1, $3, $4) AND at <= (
            SELECT at FROM refused_requests WHERE (tenant, address, signal) = ($1, $3, $4)
            ORDER BY at DESC OFFSET $5 LIMIT 1
        )
    )
    INSERT INTO refused_requests (tenant, request_id, address, signal, at)
    VALUES ($1, $2, $3, $4, feira_now())
"""
READ = """
    SELECT address, request_id, signal, at FROM refused_requests
    WHERE tenant = $1 AND address = ANY($2::uuid[]) AND at > feira_now() - $3::interval
    ORDER BY at, request_id
"""
DELETE_OLD = """
    WITH old AS (
        SELECT tenant, request_id FROM refused_requests WHERE at < feira_now() - $1::interval
        LIMIT $2
    )
    DELETE FROM refused_requests r USING old WHERE (r.tenant, r.request_id) = (old.tenant, old.request_id)
"""
OLD_REQUESTS = Rule("refused requests", KEPT, DELETE_OLD)


class RefusedRequests:
    """Implements ``cart.carts.use_cases.commands.Refusals``."""

    def __init__(self, pool: ServicePool, link_key: bytes) -> None:
        self._pool = pool
        self._link_key = link_key

    # failpoint: none needed (counted)
    async def note(self, tenant: str, address: str, signal: str) -> None:
        pseudonym = address_pseudonym(self._link_key, tenant, address)
        await self._pool.execute(NOTE, tenant, ids.new_id(), pseudonym, signal, MOST - 1)

    async def note_price(self, request: Request, faults: Iterable[Any]) -> None:
        """Notes a refused request if it names a price. Each counts by itself, also one that is repeated.
        Nothing is noted while the database does not respond: the request is refused all the same."""
        sender = await sender_of_unknown_member(request, faults, PRICE_MEMBERS)
        # of a shop's backend the address is the backend's own
        address = address_of(request) if sender and sender.role == STOREFRONT else ""
        if sender is None or not address:
            return
        try:
            await self.note(sender.tenant, address, TAMPERING)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("tampering_not_noted", error=type(error).__name__)

    async def of_addresses(
        self, tenant: str, addresses: Collection[UUID]
    ) -> Mapping[UUID, tuple[RefusedRequest, ...]]:
        """By pseudonym, in the order of their times; an address without any has none."""
        found: dict[UUID, tuple[RefusedRequest, ...]] = {}
        for row in await self._pool.fetch(READ, tenant, list(addresses), KEPT):
            request = RefusedRequest(request_id=row["request_id"], signal=row["signal"], at=row["at"])
            found[row["address"]] = (*found.get(row["address"], ()), request)
        return found
