"""Leave a caller without an answer, for as long as they wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn

from fastapi import Request

from kernel.http.problems import Problem


class Hang:
    """``stopping`` ends it at once: a call that is never answered must not hold up the gateway's own end."""

    def __init__(self, seconds: float, stopping: asyncio.Event) -> None:
        self._seconds = seconds
        self._stopping = stopping

    async def until_disconnect(self, request: Request) -> NoReturn:
        """Returns to nobody, unless the caller is still there at the end of it."""
        await _first_of(self._seconds, _gone(request), self._stopping.wait())
        raise Problem(504, "GATEWAY_TIMEOUT", "Whether anything was done is not told.")


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _first_of(seconds: float, *ends: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(it) for it in ends]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
