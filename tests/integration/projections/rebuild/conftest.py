"""Topics that hold nothing but what these tests publish, and somebody who asks for runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from cli.stack.databases import Database
from tests.support.parts import Parts, running_parts
from tests.support.served import RunningService, created_database, running_service
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

    async def ask(self, kind: str, name: str, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._client.post(f"/v1/projections/{name}/{kind}", headers=headers)

    async def see(self, name: str) -> dict[str, Any]:
        answer = await self._client.get(f"/v1/projections/{name}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def begin(self, kind: str, name: str) -> str:
        answer = await self.ask(kind, name)
        assert answer.status_code == 202, answer.text
        begun: dict[str, Any] = answer.json()
        assert (begun["kind"], begun["state"]) == (kind, "running")
        run_id: str = begun["run_id"]
        return run_id

    async def ended(self, name: str, run_id: str) -> dict[str, Any]:
        """The run, when it is over."""
        run: dict[str, Any] = {}

        async def over() -> bool:
            run.update((await self.see(name))["run"])
            return bool(run["run_id"] == run_id and run["state"] != "running")

        await until(over, limit=60)
        return run

    async def have(self, kind: str, name: str) -> dict[str, Any]:
        """Begun, and brought to an end that is none by failure."""
        run = await self.ended(name, await self.begin(kind, name))
        assert run["state"] == "completed", run["error"]
        assert run["events_done"] == run["events_total"]
        return run
