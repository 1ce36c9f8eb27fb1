"""Wait until the work that was in flight at the start has ended, or a timeout."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cli.database import Connection, connected
from contracts.topology import PUBLISHERS, SERVICE_NAMES
from verify.dataset.logs import LAST_POSITION
from verify.dataset.topics import Bounds, Topics

POLL_INTERVAL_SECONDS = 0.2
RELAY = "SELECT position FROM relay_cursor"
CONSUMER_OFFSETS = "SELECT topic, part, next_offset FROM consumer_offset"
RUNNING_CHECKOUTS = """
    SELECT c.holder FROM claims c WHERE c.kind = 'open_checkout' AND NOT EXISTS (
        SELECT 1 FROM log l WHERE l.stream_id = c.holder
        AND l.type IN ('checkout.action_required', 'checkout.operator_needed', 'checkout.waiting_began',
                       'checkout.deadline_moved')
        AND l.version = (SELECT max(version) FROM log m WHERE m.stream_id = c.holder))
"""
"""Without checkouts that wait for their customer, a payment, the provider or an operator: a wait may be
followed by the deadline that it has moved."""
STILL_OPEN = "SELECT holder FROM claims WHERE kind = 'open_checkout' AND holder = ANY($1)"
REFUNDS = """
    SELECT subject FROM timers WHERE kind = 'refund_order' AND coalesce((payload ->> 'tries')::int, 0) < 8
"""
"""Without refunds that wait for an operator."""
STILL_REFUNDING = "SELECT subject FROM timers WHERE kind = 'refund_order' AND subject = ANY($1)"


@dataclass
class Targets:
    """Work in flight at the start. Work that starts later is not waited for."""

    logs: dict[str, int]
    checkouts: set[UUID]
    refunds: set[UUID]
    ends: Bounds | None = None
    """Ends of the topics, read once the relays have published the logs."""


async def wait_for_quiescence(
    databases: Mapping[str, str], source: Topics, seconds: float, report: Callable[[str], None]
) -> None:
    """Wait for at most ``seconds``. Work that has not ended by then is reported as in flight."""
    deadline = time.monotonic() + seconds
    targets = await _targets(databases)
    while True:
        waiting = await _waiting(databases, source, targets)
        if not waiting or time.monotonic() > deadline:
            return
        report(waiting)
        await asyncio.sleep(POLL_INTERVAL_SECONDS)


async def _targets(databases: Mapping[str, str]) -> Targets:
    logs = {}
    for service in PUBLISHERS:
        async with connected(service, databases[service]) as connection:
            logs[service] = int(await connection.fetchval(LAST_POSITION))
    async with connected("checkout-saga", databases["checkout-saga"]) as connection:
        return Targets(
            logs, await _subjects(connection, RUNNING_CHECKOUTS), await _subjects(connection, REFUNDS)
        )


async def _waiting(databases: Mapping[str, str], source: Topics, targets: Targets) -> str:
    """A description of the work still waited for; empty if there is none."""
    async with connected("checkout-saga", databases["checkout-saga"]) as connection:
        targets.checkouts = await _subjects(connection, STILL_OPEN, targets.checkouts)
        targets.refunds = await _subjects(connection, STILL_REFUNDING, targets.refunds)
    if targets.checkouts or targets.refunds:
        # the messages that their ends cause have to be waited for, too
        targets.logs, targets.ends = (await _targets(databases)).logs, None
        return f"{len(targets.checkouts)} checkouts and {len(targets.refunds)} refunds"
    for service, end in targets.logs.items():
        async with connected(service, databases[service]) as connection:
            if await connection.fetchval(RELAY) < end:
                return f"the relay of {service}"
    if targets.ends is None:
        targets.ends = await source.bounds()
    for service in SERVICE_NAMES:
        async with connected(service, databases[service]) as connection:
            behind = _behind(await connection.fetch(CONSUMER_OFFSETS), targets.ends)
        if behind:
            return f"{behind} records that {service} has not read"
    return ""


def _behind(offsets: list[Any], bounds: Bounds) -> int:
    ends = {(it.topic, it.partition): end for it, (_, end) in bounds.items()}
    return sum(max(0, ends.get((topic, part), 0) - at) for topic, part, at in offsets)


async def _subjects(connection: Connection, query: str, *arguments: Any) -> set[UUID]:
    return {row[0] for row in await connection.fetch(query, *(list(known) for known in arguments))}
