"""The PayPal adapter against the simulated PayPal: faults, lost answers, old request ids, lost orders."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.entries import Window
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
from checkout_saga.payments.providers.paypal import bodies
from checkout_saga.payments.providers.paypal.access import AccessTokens, Account
from checkout_saga.payments.providers.paypal.adapter import PayPal
from checkout_saga.payments.providers.paypal.client import Client
from simulators.paypal import tokens
from tests.support.paypal import CLIENT_ID, CLIENT_SECRET, RunningPayPal, running_paypal

FAULTS = ("executed_then_timeout", "timeout", "500", "429", "slow")
PATHS = {
    Operation.AUTHORIZE: "/orders$",
    Operation.CONFIRM: "/authorize$",
    Operation.CAPTURE: "/capture$",
    Operation.VOID: "/void$",
    Operation.REFUND: "/refund$",
}


class OpenVault(Vault):
    """A vault without encryption."""

    def __init__(self) -> None:
        """Needs no keys."""

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        return {"token": sealed} if sealed else None


@dataclass
class Shop:
    """A merchant whose clock moves with the provider's."""

    paypal: RunningPayPal
    provider: PayPal
    shift: list[float]

    async def move(self, **delta: float) -> None:
        seconds = timedelta(**delta).total_seconds()
        await self.paypal.control("clock", {"seconds": seconds})
        self.shift[0] += seconds

    def payer(self, token: str = tokens.OK) -> Payer:
        return Payer(self, token)


@dataclass
class Payer:
    shop: Shop
    token: str
    checkout_id: UUID = field(default_factory=uuid4)
    currency: str = "USD"
    amount: int = 1999
    references: dict[Operation, str] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.began += timedelta(seconds=self.shop.shift[0])

    def request(self, operation: Operation, intent: int = 1) -> PaymentRequest:
        refunds = operation is Operation.REFUND
        known = Operation.CAPTURE if refunds else Operation.AUTHORIZE
        return PaymentRequest(
            operation=operation,
            key=idempotency_key(self.checkout_id, operation, intent),
            gateway="paypal",
            merchant="demo",
            payment_id=payment_id_of(self.checkout_id),
            checkout_id=self.checkout_id,
            amount=self.amount,
            currency=self.currency,
            payment_token=self.token if operation is Operation.AUTHORIZE else None,
            customer_id="customer-1",
            reference=self.references.get(known),
            requested_at=self.began,
        )

    async def does(self, operation: Operation, intent: int = 1, *, again: bool = False) -> Outcome:
        outcome = await self.shop.provider.perform(self.request(operation, intent), again=again)
        if isinstance(outcome, Done | ActionNeeded):
            kept = Operation.AUTHORIZE if operation is Operation.CONFIRM else operation
            self.references[kept] = outcome.reference
        return outcome

    async def until_known(self, operation: Operation) -> Outcome:
        """As the service repeats a call: under its key, until its outcome is known."""
        for _ in range(5):
            outcome = await self.does(operation, again=True)
            if not isinstance(outcome, Unknown):
                return outcome
        raise AssertionError(outcome)

    async def moved(self) -> list[tuple[str, str]]:
        """What the provider's books have for this payment, as of a few hours ago."""
        headers = {"Authorization": f"Bearer {await access_token(self.shop.paypal)}"}
        now = datetime.now(UTC) + timedelta(seconds=self.shop.shift[0])
        window = {"start_date": (now - timedelta(days=30)).isoformat(), "end_date": now.isoformat()}
        page = await self.shop.paypal.client.get(
            "/v1/reporting/transactions", params={**window, "page_size": "500"}, headers=headers
        )
        lines = [it["transaction_info"] for it in page.raise_for_status().json()["transaction_details"]]
        mine = [it for it in lines if it.get("invoice_id") == str(payment_id_of(self.checkout_id))]
        return [(it["transaction_event_code"], it["transaction_amount"]["value"]) for it in mine]


async def after_the_lag(payer: Payer) -> Payer:
    await payer.shop.move(hours=3, seconds=10)
    return payer


async def access_token(paypal: RunningPayPal) -> str:
    answer = await paypal.client.post(
        "/v1/oauth2/token", auth=(CLIENT_ID, CLIENT_SECRET), data={"grant_type": "client_credentials"}
    )
    token: str = answer.json()["access_token"]
    return token


@asynccontextmanager
async def opened(
    paypal: RunningPayPal,
    secret: str = CLIENT_SECRET,
    seconds: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Shop]:
    account, shift = Account(paypal.url, CLIENT_ID, secret, seconds), [0.0]

    async def account_of(_: PaymentRequest | Window) -> Account:
        return account

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=shift[0])

    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        provider = PayPal(Client(client, AccessTokens(client, clock)), OpenVault(), account_of, now)
        yield Shop(paypal, provider, shift)


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningPayPal]:
    """A provider whose search does not lag."""
    ledger = tmp_path_factory.mktemp("paypal") / "ledger"
    async with running_paypal(ledger, search_lag_seconds="0") as paypal:
        yield paypal


