"""The process of a service: its ports, its limits, and its shutdown."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from devstack import ports
from kernel.http.until_migrated import until_migrated
from kernel.service.settings import ServiceSettings

PROGRAM = """
import asyncio, sys
from fastapi import FastAPI
from kernel.http.server import serve
from contracts.data_protection import PrivateFields
from kernel.service import bootstrap
from kernel.service.settings import ServiceSettings

app = FastAPI()

@app.get("/")
async def hello() -> str:
    return "hello"

@app.get("/livez")
async def livez() -> str:
    return "live"

@app.get("/metrics")
async def metrics() -> str:
    return "metrics"

@app.get("/readyz")
async def readyz() -> str:
    return "ready"

@app.get("/slow")
async def slow() -> str:
    print("begun", flush=True)
    await asyncio.sleep(1)
    return "done"

async def main(settings: ServiceSettings) -> None:
    await serve(app, settings)
    print("loops are stopped now")

bootstrap.serve(ServiceSettings, main, PrivateFields())
"""

TIMEOUT_SECONDS = 60.0
ENVIRONMENT = {
    "FEIRA_HEADER_SECONDS": "3",
    "FEIRA_BODY_SECONDS": "2",
    "FEIRA_DATABASE_URL": "postgresql://x@127.0.0.1/x",
    "FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "PATH": os.environ["PATH"],
}


@asynccontextmanager
async def serving(port: int, **settings: str) -> AsyncIterator[Process]:
    environment = {**ENVIRONMENT, "FEIRA_PORT": str(port), **settings}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await until(lambda: answers(port) or process.returncode is not None)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[int]:
    """The port of a process that several tests share."""
    port = ports.free()
    async with serving(port):
        yield port


def answers(port: int, path: str = "/") -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


async def until(holds: Callable[[], bool], within: float = TIMEOUT_SECONDS) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110  # another process has no event to wait for
            await asyncio.sleep(0.05)


async def exchange(port: int, request: bytes, within: float = TIMEOUT_SECONDS) -> bytes:
    """All that the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(within):
        answer = await reader.read()
    writer.close()
    return answer


async def test_the_process_finishes_running_requests_before_it_ends() -> None:
    port = ports.free()
    async with serving(port) as process, httpx.AsyncClient(trust_env=False) as client:
        slow = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/slow"))
        assert process.stdout
        assert await process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGTERM)

        assert (await slow).json() == "done"
        async with asyncio.timeout(TIMEOUT_SECONDS):
            output, _ = await process.communicate()
        assert process.returncode == 0
        assert output == b"loops are stopped now\n"


async def test_the_process_ends_when_its_supervisor_is_gone() -> None:
    supervisor = await asyncio.create_subprocess_exec("sleep", "600")
    async with serving(ports.free(), FEIRA_SUPERVISOR_PID=str(supervisor.pid)) as process:
        supervisor.kill()
        await supervisor.wait()
        async with asyncio.timeout(TIMEOUT_SECONDS):
            assert await process.wait() == 0


async def test_a_process_that_waits_for_its_database_ends_when_its_supervisor_is_gone() -> None:
    supervisor = await asyncio.create_subprocess_exec("sleep", "600")
    settings = ServiceSettings(
        port=ports.free(),
        database_url="postgresql://nobody@127.0.0.1:1/away",
        kafka_bootstrap="127.0.0.1:1",
        supervisor_pid=supervisor.pid,
    )
    supervisor.kill()
    await supervisor.wait()
    with pytest.raises(SystemExit) as ended:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await until_migrated(settings, ["0001-log"])
    assert ended.value.code == 0


async def test_the_admin_listener_serves_probes_and_metrics_and_the_public_one_no_metrics() -> None:
    public, admin = ports.free(), ports.free()
    settings = {"FEIRA_ADMIN_PORT": str(admin), "FEIRA_ADMIN_HOST": "127.0.0.1"}
    async with serving(public, **settings), httpx.AsyncClient(trust_env=False) as client:

        async def status(port: int, path: str) -> int:
            return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code

        paths = ("/livez", "/readyz", "/metrics", "/", "/slow", "/docs")
        assert [await status(admin, it) for it in paths] == [200, 200, 200, 404, 404, 404]
        assert [await status(public, it) for it in paths] == [200, 200, 404, 200, 200, 200]


async def test_replicas_share_a_port_and_each_has_an_admin_listener() -> None:
    shared, first, second = ports.free(), ports.free(), ports.free()
    async with (
        serving(shared, FEIRA_REUSE_PORT="1", FEIRA_ADMIN_PORT=str(first)),
        serving(shared, FEIRA_REUSE_PORT="1", FEIRA_ADMIN_PORT=str(second)),
    ):
        await until(lambda: answers(first, "/livez") and answers(second, "/livez"))


async def test_a_draining_process_is_not_ready_and_responds_and_ends_each_connection() -> None:
    port = ports.free()
    async with (
        serving(port, FEIRA_DRAIN_SECONDS="2") as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        assert "connection" not in (await client.get("/")).headers
        process.send_signal(signal.SIGTERM)
        await until(lambda: not answers(port, "/readyz"))

        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["stopping"])
        response = await client.get("/")
        assert (response.status_code, response.headers["connection"]) == (200, "close")
        async with asyncio.timeout(TIMEOUT_SECONDS):
            assert await process.wait() == 0


async def test_a_port_in_use_is_reported_in_one_line() -> None:
    port = ports.free()
    async with serving(port), serving(port) as second:
        _, output = await second.communicate()
        assert second.returncode == 1
        assert output.splitlines()[-1].startswith(f"Port {port} of 127.0.0.1 cannot be used".encode())


@pytest.mark.parametrize(
    "headers",
    [b"X: " + b"x" * 70_000, b"".join(b"X-%d: x\r\n" % it for it in range(200))],
    ids=["long", "many"],
)
async def test_too_large_or_too_many_headers_are_refused(server: int, headers: bytes) -> None:
    response = await exchange(server, b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 431 ")
    assert answers(server)


async def test_an_endless_header_is_refused_before_it_ends(server: int) -> None:
    response = await exchange(server, b"GET / HTTP/1.1\r\nX: " + b"x" * 66_000)
    assert response.startswith(b"HTTP/1.1 431 ")


async def test_waiting_for_headers_has_a_limit(server: int) -> None:
    response = await exchange(server, b"GET / HTTP/1.1\r\nHost: x\r\n")
    assert response.startswith(b"HTTP/1.1 408 ")


async def test_pipelined_requests_are_answered_in_order(server: int) -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert (await exchange(server, request * 2 + last)).count(b'"hello"') == 3
