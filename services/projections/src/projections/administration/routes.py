"""GET /v1/projections: state, checkpoint and lag of each read model, and its latest run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import asyncpg
from aiokafka import TopicPartition
from pydantic import BaseModel

from contracts.roles import PROJECTION_READERS
from kernel.http.auth import Caller
from kernel.http.paging import Page, Paged
from kernel.http.route_tables import Route, RouteTable
from kernel.projections.lag import Lag, PartitionLag
from kernel.projections.model import ReadModel
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.errors import ProjectionNotFound
from kernel.projections.registry import ProjectionRegistry
from projections.administration.runs import Run, not_found, run_view

LOAD_CHECKPOINTS = """
    SELECT name, version, topic, part, applied_count, first_offset, last_offset, digest, updated_at
    FROM read_model_state ORDER BY topic, part
"""
COUNT_PARKED = "SELECT grp, count(*) AS parked FROM parked WHERE resolved_at IS NULL GROUP BY grp"
CATCHING_UP_AFTER_SECONDS = 10.0


class Part(BaseModel):
    """``position`` is the offset of the next record; ``digest`` covers all applied records."""

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
    """Null while the broker is unavailable."""

    events: int | None
    seconds: float | None


State: TypeAlias = Literal["live", "catching_up", "parked", "rebuilding", "outdated", "failed", "unknown"]


class Projection(BaseModel):
    name: str
    version: int
    """Version of the code of the answering process."""
    state: State
    """parked: some keys wait for an operator, the others continue. rebuilding: queries read the old tables
    meanwhile. outdated: the tables hold another version, which queries read until the rebuild. failed:
    outdated, and the rebuild has failed."""
    types: list[str]
    """Types of the facts that it is built from."""
    position: dict[str, int]
    """Number of handled records by topic."""
    lag: Delay
    applied: int
    parked: int
    updated_at: datetime | None
    partitions: list[Part]


class ProjectionInFull(Projection):
    run: Run | None
    """The latest rebuild or verification."""


@dataclass(frozen=True, slots=True)
class ReadModels:
    pool: asyncpg.Pool[asyncpg.Record]
    registry: ProjectionRegistry
    lag: Lag

    async def load(self, selected: Sequence[ReadModel]) -> list[tuple[Projection, Any]]:
        """Each with its latest run, if there is one."""
        lags = await self.lag.by_model()
        checkpoints = await self.pool.fetch(LOAD_CHECKPOINTS)
        versions = await runs.versions(self.pool)
        latest = await runs.latest(self.pool, selected)
        parked = {row["grp"]: row["parked"] for row in await self.pool.fetch(COUNT_PARKED)}
        loaded = []
        for model in selected:
            run = latest.get(model.name)
            waiting = parked.get(model.scope, 0)
            outdated = versions.get(model.name) != model.version
            topics = self.registry.topics_of(model)
            view = _view(model, topics, lags[model.scope], checkpoints, waiting, run, outdated=outdated)
            loaded.append((view, run))
        return loaded


def table(models: ReadModels) -> RouteTable:
    by_name = {model.name: model for model in sorted(models.registry.models, key=lambda model: model.name)}

    async def list_projections(_caller: Caller, paging: Paged) -> Page[Projection]:
        """By name."""
        (after,) = paging.after(str) or ("",)
        selected = [model for name, model in by_name.items() if name > after][: paging.more]
        views = [view for view, _ in await models.load(selected)]
        return paging.page(views, key=lambda view: (view.name,), show=lambda view: view)

    async def get_projection(name: str, caller: Caller) -> ProjectionInFull:
        """With its latest run. The sample of differing rows holds only those of the caller's tenant."""
        if name not in by_name:
            raise not_found(name)
        ((view, run),) = await models.load([by_name[name]])
        return ProjectionInFull(**dict(view), run=run_view(run, caller.tenant) if run else None)

    one = "/v1/projections/{name}"
    return RouteTable(
        "projections",
        (
            Route("GET", "/v1/projections", list_projections, PROJECTION_READERS, Page[Projection]),
            Route("GET", one, get_projection, PROJECTION_READERS, ProjectionInFull, (ProjectionNotFound,)),
        ),
    )


def _view(
    model: ReadModel,
    topics: Sequence[str],
    lags: Mapping[TopicPartition, PartitionLag],
    checkpoints: Sequence[asyncpg.Record],
    parked: int,
    run: asyncpg.Record | None,
    *,
    outdated: bool,
) -> Projection:
    rows = {
        (row["topic"], row["part"]): row
        for row in checkpoints
        if (row["name"], row["version"]) == (model.name, model.version)
    }
    parts = [_part(partition, it, rows.get(partition)) for partition, it in sorted(lags.items())]
    delay = _delay(list(lags.values()))
    return Projection(
        name=model.name,
        version=model.version,
        state=_state(delay, parked, model.version, run, outdated=outdated),
        types=sorted(model.types),
        position={topic: sum(part.position for part in parts if part.topic == topic) for topic in topics},
        lag=delay,
        applied=sum(part.applied for part in parts),
        parked=parked,
        updated_at=max((part.updated_at for part in parts if part.updated_at), default=None),
        partitions=parts,
    )


def _part(partition: TopicPartition, lag: PartitionLag, row: asyncpg.Record | None) -> Part:
    part = Part(topic=partition.topic, partition=partition.partition, position=lag.next_offset, end=lag.end)
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


def _delay(lags: Sequence[PartitionLag]) -> Delay:
    events = [lag.events for lag in lags if lag.events is not None]
    seconds = [lag.waiting_seconds for lag in lags if lag.waiting_seconds is not None]
    if len(events) < len(lags):
        return Delay(events=None, seconds=None)
    return Delay(events=sum(events), seconds=round(max(seconds, default=0.0), 3))


def _state(delay: Delay, parked: int, version: int, run: asyncpg.Record | None, *, outdated: bool) -> State:
    rebuild_state = run["state"] if run and (run["kind"], run["version"]) == ("rebuild", version) else None
    if rebuild_state == "running":
        return "rebuilding"
    if outdated:
        return "failed" if rebuild_state == "failed" else "outdated"
    if parked:
        return "parked"
    if delay.seconds is None:
        return "unknown"
    return "catching_up" if delay.seconds > CATCHING_UP_AFTER_SECONDS else "live"
