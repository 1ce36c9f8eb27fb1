"""Kill a service between the commit of a request's effect and its response."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from devstack.databases import Database
from tests.support.cut_wire import wired
from tests.support.single_service import running_service

CUT_WITHIN = 30.0
NO_BROKER = {"FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
"""A killed group member would keep its partitions for some seconds, and other tests would wait."""


async def post_and_kill(
    module: str,
    database: Database,
    settings: Mapping[str, str],
    path: str,
    body: Any,
    headers: Mapping[str, str],
) -> None:
    """Send the request to a replica of its own, which is killed between commit and confirmation."""
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
