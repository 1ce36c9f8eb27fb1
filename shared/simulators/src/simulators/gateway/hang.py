"""Hold a request open without a response, to simulate a timeout."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn

from fastapi import Request

from kernel.http.problems import Problem


class Hang:
    """Holds requests open for ``seconds``. ``stopping`` ends them, so that they do not delay shutdown."""

    def __init__(self, seconds: float, stopping: asyncio.Event) -> None:
        self._seconds = seconds
        self._stopping = stopping

    async def until_disconnect(self, request: Request) -> NoReturn:
        """Wait for the disconnect, the timeout or shutdown. Raises ``Problem`` 504, for callers still
        connected."""
        await _first_of(self._seconds, _disconnected(request), self._stopping.wait())
        raise Problem(504, "GATEWAY_TIMEOUT", "The outcome of the operation is unknown.")


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _first_of(seconds: float, *ends: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(it) for it in ends]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
