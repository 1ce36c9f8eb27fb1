"""Faults on demand: how a simulated provider treats the next requests that match."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

SLOW_SECONDS = 1.5
SILENCE_SECONDS = 60.0
"""The longest time for which a request without an answer is held open."""

Kind = Literal["executed_then_timeout", "timeout", "500", "429", "slow"]
Handler = Callable[[Request], Awaitable[Response]]


class Match(BaseModel):
    """Which requests: by method, by a regular expression that is found in the path, and from the nth on that
    match both."""

    model_config = ConfigDict(extra="forbid")
    method: str | None = None
    path: str | None = None
    nth: int = Field(default=1, ge=1)


class Fault(BaseModel):
    """``times``: for how many matching requests it holds."""

    model_config = ConfigDict(extra="forbid")
    match: Match = Match()
    fault: Kind
    times: int = Field(default=1, ge=1, le=1000)


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0


class Faults:
    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault) -> None:
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        self._armed.clear()

    def of(self, method: str, path: str) -> Kind | None:
        """The fault of this request, which is counted; None: it is treated as usual."""
        for armed in self._armed:
            match = armed.fault.match
            if match.method not in {None, method} or not re.search(match.path or "", path):
                continue
            armed.seen += 1
            if match.nth <= armed.seen < match.nth + armed.fault.times:
                return armed.fault.fault
        return None

    async def around(self, request: Request, handle: Handler) -> Response:
        """``handle`` serves the request unless a fault prevents it."""
        match self.of(request.method, request.url.path):
            case "500":
                return JSONResponse({"name": "INTERNAL_SERVER_ERROR", "message": "on demand"}, 500)
            case "429":
                headers = {"Retry-After": "1"}
                return JSONResponse({"name": "RATE_LIMIT_REACHED", "message": "on demand"}, 429, headers)
            case "timeout":
                return await hold(request)
            case "executed_then_timeout":
                await request.body()
                await handle(request)
                return await hold(request)
            case "slow":
                await asyncio.sleep(SLOW_SECONDS)
                return await handle(request)
            case None:
                return await handle(request)


async def hold(request: Request) -> Response:
    """Hold the request open until its client is gone."""
    await request.body()

    async def until_disconnected() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    with suppress(TimeoutError):
        await asyncio.wait_for(until_disconnected(), SILENCE_SECONDS)
    return Response(status_code=504)
