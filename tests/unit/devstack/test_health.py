"""The health of a stack is read within one time limit, however many parts hang."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from contracts.topology import STACK_NAMES
from devstack import health


async def test_parts_that_accept_and_never_answer_are_left_out_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "LIMIT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        port = silent.getsockname()[1]
        databases = {it: f"postgresql://nobody@127.0.0.1:{port}/{it}" for it in STACK_NAMES}
        urls = dict.fromkeys(STACK_NAMES, f"http://127.0.0.1:{port}")
        began = time.monotonic()
        async with asyncio.timeout(30):
            found = await health.read_health(
                databases, f"127.0.0.1:{port}", urls, "a-key", processes=urls, runs_kafka=False
            )
        took = time.monotonic() - began

    assert took < 5, "one limit of half a second for all, not one after the other"
    assert found["missing"] == dict.fromkeys(urls)
    assert (found["checkouts"], found["lag"]["read_models"]) == (None, None)
