"""GET /v1/projections: how far each read model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import asyncpg
from aiokafka import TopicPartition
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from kernel.http.auth import PROJECTION_READERS, Principal, allow
from kernel.http.paging import Page, Paging
from projections.adapters.lag import Lag, Standing
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


class Projection(BaseModel):
    name: str
    version: int
    state: Literal["live", "behind", "parked", "unknown"]
    """Parked: some keys wait for an operator; the others go on."""
    types: list[str]
    """The facts that it is made of."""
    position: dict[str, int]
    """By topic, how many records it is past."""
    lag: Delay
    applied: int
    parked: int
    updated_at: datetime | None
    partitions: list[Part]


def router(
    pool: asyncpg.Pool[asyncpg.Record], models: Sequence[ReadModel[Any, Any]], group: str, lag: Lag
) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    by_name = sorted(models, key=lambda it: it.name)

    @routes.get("/projections")
    async def projections(
        _caller: Annotated[Principal, allow(*PROJECTION_READERS)], paging: Annotated[Paging, Depends()]
    ) -> Page[Projection]:
        """By name."""
        (after,) = paging.after(str) or ("",)
        standings = await lag.standings()
        applied = await pool.fetch(APPLIED)
        parked = {row["grp"]: row["parked"] for row in await pool.fetch(PARKED)}
        shown = [
            _shown(it, standings, applied, parked.get(it.scope, 0) + parked.get(group, 0))
            for it in by_name
            if it.name > after
        ]
        return paging.page(shown[: paging.more], key=lambda it: (it.name,), show=lambda it: it)

    return routes


def _shown(
    model: ReadModel[Any, Any],
    standings: Mapping[TopicPartition, Standing],
    applied: Sequence[asyncpg.Record],
    parked: int,
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
        state=_state(delay, parked),
        types=sorted(model.types),
        position={topic: sum(it.position for it in parts if it.topic == topic) for topic in topics_of(model)},
        lag=delay,
        applied=sum(it.applied for it in parts),
        parked=parked,
        updated_at=max((it.updated_at for it in parts if it.updated_at), default=None),
        partitions=parts,
    )


def _part(where: TopicPartition, here: Standing, row: asyncpg.Record | None) -> Part:
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


def _delay(standings: Sequence[Standing]) -> Delay:
    events = [it.events for it in standings if it.events is not None]
    seconds = [it.waiting_seconds for it in standings if it.waiting_seconds is not None]
    if len(events) < len(standings):
        return Delay(events=None, seconds=None)
    return Delay(events=sum(events), seconds=round(max(seconds, default=0.0), 3))


def _state(delay: Delay, parked: int) -> Literal["live", "behind", "parked", "unknown"]:
    if parked:
        return "parked"
    if delay.seconds is None:
        return "unknown"
    return "behind" if delay.seconds > BEHIND_SECONDS else "live"
