"""The checkout service and the simulated gateway as processes on a real PostgreSQL, and their neighbours."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.store.event_store import EventStore
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.database import service_pool
from tests.support.parts import Parts
from tests.support.single_service import NO_BROKER, RunningService, created_database, running_service

SECRET = "a secret that only these tests know"


@pytest.fixture(scope="package")
async def gateway_database(parts: Parts) -> Database:
    return await created_database("feira_gateway", parts.postgres_superuser_url)


@pytest.fixture(scope="package")
async def gateway(gateway_database: Database) -> AsyncIterator[RunningService]:
    settings = {"FEIRA_GATEWAY_SECRET": SECRET, "FEIRA_GATEWAY_DOWN_SECONDS": "4"}
    async with running_service("simulators.gateway", gateway_database, settings) as service:
        yield service


@pytest.fixture(scope="package")
async def database(parts: Parts) -> Database:
    return await created_database("feira_checkout", parts.postgres_superuser_url)


@pytest.fixture(scope="package")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkout") / "service.log"


@pytest.fixture(scope="package")
def settings(parts: Parts, gateway: RunningService) -> dict[str, str]:
    return {
        "FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap,
        "FEIRA_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
        "FEIRA_GATEWAY_URL": gateway.url,
        "FEIRA_GATEWAY_SECRET": SECRET,
        "FEIRA_GATEWAY_TIMEOUT_SECONDS": "1",
        "FEIRA_CHECKOUT_ANSWER_SECONDS": "0.5",
        "FEIRA_ASSET_URL": "https://assets.example",
        "FEIRA_ASSET_ACCESS_KEY": "key",
        "FEIRA_ASSET_SECRET_KEY": "secret",
        "FEIRA_LOG_LEVEL": "debug",
    }


@pytest.fixture(scope="package")
def apart(settings: dict[str, str]) -> dict[str, str]:
    """Settings of a service with a database of its own, while ``service`` has the topics."""
    return {**settings, "FEIRA_KAFKA_BOOTSTRAP": NO_BROKER}


@pytest.fixture(scope="package")
async def service(database: Database, settings: dict[str, str], log: Path) -> AsyncIterator[RunningService]:
    async with running_service("checkout_saga", database, settings, log) as running:
        yield running


@pytest.fixture(scope="package")
async def neighbours(database: Database, service: RunningService) -> AsyncIterator[Neighbours]:
    async with service_pool(database) as pool:
        yield Neighbours(EventStore(pool, MESSAGES), pool)


def caller(service: RunningService, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=service.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)


@pytest.fixture
def logged(service: RunningService, log: Path) -> Callable[[], str]:
    """All that the service has logged by now."""
    return log.read_text


@pytest.fixture
async def shop(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-storefront") as client:
        yield client


@pytest.fixture
async def ops(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-ops") as client:
        yield client


@pytest.fixture
async def admin(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-admin") as client:
        yield client


@pytest.fixture
async def rival(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "rival-admin") as client:
        yield client


@pytest.fixture
async def ledger(gateway: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(gateway, "demo-ops") as client:
        yield client
