"""Each program of the image in a container that may do nothing: read-only, no capabilities, user 10001."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest

from contracts.topology import CART, STACK, Service
from devstack import ports
from devstack.databases import Database
from devstack.services import new_secret
from tests.deploy.image.containers import Container, Engine
from tests.support.parts import Parts
from tests.support.single_service import created_database

READY_WITHIN = 90.0
STOPPED_WITHIN = 10.0
MOST_RESIDENT_BYTES = 150_000_000
"""After the start. They have 70 to 100 MB; the pods of the manifests get 512 MiB."""
GATEWAY_SECRET = "of-this-test-alone"

PROBE = """
import os, pathlib
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
limits = [status[name].strip() for name in ("CapBnd", "NoNewPrivs", "Seccomp")]
print(os.getpid(), os.getuid(), os.getgid(), *limits)
for folder in ("/", "/opt/feira/app", "/etc", "/var/lib", "/run"):
    try:
        pathlib.Path(folder, "made").touch()
        print("writes to", folder)
    except OSError as error:
        assert error.errno in (13, 30), error
pathlib.Path("/tmp/made").touch()
"""


def settings_of(service: Service, database: Database, kafka: str, admin_port: int) -> dict[str, str]:
    own = {
        "FEIRA_GATEWAY_URL": "http://127.0.0.1:1",
        "FEIRA_GATEWAY_SECRET": GATEWAY_SECRET,
        "FEIRA_LINK_KEY": new_secret(),
        "FEIRA_MASTER_KEY": new_secret(),
    }
    return {
        "FEIRA_ENV": "test",
        "FEIRA_PORT": str(ports.free()),
        "FEIRA_ADMIN_PORT": str(admin_port),
        "FEIRA_DATABASE_URL": database.service_url,
        "FEIRA_KAFKA_BOOTSTRAP": kafka,
        **{name: own[name] for name in service.needs},
    }


@contextmanager
def started(engine: Engine, service: Service, env: dict[str, str]) -> Iterator[Container]:
    container = engine.start(["python", "-m", service.module], env)
    try:
        yield container
    finally:
        container.remove()


async def until_ready(container: Container, admin_port: int) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(READY_WITHIN):
        while container.process.poll() is None:
            try:
                if (await client.get(f"http://127.0.0.1:{admin_port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError(f"{container.name} ended before it was ready: {container.log.read_text()}")


@asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A port that accepts connections and never answers; the event is set by the first one."""
    called = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], called


def ends_within(container: Container, seconds: float) -> int:
    """Send SIGTERM to the container's process 1; its exit code."""
    begun = time.monotonic()
    container.signal("TERM")
    code = container.wait(seconds)
    assert time.monotonic() - begun < seconds
    return code


def test_a_container_has_no_rights_and_writes_to_tmp_alone(engine: Engine) -> None:
    code, printed = engine.run("python", "-c", PROBE)
    assert (code, printed.strip()) == (0, "1 10001 10001 0000000000000000 1 2")


def test_feira_shows_its_commands(engine: Engine) -> None:
    code, printed = engine.run("feira", "--help")
    assert code == 0
    assert {"verify", "saga", "keys", "events"} <= set(printed.split())


async def test_the_job_of_the_topics_leaves_those_that_exist(engine: Engine, parts: Parts) -> None:
    """``parts`` has been given them by the job."""
    env = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    made = await asyncio.to_thread(engine.run, "feira", "topics", "create", env=env)
    assert made == (0, "All topics exist.\n")
    compared = await asyncio.to_thread(engine.run, "feira", "topics", "check", "--replication=1", env=env)
    assert compared == (0, "All topics are as they should be.\n")


def test_the_image_s_own_command_is_the_help(engine: Engine) -> None:
    container = engine.start()
    try:
        assert container.wait() == 0
        assert "Usage: feira" in container.log.read_text()
    finally:
        container.remove()


def test_tls_knows_the_public_authorities(engine: Engine) -> None:
    code, printed = engine.run(
        "python", "-c", "import ssl; print(ssl.create_default_context().cert_store_stats()['x509_ca'])"
    )
    assert code == 0
    assert int(printed) > 100


@pytest.mark.parametrize("service", STACK, ids=lambda it: it.name)
async def test_a_service_migrates_serves_and_ends_at_sigterm(
    engine: Engine, parts: Parts, service: Service
) -> None:
    database = await created_database(f"image_{service.database}", parts.postgres_superuser_url)
    migrate = ["python", "-m", service.module, "migrate"]
    code, printed = await asyncio.to_thread(
        engine.run, *migrate, env={"FEIRA_MIGRATION_URL": database.owner_url}
    )
    assert code == 0, printed
    admin_port = ports.free()
    env = settings_of(service, database, parts.kafka_bootstrap, admin_port)
    with started(engine, service, env) as container:
        await until_ready(container, admin_port)
        assert container.resident_bytes < MOST_RESIDENT_BYTES
        assert ends_within(container, STOPPED_WITHIN) == 0


async def test_a_service_that_waits_for_its_database_ends_at_sigterm(engine: Engine, parts: Parts) -> None:
    async with silent_server() as (silent, called):
        nowhere = Database("none", f"postgresql://none:none@127.0.0.1:{silent}/none", "", "")
        env = settings_of(CART, nowhere, parts.kafka_bootstrap, ports.free())
        with started(engine, CART, env) as container:
            async with asyncio.timeout(READY_WITHIN):
                await called.wait()
            await asyncio.to_thread(ends_within, container, STOPPED_WITHIN)


async def test_a_migration_that_waits_for_its_database_ends_at_sigterm_and_is_not_done(
    engine: Engine,
) -> None:
    async with silent_server() as (silent, called):
        url = f"postgresql://none:none@127.0.0.1:{silent}/none"
        container = engine.start(["python", "-m", "cart", "migrate"], {"FEIRA_MIGRATION_URL": url})
        try:
            async with asyncio.timeout(READY_WITHIN):
                await called.wait()
            assert await asyncio.to_thread(ends_within, container, STOPPED_WITHIN) != 0
        finally:
            container.remove()