@pytest.fixture
async def shop(running: RunningPayPal) -> AsyncIterator[Shop]:
    (await running.client.delete("/_control/faults")).raise_for_status()
    async with opened(running) as shop:
        yield shop


@pytest.fixture
async def later(tmp_path: Path) -> AsyncIterator[Shop]:
    """A provider of the test's own, for its clock is moved."""
    ledger = tmp_path / "ledger"
    async with running_paypal(ledger, token_seconds="100000000") as paypal, opened(paypal) as shop:
        yield shop


async def prepared(payer: Payer, operation: Operation) -> None:
    """Bring the payment to where the operation may be asked for."""
    if operation is Operation.AUTHORIZE:
        return
    await payer.does(Operation.AUTHORIZE)
    if operation is Operation.CONFIRM:
        await payer.shop.paypal.approve(payer.references[Operation.AUTHORIZE])
    if operation is Operation.REFUND:
        await payer.does(Operation.CAPTURE)


@pytest.mark.parametrize(
    ("fault", "times"), [(it, 1) for it in FAULTS] + [("executed_then_timeout", 3), ("timeout", 3)]
)
@pytest.mark.parametrize("operation", list(Operation), ids=str)
async def test_whatever_happens_to_its_requests_an_operation_is_done_once(
    operation: Operation, fault: str, times: int, shop: Shop
) -> None:
    payer = shop.payer(bodies.APPROVAL if operation is Operation.CONFIRM else tokens.OK)
    await prepared(payer, operation)
    await shop.paypal.fault(fault, times=times, method="POST", path=PATHS[operation])
    assert isinstance(await payer.until_known(operation), Done)
    codes = {
        Operation.AUTHORIZE: ["T1300"],
        Operation.CONFIRM: ["T1300"],
        Operation.CAPTURE: ["T1300", "T0006"],
        Operation.VOID: ["T1300"],
        Operation.REFUND: ["T1300", "T0006", "T1107"],
    }
    found = [code for code, _ in await payer.moved()]
    assert found == codes[operation]


async def test_silence_leaves_the_outcome_unknown_and_says_that_it_timed_out(shop: Shop) -> None:
    payer = shop.payer()
    await shop.paypal.fault("timeout", times=10, path="/orders$")
    outcome = await payer.does(Operation.AUTHORIZE)
    assert isinstance(outcome, Unknown)
    assert outcome.timed_out


async def test_a_limit_of_requests_asks_for_the_pause_that_the_provider_names(shop: Shop) -> None:
    await shop.paypal.fault("429", path="/orders$")
    outcome = await shop.payer().does(Operation.AUTHORIZE)
    assert isinstance(outcome, Unknown)
    assert outcome.after == 1.0


async def test_a_revoked_access_token_is_fetched_anew_once(shop: Shop) -> None:
    assert isinstance(await shop.payer().does(Operation.AUTHORIZE), Done)
    (await shop.paypal.client.delete("/_control/tokens")).raise_for_status()
    assert isinstance(await shop.payer().does(Operation.AUTHORIZE), Done)


async def test_refused_credentials_are_an_alarm_and_no_refusal_of_the_payment(shop: Shop) -> None:
    async with opened(shop.paypal, secret="wrong") as other:
        outcome = await other.payer().does(Operation.AUTHORIZE)
    assert isinstance(outcome, Unknown)
    assert outcome.alarm == "account_unhealthy"


async def test_an_access_token_is_kept_until_a_minute_before_its_end(tmp_path: Path) -> None:
    clock = [0.0]
    async with (
        running_paypal(tmp_path / "ledger", token_seconds="100") as paypal,
        opened(paypal, clock=lambda: clock[0]) as shop,
    ):
        assert isinstance(await shop.payer().does(Operation.AUTHORIZE), Done)
        await paypal.fault("500", times=100, path="/token$")
        clock[0] = 39.0
        assert isinstance(await shop.payer().does(Operation.AUTHORIZE), Done)
        clock[0] = 41.0
        assert isinstance(await shop.payer().does(Operation.AUTHORIZE), Unknown)


