"""Kill a service between the commit of what a request asked for and the answer to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from cli.stack.databases import Database
from tests.support.cut_wire import wired
from tests.support.single_service import running_service

CUT_WITHIN = 30.0
NO_BROKER = {"FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
"""A member that is killed keeps its partitions for some seconds, in which all other tests would wait."""


async def post_and_kill(
    module: str,
    database: Database,
    settings: Mapping[str, str],
    path: str,
    body: Any,
    headers: Mapping[str, str],
) -> None:
    """Send it to a replica of its own, which dies when it has stored the effect and before it knows."""
    async with wired(database.service_url) as wire:
        through = replace(database, service_url=wire.url)
        alone = {**settings, **NO_BROKER}
        async with running_service(module, through, alone, once="/livez") as replica:
            wire.cut_after = headers["Idempotency-Key"].encode()
            async with httpx.AsyncClient(base_url=replica.url, timeout=CUT_WITHIN) as client:
                asking = asyncio.create_task(client.post(path, json=body, headers=dict(headers)))
                await asyncio.wait_for(wire.cut.wait(), CUT_WITHIN)
                replica.process.kill()
                await replica.process.wait()
                with suppress(httpx.TransportError):
                    answer = await asking
                    raise AssertionError(f"it was answered: {answer.text}")
