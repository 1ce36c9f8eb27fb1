"""What the contract tests of payment providers need to know of each provider: one entry each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx

from checkout_saga.payments.accounts.safe import Secrets
from checkout_saga.payments.domain.operation import ActionNeeded
from simulators.gateway import tokens
from simulators.paypal import tokens as vault
from simulators.stripe import tokens as stripe
from tests.integration.checkout_saga.conftest import SECRET
from tests.support.parts import Parts
from tests.support.paypal import CLIENT_ID, CLIENT_SECRET, running_paypal
from tests.support.single_service import created_database, running_service
from tests.support.stripe import SECRET_KEY, running_stripe

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
    act: Callable[[ActionNeeded], Awaitable[None]] | None = None
    """What the customer does at the provider; None: nothing that it waits for."""
    looks_up_by_key: bool = True
    """False: of an order without a known id only the same call tells the outcome."""
    secrets: Secrets | None = None
    """Those of the tenant's account; None: it needs none."""


@asynccontextmanager
async def _simulated(parts: Parts) -> AsyncIterator[Settings]:
    database = await created_database("feira_gateway_contract", parts.postgres_superuser_url)
    settings = {"FEIRA_GATEWAY_SECRET": SECRET, "FEIRA_GATEWAY_DOWN_SECONDS": "30"}
    async with running_service("simulators.gateway", database, settings) as service:
        yield {"FEIRA_GATEWAY_URL": service.url, "FEIRA_GATEWAY_SECRET": SECRET}


@asynccontextmanager
async def _stripe(_: Parts) -> AsyncIterator[Settings]:
    with TemporaryDirectory() as folder:
        async with running_stripe(Path(folder) / "ledger.sqlite", down_seconds="6") as stripe:
            yield {"FEIRA_STRIPE_URL": stripe.url}


async def _approve(needed: ActionNeeded) -> None:
    """What the customer does on the provider's page."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        (await browser.post(f"{needed.url}/approve")).raise_for_status()


@asynccontextmanager
async def _paypal(_: Parts) -> AsyncIterator[Settings]:
    with TemporaryDirectory() as folder:
        async with running_paypal(Path(folder) / "ledger", search_lag_seconds="0") as paypal:
            yield {"FEIRA_PAYPAL_URL": paypal.url}


async def _approve_order(needed: ActionNeeded) -> None:
    """What the customer does on the provider's page."""
    page = httpx.URL(needed.url or "").join(f"/checkoutnow/{needed.reference}/approve")
    async with httpx.AsyncClient(trust_env=False) as browser:
        (await browser.post(page)).raise_for_status()


SANDBOXES = {
    "paypal": Sandbox(
        start=_paypal,
        ok=vault.OK,
        declined=vault.DECLINED,
        needs_action=vault.PAYER_ACTION,
        capture_fails=vault.CAPTURE_DECLINED,
        performed_without_answer=vault.AUTHORIZED_WITHOUT_ANSWER,
        down=vault.DOWN,
        act=_approve_order,
        looks_up_by_key=False,
        secrets=Secrets({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "webhook_id": "WH-1"}),
    ),
    "simulated": Sandbox(
        start=_simulated,
        ok=tokens.OK,
        declined=tokens.DECLINED,
        needs_action=tokens.ACTION,
        capture_fails=tokens.CAPTURE_FAILS,
        performed_without_answer=tokens.TIMEOUT,
        down=tokens.DOWN,
    ),
    "stripe": Sandbox(
        start=_stripe,
        ok=stripe.OK,
        declined=stripe.DECLINED,
        needs_action=stripe.ACTION,
        capture_fails=stripe.CAPTURE_FAILS,
        performed_without_answer=stripe.TIMEOUT,
        down=stripe.DOWN,
        act=_approve,
        secrets=Secrets({"secret_key": SECRET_KEY}),
    ),
}
