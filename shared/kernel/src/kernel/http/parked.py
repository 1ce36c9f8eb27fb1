"""HTTP: what consumers have put aside, and what an operator does about it."""

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from kernel.http.answers import Answer
from kernel.http.auth import Principal, allow
from kernel.http.calls import writing
from kernel.http.openapi import refusals
from kernel.http.paging import Page, Paging
from kernel.http.parked_views import Discarding, DoneView, ParkedView, ParkedWhole
from kernel.http.requests import StrictRoute
from kernel.http.writes import Write
from kernel.messaging.put_aside import COLUMNS, put_aside
from kernel.messaging.redriving import (
    ParkedBehind,
    ParkedForNobody,
    ParkedNotFound,
    ParkedResolved,
    Redriving,
)
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


def router(pool: ServicePool, redriving: Redriving, roles: Collection[str]) -> APIRouter:
    """``roles``: those of keys that may read and handle dead letters."""
    Operator = Annotated[Principal, allow(*roles)]  # noqa: N806  # a type, named like one
    Operating = Annotated[Write, writing(*roles)]  # noqa: N806  # a type, named like one
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["operations"])

    @routes.get("/parked", response_model=Page[ParkedView])
    async def list_parked(
        operator: Operator, paging: Annotated[Paging, Depends()], state: State = "open"
    ) -> Page[ParkedView]:
        """The tenant's parked records, and those of which nobody can tell whose they are; oldest first."""
        after = paging.after(int)
        rows = await pool.fetch_for(
            operator.tenant, LIST, state == "open", after[0] if after else 0, paging.more
        )
        found = [put_aside(row) for row in rows]
        return paging.page(found, key=lambda it: (it.parked_id,), show=ParkedView.of)

    @routes.get("/parked/{parked_id}", response_model=ParkedWhole, responses=refusals(ParkedNotFound))
    async def get_parked(parked_id: ParkedId, operator: Operator) -> ParkedWhole:
        """One of them with its headers, its body and what operators did about it."""

        found = await pool.fetch_for(operator.tenant, ONE, parked_id)
        if not found:
            raise ParkedNotFound("no such parked record")
        return ParkedWhole.with_acts(
            put_aside(found[0]), await pool.fetch_for(operator.tenant, ACTS, parked_id)
        )

    @routes.post(
        "/parked/{parked_id}/retry",
        response_model=DoneView,
        responses=refusals(ParkedNotFound, ParkedResolved, ParkedBehind, ParkedForNobody),
        name="retry_parked",
    )
    async def post_retry(parked_id: ParkedId, write: Operating) -> Response:
        """Has it handled again, and then what waits behind it, in order. What fails stays parked, with its
        new error; a long queue is taken in portions."""

        async def act(transaction: Transaction) -> Answer:
            return Answer(DoneView.of(await redriving.retry(parked_id, write.context, transaction)))

        return await write.run_within(act)

    @routes.post(
        "/parked/{parked_id}/discard",
        response_model=DoneView,
        responses=refusals(ParkedNotFound, ParkedResolved),
        name="discard_parked",
    )
    async def post_discard(parked_id: ParkedId, body: Discarding, write: Operating) -> Response:
        """Gives it up for good; what has waited for it alone is handled now."""

        async def act(transaction: Transaction) -> Answer:
            done = await redriving.discard(parked_id, body.reason, write.context, transaction)
            return Answer(DoneView.of(done))

        return await write.run_within(act)

    return routes
