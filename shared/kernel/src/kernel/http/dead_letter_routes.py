"""Routes of dead letters ("parked records"): list and show them, retry and discard them."""

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from kernel.http.auth import Principal, allow
from kernel.http.dead_letter_views import Discarding, DoneView, ParkedView, ParkedWhole
from kernel.http.dependencies import command_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import refusals
from kernel.http.paging import Page, Paging
from kernel.http.requests import StrictRoute
from kernel.http.results import Result
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

ParkedId = Annotated[int, Path(ge=1, le=2**63 - 1)]
State = Annotated[Literal["open", "resolved"], Query()]


def router(pool: ServicePool, admin: DeadLetterAdmin, roles: Collection[str]) -> APIRouter:
    """``roles``: those of keys that may read and handle dead letters."""
    Operator = Annotated[Principal, allow(*roles)]  # noqa: N806  # a type, named like one
    Operating = Annotated[CommandRequest, command_request(*roles)]  # noqa: N806  # a type, named like one
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["operations"])

    @routes.get("/parked", response_model=Page[ParkedView])
    async def list_parked(
        operator: Operator, paging: Annotated[Paging, Depends()], state: State = "open"
    ) -> Page[ParkedView]:
        """The parked records of the tenant, and those without a tenant; oldest first."""
        after = paging.after(int)
        rows = await pool.fetch_for_tenant(
            operator.tenant, LIST, state == "open", after[0] if after else 0, paging.more
        )
        dead_letters = [dead_letter_of(row) for row in rows]
        return paging.page(dead_letters, key=lambda it: (it.parked_id,), show=ParkedView.of)

    @routes.get("/parked/{parked_id}", response_model=ParkedWhole, responses=refusals(DeadLetterNotFound))
    async def get_parked(parked_id: ParkedId, operator: Operator) -> ParkedWhole:
        """One parked record with its headers, its body and the acts of operators on it."""
        rows = await pool.fetch_for_tenant(operator.tenant, ONE, parked_id)
        if not rows:
            raise DeadLetterNotFound("There is no such parked record.")
        return ParkedWhole.with_acts(
            dead_letter_of(rows[0]), await pool.fetch_for_tenant(operator.tenant, ACTS, parked_id)
        )

    @routes.post(
        "/parked/{parked_id}/retry",
        response_model=DoneView,
        responses=refusals(DeadLetterNotFound, DeadLetterResolved, DeadLetterBlocked, DeadLetterOrphaned),
        name="retry_parked",
    )
    async def post_retry(parked_id: ParkedId, write: Operating) -> Response:
        """Handles the record again, and then the records of its key that wait for it, in order. A record that
        fails again stays parked with its new error. A long queue takes several calls: see ``next``."""

        async def act(transaction: Transaction) -> Result:
            return Result(DoneView.of(await admin.retry(parked_id, write.context, transaction)))

        return await write.run_within(act)

    @routes.post(
        "/parked/{parked_id}/discard",
        response_model=DoneView,
        responses=refusals(DeadLetterNotFound, DeadLetterResolved),
        name="discard_parked",
    )
    async def post_discard(parked_id: ParkedId, body: Discarding, write: Operating) -> Response:
        """Gives the record up for good, and handles the records that have waited for it alone."""

        async def act(transaction: Transaction) -> Result:
            result = await admin.discard(parked_id, body.reason, write.context, transaction)
            return Result(DoneView.of(result))

        return await write.run_within(act)

    return routes
