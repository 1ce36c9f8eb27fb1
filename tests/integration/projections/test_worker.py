"""The worker of statistical models is a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from devstack.databases import Database
from kernel.postgres.service_pool import ServicePool
from tests.integration.projections.test_model_runs import RUN, RUNS, SHOP, emptied, sell
from tests.support.single_service import RunningService, running_service
from tests.support.waiting import until

__all__ = ["emptied"]
AT_MIDNIGHT = {"FEIRA_MODEL_RUN_TIMES": "00:00"}
"""The night of this day is behind a worker that starts."""
STOP_WITHIN = 8.0
TOO_MUCH = """
from projections.worker import limit_resources
limit_resources(256)
import numpy
try:
    numpy.ones(2**27)
except MemoryError:
    print("refused")
"""


@pytest.fixture
async def worker(database: Database, emptied: ServicePool) -> AsyncIterator[RunningService]:
    async with running_service("projections", database, AT_MIDNIGHT, program="projections.worker") as worker:
        yield worker


def libraries_of(pid: int) -> set[str]:
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {name for name in ("numpy", "scipy") if f"/{name}/" in maps}


async def test_a_run_that_is_asked_for_is_carried_out_by_the_worker_alone(
    service: RunningService,
    worker: RunningService,
    emptied: ServicePool,
    caller: Callable[[str], httpx.AsyncClient],
) -> None:
    analyst = caller("demo-analyst")
    await sell(emptied, SHOP)
    assert libraries_of(worker.process.pid) == set(), "they are loaded with the first run"
    assert (await analyst.post(RUN)).status_code == 202

    async def ended() -> bool:
        items: list[dict[str, Any]] = (await analyst.get(RUNS)).json()["items"]
        return bool(items) and all(it["finished_at"] for it in items)

    await until(ended, 60)

    states = {it["model"]: it["state"] for it in (await analyst.get(RUNS)).json()["items"]}
    assert states == {"customer_segments": "done", "customer_value": "too_few", "forecasts": "too_few"}
    assert libraries_of(worker.process.pid) == {"numpy", "scipy"}
    assert libraries_of(service.process.pid) == set()


async def test_the_worker_has_probes_and_metrics_and_stops_at_a_signal(worker: RunningService) -> None:
    async with httpx.AsyncClient(base_url=worker.url) as client:
        assert (await client.get("/livez")).json() == {"status": "live"}
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        metrics = (await client.get("/metrics")).text
    assert "feira_model_run" in metrics
    assert 'feira_loop_stale{loop="models"} 0.0' in metrics
    assert "feira_relay" not in metrics

    began = monotonic()
    worker.process.send_signal(signal.SIGTERM)

    assert await worker.process.wait() == 0
    assert monotonic() - began < STOP_WITHIN


def test_a_fit_cannot_take_more_memory_than_it_may() -> None:
    done = subprocess.run([sys.executable, "-c", TOO_MUCH], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "refused"
