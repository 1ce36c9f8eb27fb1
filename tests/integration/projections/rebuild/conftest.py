"""A stack whose topics hold only the facts of these tests, and a client that requests runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from devstack.databases import Database
from tests.support.parts import Parts, running_parts
from tests.support.single_service import RunningService, created_database, running_service
from tests.support.waiting import until


@pytest.fixture(scope="package")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("rebuilding")) as parts:
        yield parts


@pytest.fixture(scope="package")
async def database(parts: Parts) -> Database:
    return await created_database("feira_projections", parts.postgres_superuser_url)


@pytest.fixture(scope="package")
async def service(parts: Parts, database: Database) -> AsyncIterator[RunningService]:
    async with another_service(parts, database) as service:
        yield service


def another_service(parts: Parts, database: Database) -> Any:
    return running_service("projections", database, {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap})


@pytest.fixture
async def operator(caller: Callable[[str], httpx.AsyncClient]) -> Operator:
    return Operator(caller("demo-ops"))


class Operator:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def request(self, kind: str, name: str, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._client.post(f"/v1/projections/{name}/{kind}", headers=headers)

    async def get(self, name: str) -> dict[str, Any]:
        response = await self._client.get(f"/v1/projections/{name}")
        assert response.status_code == 200, response.text
        model: dict[str, Any] = response.json()
        return model

    async def start(self, kind: str, name: str) -> str:
        response = await self.request(kind, name)
        assert response.status_code == 202, response.text
        run: dict[str, Any] = response.json()
        assert (run["kind"], run["state"]) == (kind, "running")
        run_id: str = run["run_id"]
        return run_id

    async def wait_for_end(self, name: str, run_id: str) -> dict[str, Any]:
        """The run after its end."""
        run: dict[str, Any] = {}

        async def has_ended() -> bool:
            run.update((await self.get(name))["run"])
            return bool(run["run_id"] == run_id and run["state"] != "running")

        await until(has_ended, limit=60)
        return run

    async def complete(self, kind: str, name: str) -> dict[str, Any]:
        """Start a run, wait for its end and check that it succeeded."""
        run = await self.wait_for_end(name, await self.start(kind, name))
        assert run["state"] == "completed", run["error"]
        assert run["events_done"] == run["events_total"]
        return run
