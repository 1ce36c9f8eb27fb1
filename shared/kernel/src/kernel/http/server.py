"""Serve the application until a signal to stop, or until the supervising process is gone."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from kernel import waiting
from kernel.http.deadlines import Limits, close_overdue
from kernel.http.listeners import Listeners
from kernel.http.protocol import limited
from kernel.observability.event_loop import measure_event_loop
from kernel.service import stop_signals
from kernel.service.runtime import running
from kernel.service.settings import ProcessSettings

log = structlog.get_logger()

STOP_TIMEOUT_SECONDS = 5
BACKLOG = 1024
KEEPALIVE_PROBE_SECONDS = 30
BODY_GRACE_SECONDS = 1.0
"""Added to the application's limit, which responds with problem details if no response has begun yet."""
SUPERVISOR_CHECK_SECONDS = 1.0
TICK_SECONDS = 1.0


class _Server(uvicorn.Server):
    """Drains before it stops: see ``Listeners``."""

    def __init__(
        self, listeners: Listeners, settings: ProcessSettings, stopping: asyncio.Event, drain_seconds: float
    ) -> None:
        """``stopping``: set before it waits for the requests that are running."""
        super().__init__(
            uvicorn.Config(
                listeners,
                http=limited(_limits(settings)),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
            )
        )
        self._listeners = listeners
        self._stopping = stopping
        self._drain_seconds = drain_seconds
        self._exit_requested = asyncio.Event()

    def request_exit(self) -> None:
        self._exit_requested.set()

    async def main_loop(self) -> None:
        """Ticks once a second, which is enough for the date in headers and for deadlines; uvicorn's own loop
        ticks ten times a second to see whether it should stop."""
        await self._tick_until(self._exit_requested)
        if self._drain_seconds:
            log.info("draining", seconds=self._drain_seconds)
            self._listeners.draining = True
            drained = asyncio.Event()
            asyncio.get_running_loop().call_later(self._drain_seconds, drained.set)
            await self._tick_until(drained)
        self._listeners.draining = True

    async def _tick_until(self, end: asyncio.Event) -> None:
        while not end.is_set():
            await self.on_tick(0)
            close_overdue(self.server_state.connections)
            await waiting.wait_at_most(end, TICK_SECONDS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Left to ``serve``: uvicorn's version raises the signal again at the end, before the service's loops
        have stopped."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)


async def serve(app: ASGIApp, settings: ProcessSettings, stopping: asyncio.Event | None = None) -> None:
    """Return after SIGTERM or SIGINT, once all running requests have their responses.

    For ``drain_seconds`` after the signal the process is not ready, but still accepts requests, so that load
    balancers notice first. ``stopping`` is set then: requests that are held open on purpose should end.
    """
    server = _Server(
        Listeners(app, settings.admin_port), settings, stopping or asyncio.Event(), settings.drain_seconds
    )
    limit = settings.drain_seconds + stop_signals.END_SECONDS
    stop_signals.on_signal(lambda _number: server.request_exit(), limit)
    watching = [
        asyncio.create_task(_watch_supervisor(server, settings.supervisor_pid), name="supervisor watch"),
        asyncio.create_task(measure_event_loop(), name="event loop lag"),
    ]
    try:
        log.info("serving", host=settings.host, port=settings.port)
        await _listen_and_serve(server, settings)
    finally:
        for task in watching:
            task.cancel()
        # the process is ending already
        stop_signals.on_signal(lambda _number: None)


async def serve_until(end: asyncio.Event, app: ASGIApp, settings: ProcessSettings) -> None:
    """Serve until the event is set, or until the supervising process is gone. A signal cancels the caller, as
    before."""
    server = _Server(Listeners(app, settings.admin_port), settings, asyncio.Event(), 0)
    async with running(_exit_after(end, server), _watch_supervisor(server, settings.supervisor_pid)):
        await _listen_and_serve(server, settings)


async def _exit_after(end: asyncio.Event, server: _Server) -> None:
    await end.wait()
    server.request_exit()


async def _listen_and_serve(server: _Server, settings: ProcessSettings) -> None:
    sockets = [_listen(settings.host, settings.port, reuse_port=settings.reuse_port)]
    try:
        if settings.admin_port:
            sockets.append(_listen(settings.admin_host, settings.admin_port))
        await server.serve(sockets)
    finally:
        for listening in sockets:
            listening.close()


def _limits(settings: ProcessSettings) -> Limits:
    return Limits(
        request=settings.idle_seconds,
        head=settings.header_seconds,
        body=settings.body_seconds + BODY_GRACE_SECONDS,
        answer=settings.answer_seconds,
        writing=settings.write_seconds,
        connections=settings.connections,
    )


def _listen(host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # accepted connections inherit it: callers that vanished without closing are detected
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_PROBE_SECONDS)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_PROBE_SECONDS)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    if reuse_port:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SystemExit(f"Port {port} of {host} cannot be used: {error.strerror}.") from None
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


async def _watch_supervisor(server: _Server, supervisor: int | None) -> None:
    is_parent = supervisor == os.getppid()
    while supervisor is not None:
        await asyncio.sleep(SUPERVISOR_CHECK_SECONDS)
        # a zombie parent still has its pid, but no children
        if not _is_alive(supervisor) or (is_parent and supervisor != os.getppid()):
            log.warning("supervisor_is_gone", pid=supervisor)
            server.request_exit()
            return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
