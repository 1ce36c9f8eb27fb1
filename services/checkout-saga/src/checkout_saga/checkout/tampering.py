"""Notes requests to buy that name a price of their own, by the address of a storefront's caller, for the
fraud rules to count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from fastapi import Request

from checkout_saga.checkout.screening_values import Screens
from checkout_saga.fraud.domain.signals import ADDRESS, TAMPERING
from contracts.screening import PRICE_MEMBERS
from kernel import ids
from kernel.http.client_address import address_of
from kernel.http.unknown_members import sender_of_unknown_member
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool

log = structlog.get_logger()

MOST = 1_000
"""So many are kept of an address, the last ones: a flood of refused requests must not fill the table, and
what follows it must be counted."""
NOTE = """
    WITH too_many AS (
        DELETE FROM fraud_events WHERE (tenant, signal, dimension, value) = ($1, $3, $4, $5) AND at <= (
            SELECT at FROM fraud_events WHERE (tenant, signal, dimension, value) = ($1, $3, $4, $5)
            ORDER BY at DESC OFFSET $6 LIMIT 1
        )
    )
    INSERT INTO fraud_events (tenant, subject, signal, dimension, value, at)
    VALUES ($1, $2, $3, $4, $5, feira_now())
"""


class TamperedRequests:
    def __init__(self, pool: ServicePool, screens: Screens) -> None:
        self._pool = pool
        self._screens = screens

    # failpoint: none needed (counted)
    async def note(self, request: Request, faults: Iterable[Any]) -> None:
        """Each request counts by itself, also one that is repeated. Nothing is noted while the database does
        not respond: the request is refused all the same."""
        principal = await sender_of_unknown_member(request, faults, PRICE_MEMBERS)
        value = self._screens.address_value(principal, address_of(request)) if principal else None
        if principal is None or value is None:
            return
        try:
            noted = principal.tenant, ids.new_id(), TAMPERING, ADDRESS, value
            await self._pool.execute(NOTE, *noted, MOST - 1)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("tampering_not_noted", error=type(error).__name__)
