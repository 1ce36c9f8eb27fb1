"""Routes of dead letters ("parked records"): list and show them, retry and discard them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path, Query, Response

from kernel.http.auth import Caller
from kernel.http.dead_letter_views import Discarding, DoneView, ParkedView, ParkedWhole
from kernel.http.dependencies import Write
from kernel.http.paging import Page, Paged
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.messaging.dead_letters.admin import (
    DeadLetterAdmin,
    DeadLetterBlocked,
    DeadLetterNotFound,
    DeadLetterOrphaned,
    DeadLetterResolved,
)
from kernel.messaging.dead_letters.model import COLUMNS, dead_letter_of
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import Transaction

VISIBLE = "(tenant = $1 OR tenant IS NULL)"
LIST = f"""
    SELECT {COLUMNS} FROM parked
    WHERE {VISIBLE} AND (resolved_at IS NULL) = $2 AND parked_id > $3 ORDER BY parked_id LIMIT $4
"""  # noqa: S608  # constants
ONE = f"SELECT {COLUMNS} FROM parked WHERE {VISIBLE} AND parked_id = $2"  # noqa: S608  # constants
ACTS = """
    SELECT act, actor, reason, outcome, acted_at FROM parked_acts
    WHERE tenant = $1 AND parked_id = $2 ORDER BY act_id
"""

BY_ID = "/v1/parked/{parked_id}"
ParkedId = Annotated[int, Path(ge=1, le=2**63 - 1)]
State = Annotated[Literal["open", "resolved"], Query()]


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool
    admin: DeadLetterAdmin

    async def list_parked(self, caller: Caller, paging: Paged, state: State = "open") -> Page[ParkedView]:
        """The parked records of the tenant, and those without a tenant; oldest first."""
        after = paging.after(int)
        rows = await self.pool.fetch_for_tenant(
            caller.tenant, LIST, state == "open", after[0] if after else 0, paging.more
        )
        dead_letters = [dead_letter_of(row) for row in rows]
        return paging.page(dead_letters, key=lambda it: (it.parked_id,), show=ParkedView.of)

    async def get_parked(self, parked_id: ParkedId, caller: Caller) -> ParkedWhole:
        """One parked record with its headers, its body and the acts of operators on it."""
        rows = await self.pool.fetch_for_tenant(caller.tenant, ONE, parked_id)
        if not rows:
            raise DeadLetterNotFound("There is no such parked record.")
        return ParkedWhole.with_acts(
            dead_letter_of(rows[0]), await self.pool.fetch_for_tenant(caller.tenant, ACTS, parked_id)
        )

    async def retry_parked(self, parked_id: ParkedId, write: Write) -> Response:
        """Handles the record again, and then the records of its key that wait for it, in order. A record that
        fails again stays parked with its new error. A long queue takes several calls: see ``next``."""

        async def act(transaction: Transaction) -> Result:
            return Result(DoneView.of(await self.admin.retry(parked_id, write.context, transaction)))

        return await write.run_within(act)

    async def discard_parked(self, parked_id: ParkedId, body: Discarding, write: Write) -> Response:
        """Gives the record up for good, and handles the records that have waited for it alone."""

        async def act(transaction: Transaction) -> Result:
            result = await self.admin.discard(parked_id, body.reason, write.context, transaction)
            return Result(DoneView.of(result))

        return await write.run_within(act)


def table(pool: ServicePool, admin: DeadLetterAdmin, roles: Collection[str]) -> RouteTable:
    """``roles``: those of keys that may read and handle dead letters."""
    do = _Handlers(pool, admin)
    of_retry = (DeadLetterNotFound, DeadLetterResolved, DeadLetterBlocked, DeadLetterOrphaned)
    of_discard = (DeadLetterNotFound, DeadLetterResolved)
    return RouteTable(
        "operations",
        (
            Route("GET", "/v1/parked", do.list_parked, roles, Page[ParkedView]),
            Route("GET", BY_ID, do.get_parked, roles, ParkedWhole, (DeadLetterNotFound,)),
            Route("POST", f"{BY_ID}/retry", do.retry_parked, roles, DoneView, of_retry),
            Route("POST", f"{BY_ID}/discard", do.discard_parked, roles, DoneView, of_discard),
        ),
    )
