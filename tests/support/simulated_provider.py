"""A simulated payment provider as a process, and what a test does to it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from devstack import ports
from tests.support.readiness import until_ready

READY_WITHIN = 30.0


@dataclass
class RunningProvider:
    url: str
    ledger: Path
    process: asyncio.subprocess.Process
    client: httpx.AsyncClient

    async def fault(self, fault: str, times: int = 1, **match: Any) -> None:
        armed = {"match": match, "fault": fault, "times": times}
        (await self.client.post("/_control/faults", json=armed)).raise_for_status()

    async def control(self, path: str, body: dict[str, Any]) -> Any:
        answer = (await self.client.post(f"/_control/{path}", json=body)).raise_for_status()
        return answer.json() if answer.content else None

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


P = TypeVar("P", bound=RunningProvider)


@asynccontextmanager
async def running_provider(
    kind: type[P],
    name: str,
    ledger: Path,
    settings: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[P]:
    """Serve ``simulators.NAME`` on a free port until the end of the block. ``settings``: the simulator's, by
    the end of their names. ``headers``: of the client."""
    port = ports.free()
    prefix = f"FEIRA_{name.upper()}_SIMULATOR_"
    own = {"port": str(port), "ledger": str(ledger), **settings}
    environment = {f"{prefix}{key.upper()}": it for key, it in own.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"simulators.{name}", env={**os.environ, **environment}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False) as client:
            await until_ready(client, process, "/readyz", READY_WITHIN)
            yield kind(url, ledger, process, client)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
