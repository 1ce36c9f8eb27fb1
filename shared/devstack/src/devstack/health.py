"""Health of a running stack beyond its processes: versions, lag, open checkouts, parked records."""

import asyncio
import importlib.metadata
import logging
import platform
import ssl
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
import httpx

from cli.kafka import connection_to
from contracts.topology import CHECKOUT, GATEWAY, SERVICE_NAMES
from devstack import jars

LIMIT_SECONDS = 4.0
"""For all parts together, however many of them do not answer."""
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
    """Probe all parts concurrently. Values of parts that do not answer within the limit are None."""
    services = {name: url for name, url in databases.items() if name != GATEWAY.name}
    in_time = _Deadline(asyncio.get_running_loop().time() + LIMIT_SECONDS)
    # the processes of a stack speak plain HTTP: loading certificates would cost a tenth of a second
    trust_none = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx.AsyncClient(verify=trust_none, trust_env=False, timeout=LIMIT_SECONDS) as client:
        (found, consumers), missing, checkouts, postgres, read_models = await asyncio.gather(
            _databases_and_consumers(list(services.values()), kafka, in_time),
            asyncio.gather(*(in_time.or_none(_missing(client, url)) for url in processes.values())),
            in_time.or_none(_checkouts(client, urls.get(CHECKOUT.name, ""))),
            in_time.or_none(_postgres(next(iter(databases.values()), None))),
            in_time.or_none(_read_models(client, urls.get("projections", ""), key)),
        )
    figures = {name: it or DatabaseHealth() for name, it in zip(services, found, strict=True)}
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
            "consumers": consumers,
            "read_models": read_models,
        },
        "checkouts": checkouts,
        "parked": {name: it.parked for name, it in figures.items()},
    }


@dataclass(frozen=True)
class _Deadline:
    """``at``: in the time of the event loop."""

    at: float

    async def or_none(self, work: Awaitable[T]) -> T | None:
        """None if the work fails or takes too long."""
        try:
            async with asyncio.timeout_at(self.at):
                return await work
        except Exception:  # a part that is down may fail in any way; the others are shown
            return None


async def _databases_and_consumers(
    databases: Sequence[str], kafka: str | None, in_time: _Deadline
) -> tuple[list[DatabaseHealth | None], dict[str, int] | None]:
    """The lag of consumers follows from what their databases say."""
    found = await asyncio.gather(*(in_time.or_none(_look(url)) for url in databases))
    offsets = [offset for it in found if it for offset in it.offsets]
    return found, await in_time.or_none(_consumers(kafka, offsets))


async def _look(url: str) -> DatabaseHealth:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(RELAY_AND_DEAD_LETTERS)
        offsets = [tuple(it) for it in await connection.fetch(CONSUMER_OFFSETS)]
    finally:
        connection.terminate()  # close() would wait for a server that hangs
    return DatabaseHealth(offsets=offsets, **dict(row or {}))


async def _missing(client: httpx.AsyncClient, url: str) -> list[str]:
    """The failing readiness checks of a process: stalled loops, an unreachable database."""
    answer = await client.get(f"{url}/readyz")
    return [] if answer.is_success else list(answer.json()["missing"])


async def _checkouts(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """Of all tenants; the response has them also with status 503, which says that some need an operator."""
    found = (await client.get(f"{url}/health/checkout")).json()["open"]
    oldest = found["oldest_seconds"]
    return {"open": found["count"], "oldest_open_seconds": None if oldest is None else round(oldest, 1)}


async def _postgres(url: str | None) -> str | None:
    if url is None:  # without a URL asyncpg would connect to a local default server
        return None
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        connection.terminate()


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


async def _read_models(client: httpx.AsyncClient, url: str, key: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = await client.get(f"{url}/v1/projections", params={"limit": 100}, headers=headers)
    return [
        {"name": it["name"], "version": it["version"], "state": it["state"], **it["lag"]}
        for it in answer.raise_for_status().json()["items"]
    ]


def _kafka_version() -> str | None:
    pinned = (line.split(":")[1:] for line in jars.PINS.read_text().splitlines())
    return next((rest.split()[0] for artifact, rest in pinned if artifact == BROKER), None)
