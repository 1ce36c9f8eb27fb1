"""What the contract tests of payment providers need to know of each provider: one entry each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple

from simulators.gateway import tokens
from tests.integration.checkout_saga.conftest import SECRET
from tests.support.parts import Parts
from tests.support.single_service import created_database, running_service

Settings = dict[str, str]


class Sandbox(NamedTuple):
    """``start`` starts the provider's simulator, or knows its test system, and yields the service's settings
    for it, by their names in the environment. The tokens bring the provider to behave as their names say."""

    start: Callable[[Parts], AbstractAsyncContextManager[Settings]]
    ok: str
    declined: str
    needs_action: str
    capture_fails: str
    performed_without_answer: str
    down: str
    """Neither performs nor answers anything for at least three seconds."""


@asynccontextmanager
async def _simulated(parts: Parts) -> AsyncIterator[Settings]:
    database = await created_database("feira_gateway_contract", parts.postgres_superuser_url)
    settings = {"FEIRA_GATEWAY_SECRET": SECRET, "FEIRA_GATEWAY_DOWN_SECONDS": "30"}
    async with running_service("simulators.gateway", database, settings) as service:
        yield {"FEIRA_GATEWAY_URL": service.url, "FEIRA_GATEWAY_SECRET": SECRET}


SANDBOXES = {
    "simulated": Sandbox(
        start=_simulated,
        ok=tokens.OK,
        declined=tokens.DECLINED,
        needs_action=tokens.ACTION,
        capture_fails=tokens.CAPTURE_FAILS,
        performed_without_answer=tokens.TIMEOUT,
        down=tokens.DOWN,
    )
}
