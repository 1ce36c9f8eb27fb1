"""What strangers do to a service is seen, whether it is guarded or not."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from devstack import ports
from tests.proofs.chaos.faults import hostile_clients
from tests.proofs.chaos.faults.world import NoEffect, World
from tests.support.hostile_clients import ended, holding_still
from tests.support.parts import Parts
from tests.support.single_service import created_database, running_service
from tests.support.stack import RunningStack
from tests.support.waiting import until

UNGUARDED = """
import sys, uvicorn
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})
uvicorn.run(app, port=int(sys.argv[1]), http="httptools", lifespan="off", access_log=False, log_level="error")
"""


Child: TypeAlias = "subprocess.Popen[bytes]"


@dataclass(frozen=True)
class OneService(RunningStack):
    """Stands in for a stack of which nothing matters but one service."""

    url: str = ""
    pid: int = 0

    def status(self) -> dict[str, Any]:
        return {"processes": [self.process("it")]}

    def process(self, name: str) -> dict[str, Any]:
        known = {"name": name, "pid": self.pid, "url": self.url}
        return known | {"state": "ready", "restarts": 0, "rss_bytes": 1}


@pytest.fixture
def unguarded() -> Iterator[World]:
    port = ports.free()
    child = subprocess.Popen((sys.executable, "-c", UNGUARDED, str(port)))
    yield World(OneService({}, child, url=f"http://127.0.0.1:{port}", pid=child.pid))
    child.kill()
    child.wait()


@pytest.fixture
def ended_child() -> Child:
    child = subprocess.Popen((sys.executable, "-c", ""))
    child.wait()
    return child


async def answers(url: str) -> bool:
    try:
        async with holding_still(url, 1):
            return True
    except OSError:
        return False


async def test_a_service_that_spends_its_memory_on_strangers_is_found_out(
    unguarded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = unguarded.stack.process("it")["url"]
    await until(lambda: answers(url))
    monkeypatch.setattr(hostile_clients, "SECONDS", 3.0)

    await hostile_clients.besiege(unguarded, "it", random.Random(1))

    assert len(unguarded.troubles) == 1
    assert "hostile clients made it grow by" in unguarded.troubles[0]


async def test_a_service_of_ours_cuts_them_off_and_does_not_grow(parts: Parts, ended_child: Child) -> None:
    database = await created_database("feira_strangers", parts.postgres_superuser_url)
    short = {"FEIRA_WRITE_SECONDS": "1", "FEIRA_HEADER_SECONDS": "1", "FEIRA_BODY_SECONDS": "1"}
    async with running_service("offer", database, short, once="/livez") as service:
        world = World(OneService({}, ended_child, url=service.url, pid=service.process.pid))

        effect = await hostile_clients.besiege(world, "it", random.Random(1))

        assert world.troubles == []
        assert effect["cut_off"] >= 8
        async with holding_still(service.url, 3) as still, asyncio.timeout(20):
            await asyncio.gather(*map(ended, still))


async def test_strangers_who_find_nobody_have_not_bitten(unguarded: World) -> None:
    unguarded.stack.supervisor.kill()
    unguarded.stack.supervisor.wait()

    with pytest.raises(NoEffect):
        await hostile_clients.besiege(unguarded, "it", random.Random(1))
