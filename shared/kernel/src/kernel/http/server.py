"""Serve the application until told to stop, or until whoever supervises this process is gone."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog
import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS

from kernel.http.deadlines import Limits, close_overdue
from kernel.http.protocol import limited
from kernel.settings import ServiceSettings

log = structlog.get_logger()

STOP_SECONDS = 5
BACKLOG = 1024
PROBE_SECONDS = 30
BODY_GRACE_SECONDS = 1.0
"""The application refuses a slow body itself, in better words, if it has not answered already."""
LOOK_SECONDS = 1.0
TICK_SECONDS = 1.0


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a service's main coroutine on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


class _Server(uvicorn.Server):
    """Says that it is stopping before it waits for the requests that are being worked on."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._told_to_exit = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._told_to_exit.set()

    async def main_loop(self) -> None:
        """uvicorn looks ten times a second whether it should stop; once is enough for the date in headers and
        for deadlines."""
        while not await self.on_tick(0):
            close_overdue(self.server_state.connections)
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await self._told_to_exit.wait()
            except TimeoutError:
                pass

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would raise the signal again at the end, before the loops have been stopped."""
        loop = asyncio.get_running_loop()
        for it in HANDLED_SIGNALS:
            loop.add_signal_handler(it, self.handle_exit, it, None)
        try:
            yield
        finally:
            for it in HANDLED_SIGNALS:
                loop.remove_signal_handler(it)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)


async def serve(app: ASGIApp, settings: ServiceSettings, stopping: asyncio.Event | None = None) -> None:
    """Return after SIGTERM or SIGINT, with all requests answered that were being worked on.

    ``stopping`` is set first: a request that is held open on purpose should end then.
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
            timeout_graceful_shutdown=STOP_SECONDS,
        ),
        stopping or asyncio.Event(),
    )
    sockets = [_listen(settings.host, settings.port, reuse_port=settings.reuse_port)]
    if settings.admin_port:
        sockets.append(_listen("127.0.0.1", settings.admin_port))
    watching = asyncio.create_task(_watch(server, settings.supervisor_pid), name="supervisor watch")
    try:
        log.info("serving", host=settings.host, port=settings.port)
        await server.serve(sockets)
    finally:
        watching.cancel()
        for one in sockets:
            one.close()


def _limits(of: ServiceSettings) -> Limits:
    return Limits(
        request=of.idle_seconds,
        head=of.header_seconds,
        body=of.body_seconds + BODY_GRACE_SECONDS,
        answer=of.answer_seconds,
        writing=of.write_seconds,
        connections=of.connections,
    )


def _listen(host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # accepted connections inherit it: a caller that has gone without a word is found out
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_SECONDS)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_SECONDS)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    if reuse_port:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((host, port))
    except OSError as taken:
        listening.close()
        raise SystemExit(f"Port {port} of {host} cannot be used: {taken.strerror}.") from None
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


async def _watch(server: uvicorn.Server, supervisor: int | None) -> None:
    is_parent = supervisor == os.getppid()
    while supervisor is not None:
        await asyncio.sleep(LOOK_SECONDS)
        # a dead parent that nobody has buried still has its number, but no children
        if not _lives(supervisor) or (is_parent and supervisor != os.getppid()):
            log.warning("supervisor_is_gone", pid=supervisor)
            server.should_exit = True
            return


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
