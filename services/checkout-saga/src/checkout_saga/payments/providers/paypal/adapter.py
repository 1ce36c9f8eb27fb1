"""PayPal as a payment provider: each tenant's own account, over its interface for orders and payments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
from httpx_aiohttp import AiohttpTransport

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.domain.alarms import ACCOUNT_MISSING
from checkout_saga.payments.domain.entries import Entry, NotListed, Window
from checkout_saga.payments.domain.operation import (
    Declined,
    Instrument,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.providers.paypal import operations
from checkout_saga.payments.providers.paypal.access import AccessTokens, Account
from checkout_saga.payments.providers.paypal.amounts import NotRepresentable
from checkout_saga.payments.providers.paypal.client import Client
from checkout_saga.payments.providers.paypal.lists import Lists
from checkout_saga.payments.providers.paypal.objects import Objects, Settled
from checkout_saga.settings import CheckoutSettings
from kernel.observability import tracing

URLS = {"live": "https://api-m.paypal.com", "test": "https://api-m.sandbox.paypal.com"}
"""By the mode of the account."""
LONGEST_SECONDS = 15.0
"""Above what an account may allow: the limits below are those that count."""
REQUESTS = 2
"""A call takes at most as long as two requests: it is one, and the look-up after it."""

OnAnswer = Callable[[PaymentRequest, Outcome], Awaitable[None]]
"""Called with each outcome: it may say whether the provider takes the account's credentials."""
AccountOf = Callable[[PaymentRequest | Window], Awaitable[Account | None]]
"""The account that is asked; None: the tenant has none."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def connect(settings: CheckoutSettings, vault: Vault, accounts: Accounts) -> AsyncIterator[PayPal]:
    async def account_of(request: PaymentRequest | Window) -> Account | None:
        found = await accounts.of(request)
        if found is None:
            return None
        url, known = settings.paypal_url or URLS[found.mode], found.secrets.credentials
        return Account(url, known["client_id"], known["client_secret"], found.timeout_seconds)

    async def note_answer(request: PaymentRequest, outcome: Outcome) -> None:
        if found := await accounts.of(request):
            await accounts.note_answer(found, outcome)

    async with httpx.AsyncClient(
        timeout=LONGEST_SECONDS,
        transport=AiohttpTransport(trust_env=False),
        follow_redirects=False,
        trust_env=False,
        event_hooks={"request": [_carry_trace]},
    ) as client:
        api = Client(client, AccessTokens(client, time.monotonic))
        yield PayPal(api, vault, account_of, on_answer=note_answer)


async def _carry_trace(request: httpx.Request) -> None:
    if traceparent := tracing.carried.get():
        request.headers["traceparent"] = traceparent


class PayPal:
    def __init__(
        self,
        client: Client,
        vault: Vault,
        account_of: AccountOf,
        clock: Callable[[], datetime] = utc_now,
        on_answer: OnAnswer | None = None,
    ) -> None:
        """``clock``: against which the life of request ids and the lag of the search are measured."""
        self._client = client
        self._vault = vault
        self._account_of = account_of
        self._clock = clock
        self._on_answer = on_answer

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:  # noqa: ARG002
        """A repeated call needs no look-up before it: the same request under its request id is one."""
        done = await self._limited(request, self._performed)
        return done or Unknown(f"The outcome of {request.operation} is not known.")

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        return await self._limited(request, operations.look_up)

    async def describe(self, request: PaymentRequest) -> Instrument | None:  # noqa: ARG002  # as the port has it
        """PayPal tells nothing about its vaulted tokens before it charges them."""
        return None

    async def entries(self, window: Window) -> Sequence[Entry]:
        account = await self._account_of(window)
        if account is None:
            raise NotListed(Unknown("The tenant has no account at the provider.", alarm=ACCOUNT_MISSING))
        return await Lists(self._client, account).entries(window)

    async def _performed(self, objects: Objects) -> Outcome:
        request = objects.request
        if request.operation is not Operation.AUTHORIZE:
            return await operations.WITHOUT_TOKEN[request.operation](objects)
        sealed, customer_id = request.payment_token or "", request.customer_id or ""
        opened = await self._vault.open(request.merchant, customer_id, sealed)
        if opened is None:
            return Declined("PAYMENT_DECLINED", "The customer's payment details were erased.")
        return await operations.authorize(objects, opened["token"])

    async def _limited(
        self, request: PaymentRequest, act: Callable[[Objects], Awaitable[Outcome | None]]
    ) -> Outcome | None:
        account = await self._account_of(request)
        if account is None:
            return Unknown("The tenant has no account at the provider.", alarm=ACCOUNT_MISSING)
        try:
            async with asyncio.timeout(account.seconds * REQUESTS):
                outcome = await act(Objects(self._client, account, request, self._clock()))
            return await self._noticed(request, outcome)
        except Settled as settled:
            return await self._noticed(request, settled.outcome)
        except NotRepresentable as error:
            return Declined("PAYMENT_DECLINED", str(error))
        except TimeoutError:
            return Unknown(f"No response to {request.operation} in time.", timed_out=True)

    async def _noticed(self, request: PaymentRequest, outcome: Outcome | None) -> Outcome | None:
        if outcome and self._on_answer:
            await self._on_answer(request, outcome)
        return outcome
