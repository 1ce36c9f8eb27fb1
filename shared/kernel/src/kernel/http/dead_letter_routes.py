"""HTTP: what consumers have put aside, and what an operator does about it."""

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
from kernel.service_pool import ServicePool
from kernel.store.event_store import Transaction

VISIBLE = "(tenant = $1 OR tenant IS NULL)"
LIST = f"""
    SELECT {COLUMNS} FROM parked
    WHERE {VISIBLE} AND (resolved_at IS NULL) = $2 AND parked_id > $3 ORDER BY parked_id LIMIT $4
"""  # noqa: S608  # names of ours
ONE = f"SELECT {COLUMNS} FROM parked WHERE {VISIBLE} AND parked_id = $2"  # noqa: S608  # names of ours
ACTS = """
    SELECT act, actor, reason, outcome, acted_at FROM parked_acts
    WHERE tenant = $1 AND parked_id = $2 ORDER BY act_id
"""

ParkedId = Annotated[int, Path(ge=1, le=2**63 - 1)]
State = Annotated[Literal["open", "resolved"], Query()]


def router(pool: ServicePool, redriving: DeadLetterAdmin, roles: Collection[str]) -> APIRouter:
    """``roles``: those of keys that may read and handle dead letters."""
    Operator = Annotated[Principal, allow(*roles)]  # noqa: N806  # a type, named like one
    Operating = Annotated[CommandRequest, command_request(*roles)]  # noqa: N806  # a type, named like one
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["operations"])

    @routes.get("/parked", response_model=Page[ParkedView])
    async def list_parked(
        operator: Operator, paging: Annotated[Paging, Depends()], state: State = "open"
    ) -> Page[ParkedView]:
        """The tenant's parked records, and those of which nobody can tell whose they are; oldest first."""
        after = paging.after(int)
        rows = await pool.fetch_for_tenant(
            operator.tenant, LIST, state == "open", after[0] if after else 0, paging.more
        )
        found = [dead_letter_of(row) for row in rows]
        return paging.page(found, key=lambda it: (it.parked_id,), show=ParkedView.of)

    @routes.get("/parked/{parked_id}", response_model=ParkedWhole, responses=refusals(DeadLetterNotFound))
    async def get_parked(parked_id: ParkedId, operator: Operator) -> ParkedWhole:
        """One of them with its headers, its body and what operators did about it."""

        found = await pool.fetch_for_tenant(operator.tenant, ONE, parked_id)
        if not found:
            raise DeadLetterNotFound("no such parked record")
        return ParkedWhole.with_acts(
            dead_letter_of(found[0]), await pool.fetch_for_tenant(operator.tenant, ACTS, parked_id)
        )

    @routes.post(
        "/parked/{parked_id}/retry",
        response_model=DoneView,
        responses=refusals(DeadLetterNotFound, DeadLetterResolved, DeadLetterBlocked, DeadLetterOrphaned),
        name="retry_parked",
    )
    async def post_retry(parked_id: ParkedId, write: Operating) -> Response:
        """Has it handled again, and then what waits behind it, in order. What fails stays parked, with its
        new error; a long queue is taken in portions."""

        async def act(transaction: Transaction) -> Result:
            return Result(DoneView.of(await redriving.retry(parked_id, write.context, transaction)))

        return await write.run_within(act)

    @routes.post(
        "/parked/{parked_id}/discard",
        response_model=DoneView,
        responses=refusals(DeadLetterNotFound, DeadLetterResolved),
        name="discard_parked",
    )
    async def post_discard(parked_id: ParkedId, body: Discarding, write: Operating) -> Response:
        """Gives it up for good; what has waited for it alone is handled now."""

        async def act(transaction: Transaction) -> Result:
            done = await redriving.discard(parked_id, body.reason, write.context, transaction)
            return Result(DoneView.of(done))

        return await write.run_within(act)

    return routes