async def test_a_payer_without_a_vaulted_token_approves_on_the_providers_page(shop: Shop) -> None:
    payer = shop.payer(bodies.APPROVAL)
    needed = await payer.does(Operation.AUTHORIZE)
    assert isinstance(needed, ActionNeeded)
    assert (needed.kind, "/checkoutnow?token=" in (needed.url or "")) == ("redirect", True)
    early = await payer.does(Operation.CONFIRM)
    assert isinstance(early, ActionNeeded)
    assert early == needed
    await shop.paypal.approve(needed.reference)
    held = await payer.does(Operation.CONFIRM, 2)
    assert isinstance(held, Done)
    assert held.capture_before is not None
    assert isinstance(await payer.does(Operation.CAPTURE), Done)


async def test_an_order_that_was_authorized_under_another_key_tells_its_authorization(shop: Shop) -> None:
    payer = shop.payer(bodies.APPROVAL)
    needed = await payer.does(Operation.AUTHORIZE)
    assert isinstance(needed, ActionNeeded)
    await shop.paypal.approve(needed.reference)
    first = await payer.shop.provider.perform(payer.request(Operation.CONFIRM), again=False)
    assert await payer.shop.provider.perform(payer.request(Operation.CONFIRM, 2), again=False) == first


async def test_the_provider_s_own_pending_states_wait_and_then_tell_their_end(shop: Shop) -> None:
    for token, kind, operation in (
        (tokens.AUTHORIZATION_PENDING, "authorization", Operation.AUTHORIZE),
        (tokens.CAPTURE_PENDING, "capture", Operation.CAPTURE),
        (tokens.REFUND_PENDING, "refund", Operation.REFUND),
    ):
        payer = shop.payer(token)
        await prepared(payer, operation)
        waits = await payer.does(operation)
        assert isinstance(waits, ActionNeeded), waits
        assert waits.kind == "wait"
        request = payer.request(operation)
        document = await shop_object(payer, operation, waits.reference)
        await shop.paypal.control(
            f"{kind}/{document}/settle", {"status": "CREATED" if kind == "authorization" else "COMPLETED"}
        )
        assert isinstance(await shop.provider.look_up(request), Done)


async def shop_object(payer: Payer, operation: Operation, reference: str) -> str:
    """The provider's id of what waits: a pending authorization is known by its order."""
    if operation is not Operation.AUTHORIZE:
        return reference
    headers = {"Authorization": f"Bearer {await access_token(payer.shop.paypal)}"}
    order = await payer.shop.paypal.client.get(f"/v2/checkout/orders/{reference}", headers=headers)
    found: str = order.json()["purchase_units"][0]["payments"]["authorizations"][0]["id"]
    return found


async def test_a_capture_that_is_declined_is_no_unknown_outcome_and_its_authorization_is_voided(
    shop: Shop,
) -> None:
    payer = shop.payer(tokens.CAPTURE_DECLINED)
    await payer.does(Operation.AUTHORIZE)
    refused = await payer.does(Operation.CAPTURE)
    assert isinstance(refused, Declined)
    assert refused.code == "CAPTURE_FAILED"
    assert isinstance(await payer.does(Operation.VOID), Done)


async def test_a_captured_authorization_is_not_voided_and_a_voided_one_not_captured(shop: Shop) -> None:
    captured = shop.payer()
    await prepared(captured, Operation.REFUND)
    refused = await captured.does(Operation.VOID)
    assert isinstance(refused, Declined)
    assert refused.code == "ALREADY_CAPTURED"
    voided = shop.payer()
    await voided.does(Operation.AUTHORIZE)
    first = await voided.does(Operation.VOID)
    assert isinstance(first, Done)
    assert first.amount == 1999
    # another intent finds it void already
    assert await shop.provider.perform(voided.request(Operation.VOID, 2), again=False) == first
    late = await voided.does(Operation.CAPTURE)
    assert isinstance(late, Declined)
    assert late.code == "CAPTURE_FAILED"


async def test_an_expired_authorization_is_a_failed_capture(later: Shop) -> None:
    payer = later.payer()
    await payer.does(Operation.AUTHORIZE)
    await later.move(days=30)
    refused = await payer.does(Operation.CAPTURE)
    assert isinstance(refused, Declined)
    assert (refused.code, "AUTHORIZATION_EXPIRED" in refused.detail) == ("CAPTURE_FAILED", True)


async def test_a_second_capture_under_another_key_tells_the_first(shop: Shop) -> None:
    payer = shop.payer()
    await payer.does(Operation.AUTHORIZE)
    first = await payer.does(Operation.CAPTURE)
    assert await payer.does(Operation.CAPTURE, 2) == first


async def test_a_refund_beyond_the_capture_is_declined_and_one_that_was_made_is_found_by_its_key(
    later: Shop,
) -> None:
    payer = later.payer()
    await prepared(payer, Operation.REFUND)
    made = await payer.does(Operation.REFUND)
    assert isinstance(made, Done)
    beyond = await payer.does(Operation.REFUND, 2)
    assert isinstance(beyond, Declined)
    assert beyond.code == "REFUND_EXCEEDS_CAPTURE"
    await later.move(days=46)  # the request id has ended: the same call would be another refund
    assert await payer.does(Operation.REFUND, again=True) == made


