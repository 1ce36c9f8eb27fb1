"""The contract of every registered payment provider, against its simulator or test system."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts, OpenAccount
from checkout_saga.payments.accounts.safe import Secrets
from checkout_saga.payments.domain.entries import EntryKind, EntryState, Window
from checkout_saga.payments.domain.names import idempotency_key, payment_id_of
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.providers.registry import PROVIDERS, connect_providers
from checkout_saga.settings import CheckoutSettings
from tests.integration.checkout_saga.conftest import SECRET
from tests.integration.checkout_saga.payments.sandboxes import SANDBOXES, Sandbox
from tests.support.parts import Parts

AMOUNT = 1999
ACCOUNT = uuid4()
MONEY_BACK = (Operation.VOID, Operation.REFUND)


class OpenVault(Vault):
    """A vault without encryption."""

    def __init__(self) -> None:
        """Needs no keys."""

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        return {"token": sealed} if sealed else None


class OneAccount(Accounts):
    """One account for all tenants, or none; needs no database."""

    def __init__(self, secrets: Secrets | None) -> None:
        self._secrets = secrets

    async def of(self, asked: PaymentRequest | Window) -> OpenAccount | None:
        if self._secrets is None:
            return None
        return OpenAccount(ACCOUNT, asked.merchant, "test", 1.0, ACCOUNT, self._secrets)

    async def note_answer(self, account: OpenAccount, outcome: Outcome) -> None:
        """Keeps no health of the credentials."""


@dataclass
class Payer:
    """Pays one checkout at one provider."""

    gateway: str
    provider: PaymentProvider
    token: str
    checkout_id: UUID
    references: dict[Operation, str] = field(default_factory=dict)
    """The provider's ids, as the facts would have recorded them."""
    off_session: bool = False

    def request(self, operation: Operation, intent: int = 1, amount: int = AMOUNT) -> PaymentRequest:
        authorizes = operation is Operation.AUTHORIZE
        return PaymentRequest(
            operation=operation,
            key=idempotency_key(self.checkout_id, operation, intent),
            gateway=self.gateway,
            merchant="demo",
            payment_id=payment_id_of(self.checkout_id),
            checkout_id=self.checkout_id,
            amount=amount,
            currency="USD",
            payment_token=self.token if authorizes else None,
            customer_id="customer-1",
            reason="came back" if operation in MONEY_BACK else None,
            return_url="https://shop.example/back" if authorizes else None,
            off_session=self.off_session and authorizes,
            reference=self.references.get(
                Operation.CAPTURE if operation is Operation.REFUND else Operation.AUTHORIZE
            ),
        )

    async def perform(self, operation: Operation, intent: int = 1, *, again: bool = False) -> Outcome:
        outcome = await self.provider.perform(self.request(operation, intent), again=again)
        if isinstance(outcome, Done | ActionNeeded):
            kept = Operation.AUTHORIZE if operation is Operation.CONFIRM else operation
            self.references[kept] = outcome.reference
        return outcome


@dataclass
class Counter:
    """Where customers come to pay at one provider."""

    gateway: str
    sandbox: Sandbox
    provider: PaymentProvider

    def payer(self, token: str) -> Payer:
        return Payer(self.gateway, self.provider, token, uuid4())


@asynccontextmanager
async def opened_counter(gateway: str, sandbox: Sandbox, parts: Parts) -> AsyncIterator[Counter]:
    """``gateway``: a provider of the registry."""
    async with sandbox.start(parts) as started:
        chosen = {name.removeprefix("FEIRA_").lower(): value for name, value in started.items()}
        settings = CheckoutSettings.model_validate(
            {
                "port": 1,
                "database_url": "postgresql://nobody@127.0.0.1/none",
                "kafka_bootstrap": "127.0.0.1:1",
                "master_key": bytes(32),
                "gateway_url": "http://127.0.0.1:1",
                "gateway_secret": SECRET,
                "gateway_timeout_seconds": 1,
                **chosen,
            }
        )
        async with connect_providers(settings, OpenVault(), OneAccount(sandbox.secrets)) as providers:
            yield Counter(gateway, sandbox, providers)


@pytest.fixture(scope="module", params=sorted(PROVIDERS))
async def counter(request: pytest.FixtureRequest, parts: Parts) -> AsyncIterator[Counter]:
    async with opened_counter(request.param, SANDBOXES[request.param], parts) as counter:
        yield counter


async def test_a_customer_who_is_not_there_is_charged_by_the_kept_token(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.ok)
    payer.off_session = True
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
        outcome = await payer.perform(operation)
        assert isinstance(outcome, Done)
        assert outcome.amount == AMOUNT


async def test_what_the_provider_wants_of_a_customer_who_is_not_there_is_an_action(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.needs_action)
    payer.off_session = True
    assert isinstance(await payer.perform(Operation.AUTHORIZE), ActionNeeded)


async def test_each_operation_is_performed_with_its_amount_and_a_reference(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.ok)
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND):
        done = await payer.perform(operation)
        assert isinstance(done, Done)
        assert (done.amount, bool(done.reference)) == (AMOUNT, True)


async def test_a_capture_is_looked_up_by_its_own_reference(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.ok)
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
        await payer.perform(operation)
    captured = payer.references[Operation.CAPTURE]
    asked = replace(payer.request(Operation.CAPTURE), reference=captured)
    found = await counter.provider.look_up(asked)
    assert isinstance(found, Done)
    assert (found.reference, found.amount) == (captured, AMOUNT)


