"""Serve the application until a signal to stop, or until the supervising process is gone."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from kernel import waiting
from kernel.http.deadlines import Limits, close_overdue
from kernel.http.protocol import limited
from kernel.observability.event_loop import measure_event_loop
from kernel.service import stop_signals
from kernel.service.settings import ServiceSettings

log = structlog.get_logger()

STOP_TIMEOUT_SECONDS = 5
BACKLOG = 1024
KEEPALIVE_PROBE_SECONDS = 30
BODY_GRACE_SECONDS = 1.0
"""Added to the application's limit, which responds with problem details if no response has begun yet."""
SUPERVISOR_CHECK_SECONDS = 1.0
TICK_SECONDS = 1.0


class _Server(uvicorn.Server):
    """Sets ``stopping`` before it waits for the requests that are running."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._exit_requested = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None = None) -> None:
        super().handle_exit(sig, frame)
        self._exit_requested.set()

    async def main_loop(self) -> None:
        """Ticks once a second, which is enough for the date in headers and for deadlines; uvicorn's own loop
        ticks ten times a second to see whether it should stop."""
        while not await self.on_tick(0):
            close_overdue(self.server_state.connections)
            await waiting.wait_at_most(self._exit_requested, TICK_SECONDS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's version raises the signal again at the end, before the service's loops have stopped."""
        stop_signals.on_signal(self.handle_exit)
        try:
            yield
        finally:
            # the process is ending already
            stop_signals.on_signal(lambda _number: None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)


async def serve(app: ASGIApp, settings: ServiceSettings, stopping: asyncio.Event | None = None) -> None:
    """Return after SIGTERM or SIGINT, once all running requests have their responses.

    ``stopping`` is set first: requests that are held open on purpose should end then.
    """
    server = _Server(
        uvicorn.Config(
            app,
            http=limited(_limits(settings)),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
        ),
        stopping or asyncio.Event(),
    )
    sockets = [_listen(settings.host, settings.port, reuse_port=settings.reuse_port)]
    if settings.admin_port:
        sockets.append(_listen("127.0.0.1", settings.admin_port))
    watching = [
        asyncio.create_task(_watch_supervisor(server, settings.supervisor_pid), name="supervisor watch"),
        asyncio.create_task(measure_event_loop(), name="event loop lag"),
    ]
    try:
        log.info("serving", host=settings.host, port=settings.port)
        await server.serve(sockets)
    finally:
        for task in watching:
            task.cancel()
        for listening in sockets:
            listening.close()


def _limits(settings: ServiceSettings) -> Limits:
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


async def _watch_supervisor(server: uvicorn.Server, supervisor: int | None) -> None:
    is_parent = supervisor == os.getppid()
    while supervisor is not None:
        await asyncio.sleep(SUPERVISOR_CHECK_SECONDS)
        # a zombie parent still has its pid, but no children
        if not _is_alive(supervisor) or (is_parent and supervisor != os.getppid()):
            log.warning("supervisor_is_gone", pid=supervisor)
            server.should_exit = True
            return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