async def test_a_failed_refund_is_declined(shop: Shop) -> None:
    payer = shop.payer(tokens.REFUND_FAILED)
    await prepared(payer, Operation.REFUND)
    assert isinstance(await payer.does(Operation.REFUND), Declined)


async def test_an_authorization_whose_answers_were_lost_for_hours_is_found_by_its_invoice(
    later: Shop,
) -> None:
    payer = later.payer()
    await later.paypal.fault("executed_then_timeout", times=2, path="/orders$")
    assert isinstance(await payer.does(Operation.AUTHORIZE), Unknown)
    request = payer.request(Operation.AUTHORIZE)
    assert isinstance(await later.provider.look_up(request), Unknown)  # the search does not show it yet
    await later.move(hours=7)
    found = await payer.does(Operation.AUTHORIZE, again=True)
    assert isinstance(found, Done)
    assert [code for code, _ in await (await after_the_lag(payer)).moved()] == ["T1300"]


async def test_an_authorization_that_never_arrived_is_declined_once_the_search_proves_it(later: Shop) -> None:
    payer = later.payer()
    await later.paypal.fault("timeout", times=2, path="/orders$")
    assert isinstance(await payer.does(Operation.AUTHORIZE), Unknown)
    await later.move(hours=7)
    assert await later.provider.look_up(payer.request(Operation.AUTHORIZE)) is None
    assert isinstance(await payer.does(Operation.AUTHORIZE, again=True), Declined)
    assert await (await after_the_lag(payer)).moved() == []


async def test_a_void_prevents_a_late_authorization(shop: Shop) -> None:
    payer = shop.payer()
    void = await shop.provider.perform(payer.request(Operation.VOID), again=False)
    assert isinstance(void, Done)
    assert void.amount == 0
    assert isinstance(await payer.does(Operation.AUTHORIZE), Declined)
    assert await payer.moved() == []


async def test_a_void_of_an_authorization_whose_answer_was_lost_waits_until_it_is_found(later: Shop) -> None:
    payer = later.payer()
    await later.paypal.fault("executed_then_timeout", times=2, path="/orders$")
    assert isinstance(await payer.does(Operation.AUTHORIZE), Unknown)
    request = payer.request(Operation.VOID)
    assert isinstance(await later.provider.perform(request, again=False), Unknown)
    await later.move(hours=4)
    void = await later.provider.perform(request, again=True)
    assert isinstance(void, Done)
    assert void.amount == 1999


async def test_a_look_up_tells_each_outcome_and_performs_nothing(shop: Shop) -> None:
    payer = shop.payer()
    await payer.does(Operation.AUTHORIZE)
    assert await shop.provider.look_up(payer.request(Operation.CAPTURE)) is None
    assert await shop.provider.look_up(payer.request(Operation.VOID)) is None
    captured = await payer.does(Operation.CAPTURE)
    assert await shop.provider.look_up(payer.request(Operation.CAPTURE)) == captured
    assert await shop.provider.look_up(payer.request(Operation.REFUND)) is None
    refunded = await payer.does(Operation.REFUND)
    assert await shop.provider.look_up(payer.request(Operation.REFUND)) == refunded
    assert [code for code, _ in await payer.moved()] == ["T1300", "T0006", "T1107"]


async def test_an_answer_about_another_amount_does_not_count(shop: Shop) -> None:
    payer = shop.payer()
    await payer.does(Operation.AUTHORIZE)
    other = replace(payer.request(Operation.AUTHORIZE), amount=2000)
    outcome = await shop.provider.look_up(other)
    assert isinstance(outcome, Unknown)
    assert outcome.alarm == "provider_mismatch"


@pytest.mark.parametrize(
    ("currency", "amount", "sent"), [("BRL", 1234, "12.34"), ("HUF", 149900, "1499"), ("JPY", 1500, "1500")]
)
async def test_amounts_are_sent_as_exact_decimal_strings(
    currency: str, amount: int, sent: str, shop: Shop
) -> None:
    payer = shop.payer()
    payer.currency, payer.amount = currency, amount
    done = await payer.does(Operation.AUTHORIZE)
    assert isinstance(done, Done)
    assert done.amount == amount
    assert await payer.moved() == [("T1300", sent)]


async def test_an_amount_that_the_provider_cannot_write_is_declined_without_a_call(shop: Shop) -> None:
    payer = shop.payer()
    payer.currency, payer.amount = "HUF", 149950
    assert isinstance(await payer.does(Operation.AUTHORIZE), Declined)
    assert await payer.moved() == []
