"""Stripe as a payment provider: the tenant's account, the customer's token, and no exception."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts, OpenAccount
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
from checkout_saga.payments.providers.stripe import lists, requests
from checkout_saga.payments.providers.stripe.account_calls import AccountCalls
from checkout_saga.payments.providers.stripe.amounts import AmountNotPossible
from checkout_saga.payments.providers.stripe.failures import Failure, judged_error
from checkout_saga.payments.providers.stripe.intents import instrument_of
from checkout_saga.payments.providers.stripe.refusals import refused
from checkout_saga.payments.providers.stripe.wire import TooManyToSearch, Wire
from checkout_saga.settings import CheckoutSettings

PUSHED = {"pix", "boleto"}
"""Paid without a token."""
DESCRIBING_SECONDS = 2.0
ERASED = Declined("PAYMENT_DECLINED", "The customer's payment token was erased.")
NO_ACCOUNT = Unknown("The shop has no account at the provider.", alarm=ACCOUNT_MISSING)


@asynccontextmanager
async def connect(
    settings: CheckoutSettings, vault: Vault, accounts: Accounts
) -> AsyncIterator[StripeProvider]:
    http = stripe.HTTPXClient()
    try:
        yield StripeProvider(http, vault, accounts, settings.stripe_url)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]  # as the SDK has it


class StripeProvider:
    def __init__(
        self, http: stripe.HTTPXClient, vault: Vault, accounts: Accounts, base_url: str | None
    ) -> None:
        """``base_url``: None: the provider's own."""
        self._http = http
        self._vault = vault
        self._accounts = accounts
        self._base_url = base_url
        self._wires: dict[UUID, Wire] = {}

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        account = await self._accounts.of(request)
        if account is None:
            return NO_ACCOUNT
        calls = self._calls(account)
        try:
            async with asyncio.timeout(2 * account.timeout_seconds):
                outcome = await self._perform(calls, request, again=again)
        except Exception as error:  # sorted below: what is not the provider's is raised again
            return await self._outcome_of(error, account, request)
        await self._accounts.note_answer(account, outcome)
        return outcome

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        account = await self._accounts.of(request)
        if account is None:
            return NO_ACCOUNT
        try:
            async with asyncio.timeout(2 * account.timeout_seconds):
                return await self._calls(account).find(request)
        except Exception as error:  # sorted below: what is not the provider's is raised again
            found = await self._outcome_of(error, account, request)
            return found if isinstance(found, Unknown) else Unknown(f"The look-up failed: {found}.")

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        account = await self._accounts.of(request)
        token = await self._token(request)
        if account is None or token is None:
            return None
        try:
            async with asyncio.timeout(DESCRIBING_SECONDS):
                method = await self._wire(account).payment_method(token)
        except (stripe.StripeError, TimeoutError):
            return None
        return instrument_of(method["card"]) if method.get("card") else None

    async def entries(self, window: Window) -> Sequence[Entry]:
        account = await self._accounts.of(window)
        if account is None:
            raise NotListed(NO_ACCOUNT)
        try:
            return await lists.entries(self._wire(account), window)
        except TimeoutError:
            raise NotListed(Unknown("No response to list: TimeoutError.", timed_out=True)) from None
        except stripe.StripeError as error:
            failure = judged_error(Operation.AUTHORIZE, error)
            await self._note(failure, account)
            raise NotListed(Unknown(f"The list failed: {error.code}.", alarm=failure.outcome.alarm)) from None

    async def _perform(self, calls: AccountCalls, request: PaymentRequest, *, again: bool) -> Outcome:
        match request.operation:
            case Operation.AUTHORIZE:
                token = await self._token(request)
                if token is None and request.method not in PUSHED:
                    return ERASED
                billing = await self._opened(request, request.billing_details)
                params = requests.new_intent(request, token, billing, datetime.now(UTC))
                return await calls.authorize(request, params, again=again)
            case Operation.CONFIRM:
                return await calls.confirm(request)
            case Operation.CAPTURE:
                return await calls.capture(request, again=again)
            case Operation.VOID:
                return await calls.void(request)
            case Operation.REFUND:
                return await calls.refund(request, again=again)

    async def _outcome_of(self, error: Exception, account: OpenAccount, request: PaymentRequest) -> Outcome:
        match error:
            case TimeoutError():
                return Unknown(f"No response to {request.operation}: TimeoutError.", timed_out=True)
            case TooManyToSearch():
                return Unknown("The provider has too many payments to search.", alarm="search_too_long")
            case AmountNotPossible():
                return refused(request.operation, str(error))
            case stripe.StripeError():  # of a look-up: it proves nothing about the operation
                failure = judged_error(request.operation, error)
                await self._note(failure, account)
                found = failure.outcome
                if isinstance(found, Unknown):
                    return found
                return Unknown(f"The look-up failed: {error.code}.", alarm=found.alarm)
            case _:
                raise error

    def _calls(self, account: OpenAccount) -> AccountCalls:
        async def note(failure: Failure) -> None:
            await self._note(failure, account)

        return AccountCalls(self._wire(account), note)

    async def _note(self, failure: Failure, account: OpenAccount) -> None:
        if failure.credentials_refused:
            await self._accounts.refused(account)

    def _wire(self, account: OpenAccount) -> Wire:
        wire = self._wires.get(account.secrets_id)
        if wire is None:
            key = account.secrets.credentials["secret_key"]
            wire = Wire(key, self._base_url, self._http, account.timeout_seconds)
            self._wires[account.secrets_id] = wire
        return wire

    async def _token(self, request: PaymentRequest) -> str | None:
        opened = await self._opened(request, request.payment_token)
        return opened["token"] if opened else None

    async def _opened(self, request: PaymentRequest, sealed: str | None) -> dict[str, Any] | None:
        if not sealed or request.customer_id is None:
            return None
        return await self._vault.open(request.merchant, request.customer_id, sealed)
