"""The checkout service with two shops' accounts at the simulated Stripe and PayPal, all as processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from contracts.topics import MESSAGES
from kernel.store.event_store import EventStore
from simulators.paypal.certificates import Signer
from simulators.provider.ledger import Ledger
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.integration.checkout_saga.webhooks.senders import (
    CREDENTIALS,
    METHODS,
    SECRETS,
    Sender,
    SendsAsPayPal,
    SendsAsStripe,
)
from tests.support.database import service_pool
from tests.support.parts import Parts
from tests.support.paypal import RunningPayPal, running_paypal
from tests.support.single_service import RunningService, created_database, running_service
from tests.support.stripe import RunningStripe, running_stripe

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="package")
async def stripe(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStripe]:
    async with running_stripe(tmp_path_factory.mktemp("stripe") / "ledger.sqlite") as running:
        yield running


@pytest.fixture(scope="package")
async def paypal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningPayPal]:
    async with running_paypal(tmp_path_factory.mktemp("paypal") / "ledger") as running:
        yield running


@pytest.fixture(scope="package")
def authority(paypal: RunningPayPal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate that PayPal's signatures end in."""
    path: Path = tmp_path_factory.mktemp("authority") / "root.pem"
    path.write_text(Signer(Ledger(paypal.ledger)).root)
    return path


@pytest.fixture(scope="package")
async def connected(
    parts: Parts,
    apart: dict[str, str],
    stripe: RunningStripe,
    paypal: RunningPayPal,
    authority: Path,
) -> AsyncIterator[tuple[RunningService, Neighbours]]:
    """The service, and what answers its commands, on a database of their own."""
    providers = {
        "FEIRA_STRIPE_URL": stripe.url,
        "FEIRA_PAYPAL_URL": paypal.url,
        "FEIRA_PAYPAL_CA_FILE": str(authority),
    }
    database = await created_database("feira_webhooks", parts.postgres_superuser_url)
    async with (
        running_service("checkout_saga", database, apart | providers, once="/livez") as service,
        service_pool(database) as pool,
    ):
        yield service, Neighbours(EventStore(pool, MESSAGES), pool)


@pytest.fixture(scope="package")
async def urls(connected: tuple[RunningService, Neighbours]) -> dict[tuple[str, str], str]:
    """Where webhooks go, by tenant and provider: both shops have an account at both."""
    found = {}
    for tenant in ("demo", "rival"):
        async with caller(connected[0], f"{tenant}-admin") as admin:
            for gateway, methods in METHODS.items():
                account = {
                    "enabled": True,
                    "mode": "test",
                    "methods": methods,
                    "credentials": CREDENTIALS[tenant, gateway],
                    "webhook_secrets": SECRETS[tenant],
                }
                answer = await admin.put(
                    f"/v1/payment-accounts/{gateway}",
                    json=account,
                    headers={"Idempotency-Key": uuid4().hex},
                )
                assert answer.status_code == 200, answer.text
                found[tenant, gateway] = str(answer.json()["webhook_url"])
    return found


@pytest.fixture
def service(connected: tuple[RunningService, Neighbours]) -> RunningService:
    return connected[0]


@pytest.fixture
def neighbours(connected: tuple[RunningService, Neighbours]) -> Neighbours:
    return connected[1]


@pytest.fixture
async def shop(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-storefront") as client:
        yield client


@pytest.fixture(params=["stripe", "paypal"])
async def sender(
    request: pytest.FixtureRequest,
    service: RunningService,
    urls: dict[tuple[str, str], str],
    paypal: RunningPayPal,
) -> AsyncIterator[Sender]:
    """Each provider in turn. It has no API key."""
    async with httpx.AsyncClient(base_url=service.url, headers=JSON, timeout=30) as client:
        if request.param == "stripe":
            yield SendsAsStripe(client, urls)
        else:
            yield SendsAsPayPal(client, urls, Signer(Ledger(paypal.ledger)), paypal.url)


@pytest.fixture
async def as_stripe(
    service: RunningService, urls: dict[tuple[str, str], str]
) -> AsyncIterator[SendsAsStripe]:
    async with httpx.AsyncClient(base_url=service.url, headers=JSON, timeout=30) as client:
        yield SendsAsStripe(client, urls)
