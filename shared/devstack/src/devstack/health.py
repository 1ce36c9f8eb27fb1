"""Health of a running stack beyond its processes: versions, lag, open checkouts, parked records."""

import asyncio
import importlib.metadata
import logging
import platform
from collections import Counter
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
import httpx

from cli.kafka import connection_to
from contracts.topology import CHECKOUT, GATEWAY, SERVICE_NAMES
from devstack import jars

PROBE_TIMEOUT_SECONDS = 5.0
PACKAGES = (*SERVICE_NAMES, "kernel", "contracts", "pricing", "feira-cli")
BROKER = "kafka-clients"

RELAY_AND_DEAD_LETTERS = """
    SELECT (SELECT count(*) FROM log WHERE position > c.position) AS unpublished, c.epoch > 0 AS publishes,
           (SELECT count(*) FROM parked WHERE resolved_at IS NULL) AS parked
    FROM relay_cursor c
"""
CONSUMER_OFFSETS = "SELECT grp, topic, part, next_offset FROM consumer_offset"
T = TypeVar("T")
PartitionOffset = tuple[str, str, int, int]


@dataclass
class DatabaseHealth:
    """Figures of one service's database; None if it does not answer."""

    unpublished: int | None = None
    publishes: bool = True
    parked: int | None = None
    offsets: list[PartitionOffset] = field(default_factory=list)


async def read_health(
    databases: Mapping[str, str],
    kafka: str | None,
    urls: Mapping[str, str],
    key: str,
    *,
    processes: Mapping[str, str],
    runs_kafka: bool,
) -> dict[str, Any]:
    """Probe all parts concurrently. Values of parts that do not answer within the timeout are None."""
    services = {name: url for name, url in databases.items() if name != GATEWAY.name}
    found, missing, checkouts, postgres, read_models = await asyncio.gather(
        asyncio.gather(*(_or_none(_look(url)) for url in services.values())),
        asyncio.gather(*(_or_none(_missing(url)) for url in processes.values())),
        _or_none(_checkouts(urls.get(CHECKOUT.name, ""))),
        _or_none(_postgres(next(iter(databases.values()), None))),
        _or_none(_read_models(urls.get("projections", ""), key)),
    )
    figures = {name: it or DatabaseHealth() for name, it in zip(services, found, strict=True)}
    offsets = [offset for it in figures.values() for offset in it.offsets]
    return {
        "versions": {
            "feira": {name: importlib.metadata.version(name) for name in PACKAGES},
            "python": platform.python_version(),
            "postgres": postgres,
            "kafka": _kafka_version() if runs_kafka else None,
        },
        "missing": dict(zip(processes, missing, strict=True)),
        "lag": {
            "relays": {name: it.unpublished for name, it in figures.items() if it.publishes},
            "consumers": await _or_none(_consumers(kafka, offsets)),
            "read_models": read_models,
        },
        "checkouts": checkouts,
        "parked": {name: it.parked for name, it in figures.items()},
    }


async def _or_none(work: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
            return await work
    except Exception:  # a part that is down may fail in any way; the others are shown
        return None


async def _look(url: str) -> DatabaseHealth:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(RELAY_AND_DEAD_LETTERS)
        offsets = [tuple(it) for it in await connection.fetch(CONSUMER_OFFSETS)]
    finally:
        await connection.close()
    return DatabaseHealth(offsets=offsets, **dict(row or {}))


async def _missing(url: str) -> list[str]:
    """The failing readiness checks of a process: stalled loops, an unreachable database."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        answer = await client.get("/readyz")
    return [] if answer.is_success else list(answer.json()["missing"])


async def _checkouts(url: str) -> dict[str, Any]:
    """Of all tenants; the response has them also with status 503, which says that some need an operator."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        found = (await client.get("/health/checkout")).json()["open"]
    oldest = found["oldest_seconds"]
    return {"open": found["count"], "oldest_open_seconds": None if oldest is None else round(oldest, 1)}


async def _postgres(url: str | None) -> str | None:
    if url is None:  # without a URL asyncpg would connect to a local default server
        return None
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        await connection.close()


async def _consumers(kafka: str | None, offsets: list[PartitionOffset]) -> dict[str, int]:
    """The lag in records of each consumer group."""
    from aiokafka import TopicPartition

    from kernel.messaging.broker import end_offsets

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    partitions = {TopicPartition(topic, part) for _, topic, part, _ in offsets}
    ends = await end_offsets(connection_to(kafka or ""), partitions)
    lag: Counter[str] = Counter({group: 0 for group, *_ in offsets})
    for group, topic, part, offset in offsets:
        lag[group] += max(0, ends[TopicPartition(topic, part)] - offset)
    return dict(sorted(lag.items()))


async def _read_models(url: str, key: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        answer = (await client.get("/v1/projections", params={"limit": 100})).raise_for_status()
    return [
        {"name": it["name"], "version": it["version"], "state": it["state"], **it["lag"]}
        for it in answer.json()["items"]
    ]


def _kafka_version() -> str | None:
    pinned = (line.split(":")[1:] for line in jars.PINS.read_text().splitlines())
    return next((rest.split()[0] for artifact, rest in pinned if artifact == BROKER), None)
