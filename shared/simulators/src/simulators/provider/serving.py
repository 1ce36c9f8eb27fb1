"""Serve a simulated provider on one port until a signal to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators.provider.deliveries import Deliveries
from simulators.provider.ledger import Ledger

STOP_TIMEOUT_SECONDS = 1


def serve(app: ASGIApp, port: int) -> None:
    """Requests that are held open do not delay the stop by more than a second."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
    )


def application(routes: Sequence[Route], deliveries: Deliveries, ledger: Ledger) -> Starlette:
    """Delivers events while it serves, and closes the ledger at its end."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(deliveries.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            ledger.close()

    return Starlette(routes=routes, lifespan=lifespan)
