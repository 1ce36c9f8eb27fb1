"""Wait for the database and its migrations, as a live process that is not ready.

A release's processes may start before the job that migrates their database has ended. They then serve their
probes alone: nothing restarts them, they get no requests, and they go on by themselves.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection

import asyncpg
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from kernel.http import problems
from kernel.http.correlation import correlation_id
from kernel.http.listeners import READY
from kernel.http.server import serve_until
from kernel.postgres.applied_migrations import missing
from kernel.postgres.connections import is_outage
from kernel.service.settings import ProcessSettings

log = structlog.get_logger()

POLL_SECONDS = 0.5
LOOK_SECONDS = 3.0
LIVE = "/livez"
RETRY = {"Retry-After": "1"}


async def until_migrated(settings: ProcessSettings, required: Collection[str]) -> None:
    """Return once the database has all required migrations. Exits if the supervising process is gone before:
    the database may have been its own, and never come back."""
    waiting = _Waiting(settings, required)
    if not await waiting.look():
        return
    log.warning("waiting_for_migrations", **waiting.lacks)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(waiting.poll())
        await serve_until(waiting.over, waiting.respond, settings)
        if not waiting.over.is_set():
            sys.exit(0)


class _Waiting:
    """What is missing, and the application that says so."""

    def __init__(self, settings: ProcessSettings, required: Collection[str]) -> None:
        self._url = settings.database_url
        self._name = settings.instance
        self._required = required
        self.lacks: dict[str, list[str]] = {}
        """The members of the response of /readyz."""
        self.over = asyncio.Event()

    async def look(self) -> bool:
        """Whether anything is missing."""
        self.lacks = await self._missing()
        return bool(self.lacks)

    async def poll(self) -> None:
        while await self.look():  # noqa: ASYNC110  # a database that is not there yet sends no event
            await asyncio.sleep(POLL_SECONDS)
        self.over.set()

    async def _missing(self) -> dict[str, list[str]]:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                connection = await asyncpg.connect(
                    self._url, server_settings={"application_name": self._name}
                )
                try:
                    names = await missing(connection, self._required)
                finally:
                    connection.terminate()
        except Exception as error:
            if not is_outage(error):
                raise
            return {"missing": ["database"]}
        return {"missing": ["migrations"], "migrations": names} if names else {}

    # failpoint: none needed (response)
    async def respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """200 to /livez, and 503 to all else: what is missing to /readyz, and a problem, as everywhere, to a
        request that reaches this process too early."""
        response: Response
        if scope["path"] == LIVE:
            response = JSONResponse({"status": "live"})
        elif scope["path"] == READY:
            response = JSONResponse({"status": "waiting", **self.lacks}, 503, RETRY)
        else:
            request = Request(scope)
            known_as = correlation_id(dict(scope["headers"]).get(b"x-correlation-id"))
            request.state.correlation_id = known_as
            response = problems.respond(request, problems.unavailable())
            response.headers["X-Correlation-Id"] = known_as
        await response(scope, receive, send)