@pytest.mark.parametrize("again", [False, True], ids=["blindly", "after a look-up"])
async def test_a_repeated_operation_has_the_first_outcome_and_no_second_effect(
    counter: Counter, again: bool
) -> None:
    payer = counter.payer(counter.sandbox.ok)
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND):
        first = await payer.perform(operation)
        assert isinstance(first, Done)
        assert await payer.perform(operation, again=again) == first
    beyond = await payer.perform(Operation.REFUND, 2)
    assert isinstance(beyond, Declined)


async def test_what_is_held_captured_and_refunded_is_listed_with_our_ids(counter: Counter) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    held, ended, sold = (counter.payer(counter.sandbox.ok) for _ in range(3))
    for payer in (held, ended, sold):
        await payer.perform(Operation.AUTHORIZE)
    await ended.perform(Operation.VOID)
    for operation in (Operation.CAPTURE, Operation.REFUND):
        await sold.perform(operation)
    window = Window(counter.gateway, "demo", began, datetime.now(UTC) + timedelta(seconds=2))
    listed = await counter.provider.entries(window)
    ours = {
        payer.checkout_id: {
            (it.kind, it.state, it.payment_id, it.amount, it.currency)
            for it in listed
            if it.checkout_id == payer.checkout_id and it.kind is not EntryKind.FEE
        }
        for payer in (held, ended, sold)
    }
    of_held, of_sold = payment_id_of(held.checkout_id), payment_id_of(sold.checkout_id)
    assert ours == {
        held.checkout_id: {(EntryKind.AUTHORIZATION, EntryState.OPEN, of_held, AMOUNT, "USD")},
        ended.checkout_id: set(),
        sold.checkout_id: {
            (EntryKind.CAPTURE, EntryState.DONE, of_sold, AMOUNT, "USD"),
            (EntryKind.REFUND, EntryState.DONE, of_sold, AMOUNT, "USD"),
        },
    }
    (refund,) = (it for it in listed if it.kind is EntryKind.REFUND and it.payment_id == of_sold)
    assert (refund.reference, refund.key) == (
        sold.references[Operation.REFUND],
        sold.request(Operation.REFUND).key,
    )
    elsewhere = window._replace(since=began - timedelta(hours=1), until=began)
    assert not [it for it in await counter.provider.entries(elsewhere) if it.checkout_id in ours]


async def test_concurrent_calls_under_one_key_are_performed_once(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.ok)
    outcomes = await asyncio.gather(*(payer.perform(Operation.AUTHORIZE) for _ in range(3)))
    done = [it for it in outcomes if isinstance(it, Done)]
    assert done
    assert len(set(done)) == 1


async def test_a_look_up_tells_the_outcome_and_performs_nothing(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.ok)
    request = payer.request(Operation.AUTHORIZE)
    before = await payer.provider.look_up(request)
    assert before is None if counter.sandbox.looks_up_by_key else isinstance(before, Unknown)
    done = await payer.perform(Operation.AUTHORIZE)
    assert await payer.provider.look_up(payer.request(Operation.AUTHORIZE)) == done


async def test_a_declined_authorization_has_a_code_and_a_text(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.declined)
    declined = await payer.perform(Operation.AUTHORIZE)
    assert isinstance(declined, Declined)
    assert (declined.code, bool(declined.detail)) == ("PAYMENT_DECLINED", True)
    assert await payer.perform(Operation.AUTHORIZE, again=True) == declined


async def test_an_erased_customer_s_payment_is_declined(counter: Counter) -> None:
    assert isinstance(await counter.payer("").perform(Operation.AUTHORIZE), Declined)


async def test_an_authorization_that_needs_the_customer_is_confirmed_under_a_key_of_its_own(
    counter: Counter,
) -> None:
    payer = counter.payer(counter.sandbox.needs_action)
    needed = await payer.perform(Operation.AUTHORIZE)
    assert isinstance(needed, ActionNeeded)
    assert (needed.url or "").startswith("http")
    if counter.sandbox.act:
        await counter.sandbox.act(needed)
    assert isinstance(await payer.perform(Operation.CONFIRM, 2), Done)
    assert isinstance(await payer.perform(Operation.CAPTURE), Done)


async def test_a_refused_capture_is_no_unknown_outcome_and_can_be_voided(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.capture_fails)
    await payer.perform(Operation.AUTHORIZE)
    refused = await payer.perform(Operation.CAPTURE)
    assert isinstance(refused, Declined)
    assert refused.code == "CAPTURE_FAILED"
    assert isinstance(await payer.perform(Operation.VOID), Done)


async def test_a_void_succeeds_without_an_authorization_and_forbids_a_later_one(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.ok)
    void = await payer.perform(Operation.VOID)
    assert isinstance(void, Done)
    assert void.amount == 0
    assert isinstance(await payer.perform(Operation.AUTHORIZE), Declined)


async def test_an_operation_without_an_answer_is_found_by_its_key(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.performed_without_answer)
    done = await payer.perform(Operation.AUTHORIZE)
    assert isinstance(done, Done)
    assert await payer.perform(Operation.AUTHORIZE, again=True) == done


async def test_a_provider_that_does_not_answer_leaves_the_outcome_unknown(counter: Counter) -> None:
    payer = counter.payer(counter.sandbox.down)
    unknown = await payer.perform(Operation.AUTHORIZE)
    assert isinstance(unknown, Unknown)
    assert unknown.timed_out
    assert isinstance(await payer.provider.look_up(payer.request(Operation.AUTHORIZE)), Unknown)
