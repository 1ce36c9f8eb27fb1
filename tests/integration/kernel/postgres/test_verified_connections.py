"""With ``sslmode=verify-full`` each kind of connection checks the server's certificate and its name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import psycopg
import pytest

from cart.catalogue.change_listener import CatalogueChangeListener
from cli.database import connected
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import create_pool
from kernel.postgres.migrate import migrate
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import put_on_shelf
from tests.support.certificates import Authority
from tests.support.kafka_records import tapped
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.tls_front import TlsFront, tls_front
from tests.support.waiting import until


@pytest.fixture
async def front(parts: Parts, tmp_path: Path) -> AsyncIterator[TlsFront]:
    async with tls_front(Authority.made_in(tmp_path), parts.postgres_superuser_url) as front:
        yield front


@pytest.fixture
def verified(front: TlsFront, database: Database) -> Database:
    """A migrated database that is reached over TLS alone."""
    urls = database.service_url, database.owner_url, database.superuser_url
    return Database(database.name, *map(front.url, urls))


async def test_a_pool_a_relay_and_a_listener_work_over_tls(
    verified: Database, front: TlsFront, parts: Parts
) -> None:
    pool = await create_pool(verified.service_url, "production", 4)
    store, heartbeats, shelf = EventStore(pool, MESSAGES), Heartbeats(), uuid4()
    await put_on_shelf(store, shelf, 1)
    relay = Relay("offer", verified.service_url, KafkaConnection(parts.kafka_bootstrap), heartbeats)
    listener = CatalogueChangeListener(verified.service_url, heartbeats)
    async with (
        tapped(parts.kafka_bootstrap, "offer.events", from_beginning=True) as tap,
        running(relay.run(), listener.run()),
    ):
        await until(lambda: bool(tap.of([shelf])))
        await until(lambda: listener.is_listening)
        assert await pool.fetch_for_tenant("demo", "SELECT 1 WHERE $1 = 'demo'")
    pool.terminate()
    # two of the pool, two of the relay, one of the listener
    assert front.encrypted == 5


async def test_a_renewed_authority_counts_for_the_next_connection_of_a_running_process(
    verified: Database, front: TlsFront, tmp_path: Path
) -> None:
    """As a volume with a Secret gets a new file; what is connected stays connected."""
    pool = await create_pool(verified.service_url, "production", 4)
    async with pool.acquire() as before:
        renewed = Authority.made_in(tmp_path)
        front.renew(renewed)
        with pytest.raises(ssl.SSLCertVerificationError):
            async with pool.acquire():
                pass
        front.authority.file.write_bytes(renewed.file.read_bytes())
        async with pool.acquire() as after:
            assert await after.fetchval("SELECT 1") == await before.fetchval("SELECT 1")
        assert await pool.fetch_for_tenant("demo", "SELECT 1 WHERE $1 = 'demo'")
    pool.terminate()


async def test_migrations_and_what_tools_read_are_over_tls(
    verified: Database, kernel_database: Database, front: TlsFront
) -> None:
    async with connected("cart", verified.service_url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM log") == 0
    # twice: two clients connect, for the lock and for the migrations
    assert await asyncio.to_thread(migrate, front.url(kernel_database.owner_url)) == []
    assert front.encrypted == 3


def misnamed(url: str, _folder: Path) -> str:
    return url.replace("@127.0.0.1:", "@localhost:")


def of_another_authority(url: str, folder: Path) -> str:
    return f"{url.rpartition('=')[0]}={Authority.made_in(folder).file}"


@pytest.mark.parametrize("changed", [misnamed, of_another_authority])
async def test_a_server_of_another_name_or_authority_is_refused_by_both_clients(
    verified: Database, tmp_path: Path, changed: Callable[[str, Path], str]
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncpg.connect(changed(verified.service_url, tmp_path))
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        url = changed(verified.owner_url, tmp_path)
        await asyncio.to_thread(lambda: psycopg.connect(url, connect_timeout=10))


async def test_a_service_that_meets_a_stranger_in_its_server_s_place_does_not_start(
    verified: Database, tmp_path: Path
) -> None:
    url = of_another_authority(verified.service_url, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        await create_pool(url, "test", startup_timeout=0.5)
