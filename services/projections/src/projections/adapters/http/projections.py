"""GET /v1/projections: how far each read model is, and what was last done to build or prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import asyncpg
from aiokafka import TopicPartition
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from contracts.roles import PROJECTION_READERS
from kernel.http.auth import Principal, allow
from kernel.http.openapi import refusals
from kernel.http.paging import Page, Paging
from kernel.http.requests import StrictRoute
from projections.adapters.http.runs import Run, shown_run, unknown
from projections.adapters.lag import Lag, PartitionLag
from projections.adapters.rebuild import runs
from projections.adapters.rebuild.errors import ProjectionNotFound
from projections.read_models.model import ReadModel
from projections.read_models.registry import topics_of

APPLIED = """
    SELECT name, version, topic, part, applied_count, first_offset, last_offset, digest, updated_at
    FROM read_model_state ORDER BY topic, part
"""
PARKED = "SELECT grp, count(*) AS parked FROM parked WHERE resolved_at IS NULL GROUP BY grp"
BEHIND_SECONDS = 10.0


class Part(BaseModel):
    """``position`` is the offset of the next record; what was applied of it bears a digest."""

    topic: str
    partition: int
    position: int
    end: int | None
    applied: int = 0
    first_offset: int | None = None
    last_offset: int | None = None
    digest: str | None = None
    updated_at: datetime | None = None


class Delay(BaseModel):
    """Null where the broker cannot be asked."""

    events: int | None
    seconds: float | None


State: TypeAlias = Literal["live", "catching_up", "parked", "rebuilding", "outdated", "failed", "unknown"]


class Projection(BaseModel):
    name: str
    version: int
    """Of the code that answers."""
    state: State
    """Parked: some keys wait for an operator; the others go on. Rebuilding: it is read as before meanwhile.
    Outdated: the tables are another version's, whose figures are read until it is rebuilt; failed: so, and
    the rebuild has failed."""
    types: list[str]
    """The facts that it is made of."""
    position: dict[str, int]
    """By topic, how many records it is past."""
    lag: Delay
    applied: int
    parked: int
    updated_at: datetime | None
    partitions: list[Part]


class ProjectionInFull(Projection):
    run: Run | None
    """The latest rebuild or verification."""


def router(
    pool: asyncpg.Pool[asyncpg.Record], models: Sequence[ReadModel[Any, Any]], group: str, lag: Lag
) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["projections"])
    by_name = {it.name: it for it in sorted(models, key=lambda it: it.name)}

    async def looked_at(wanted: Sequence[ReadModel[Any, Any]]) -> list[tuple[Projection, Any]]:
        standings = await lag.standings()
        applied = await pool.fetch(APPLIED)
        held = await runs.versions(pool)
        latest = await runs.latest(pool, wanted)
        parked = {row["grp"]: row["parked"] for row in await pool.fetch(PARKED)}
        found = []
        for it in wanted:
            run = latest.get(it.name)
            waiting = parked.get(it.scope, 0) + parked.get(group, 0)
            outdated = held.get(it.name) != it.version
            found.append((_shown(it, standings, applied, waiting, run, outdated=outdated), run))
        return found

    @routes.get("/projections", name="list_projections")
    async def projections(
        _caller: Annotated[Principal, allow(*PROJECTION_READERS)], paging: Annotated[Paging, Depends()]
    ) -> Page[Projection]:
        """By name."""
        (after,) = paging.after(str) or ("",)
        wanted = [it for name, it in by_name.items() if name > after][: paging.more]
        shown = [it for it, _ in await looked_at(wanted)]
        return paging.page(shown, key=lambda it: (it.name,), show=lambda it: it)

    @routes.get("/projections/{name}", responses=refusals(ProjectionNotFound), name="get_projection")
    async def projection(
        name: str, caller: Annotated[Principal, allow(*PROJECTION_READERS)]
    ) -> ProjectionInFull:
        """With its latest run; of the rows that differ, those of the caller's tenant."""
        if name not in by_name:
            raise unknown(name)
        ((found, run),) = await looked_at([by_name[name]])
        return ProjectionInFull(**dict(found), run=shown_run(run, caller.tenant) if run else None)

    return routes


def _shown(
    model: ReadModel[Any, Any],
    standings: Mapping[TopicPartition, PartitionLag],
    applied: Sequence[asyncpg.Record],
    parked: int,
    run: asyncpg.Record | None,
    *,
    outdated: bool,
) -> Projection:
    ours = {it: here for it, here in standings.items() if it.topic in topics_of(model)}
    rows = {
        (row["topic"], row["part"]): row
        for row in applied
        if (row["name"], row["version"]) == (model.name, model.version)
    }
    parts = [_part(where, here, rows.get(where)) for where, here in sorted(ours.items())]
    delay = _delay(list(ours.values()))
    return Projection(
        name=model.name,
        version=model.version,
        state=_state(delay, parked, model.version, run, outdated=outdated),
        types=sorted(model.types),
        position={topic: sum(it.position for it in parts if it.topic == topic) for topic in topics_of(model)},
        lag=delay,
        applied=sum(it.applied for it in parts),
        parked=parked,
        updated_at=max((it.updated_at for it in parts if it.updated_at), default=None),
        partitions=parts,
    )


def _part(where: TopicPartition, here: PartitionLag, row: asyncpg.Record | None) -> Part:
    part = Part(topic=where.topic, partition=where.partition, position=here.next_offset, end=here.end)
    if row is None:
        return part
    return part.model_copy(
        update={
            "applied": row["applied_count"],
            "first_offset": row["first_offset"],
            "last_offset": row["last_offset"],
            "digest": row["digest"].hex(),
            "updated_at": row["updated_at"],
        }
    )


def _delay(standings: Sequence[PartitionLag]) -> Delay:
    events = [it.events for it in standings if it.events is not None]
    seconds = [it.waiting_seconds for it in standings if it.waiting_seconds is not None]
    if len(events) < len(standings):
        return Delay(events=None, seconds=None)
    return Delay(events=sum(events), seconds=round(max(seconds, default=0.0), 3))


def _state(delay: Delay, parked: int, version: int, run: asyncpg.Record | None, *, outdated: bool) -> State:
    of_rebuild = run["state"] if run and (run["kind"], run["version"]) == ("rebuild", version) else None
    if of_rebuild == "running":
        return "rebuilding"
    if outdated:
        return "failed" if of_rebuild == "failed" else "outdated"
    if parked:
        return "parked"
    if delay.seconds is None:
        return "unknown"
    return "catching_up" if delay.seconds > BEHIND_SECONDS else "live"
