"""Each request goes to the provider that its facts name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import structlog
from pydantic import ValidationError

from checkout_saga.checkout.schemas.requests import PaymentChoice
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, NotListed, Window
from checkout_saga.payments.domain.operation import (
    Declined,
    Done,
    Instrument,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.providers import registry
from checkout_saga.payments.providers.registry import (
    PROVIDERS,
    Providers,
    Registration,
    connect_providers,
    without_account,
)
from checkout_saga.settings import CheckoutSettings
from tests.support.scenario import NOW
from tests.unit.checkout_saga.examples import request

REFUND = replace(request(Operation.REFUND), gateway="second")


@dataclass
class Recorded:
    """A provider that performs everything, and keeps what it was asked."""

    reference: str
    performed: list[PaymentRequest] = field(default_factory=list)
    looked_up: list[PaymentRequest] = field(default_factory=list)

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        self.performed.append(request)
        return Done(self.reference, request.amount)

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        self.looked_up.append(request)
        return None

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        return Instrument(fingerprint=self.reference)

    async def entries(self, window: Window) -> Sequence[Entry]:
        return [Entry(EntryKind.FEE, EntryState.DONE, self.reference, 5, "USD", window.since)]


async def test_each_provider_lists_its_own_account_and_a_removed_one_none() -> None:
    providers = Providers({"first": Recorded("one"), "second": Recorded("two")})
    window = Window("second", "demo", NOW, NOW)
    assert [it.reference for it in await providers.entries(window)] == ["two"]
    with pytest.raises(NotListed):
        await providers.entries(window._replace(gateway="removed"))


async def test_a_refund_goes_to_the_provider_of_its_payment() -> None:
    first, second = Recorded("one"), Recorded("two")
    providers = Providers({"first": first, "second": second})

    assert await providers.perform(REFUND, again=False) == Done("two", 2000)
    assert await providers.look_up(REFUND) is None
    assert (second.performed, second.looked_up) == ([REFUND], [REFUND])
    assert (first.performed, first.looked_up) == ([], [])


async def test_the_outcome_at_a_provider_that_was_removed_is_unknown() -> None:
    providers = Providers({"first": Recorded("one")})

    unknown = Unknown("There is no payment provider second.")
    assert await providers.perform(REFUND, again=True) == unknown
    assert await providers.look_up(REFUND) == unknown


async def test_a_token_is_described_by_the_provider_that_knows_it() -> None:
    providers = Providers({"second": Recorded("two")})
    assert await providers.describe(REFUND) == Instrument(fingerprint="two")
    assert await providers.describe(replace(REFUND, gateway="removed")) is None


class Captured(Recorded):
    """Has captured the money before the void came."""

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        done = await super().perform(request, again=again)
        late = request.operation is Operation.VOID
        return Declined("ALREADY_CAPTURED", "It is captured.") if late else done


VOID = replace(request(Operation.VOID), gateway="second")


async def test_money_that_is_held_is_reversed_by_a_void() -> None:
    holding = Recorded("two")
    assert await Providers({"second": holding}).reverse(VOID, again=False) == Done("two", 2000)
    assert [it.operation for it in holding.performed] == ["void"]


async def test_money_that_came_in_before_the_void_is_reversed_by_the_checkouts_one_refund() -> None:
    captured = Captured("two")
    back = await Providers({"second": captured}).reverse(VOID, again=True)
    assert back == Done("two", 2000, captured=True)
    assert [it.key for it in captured.performed] == [VOID.key, request(Operation.REFUND).key]


async def test_money_that_came_in_before_the_void_is_refunded_by_the_capture_that_the_provider_names() -> (
    None
):
    class Named(Captured):
        async def look_up(self, request: PaymentRequest) -> Outcome | None:
            assert (request.operation, request.reference) == (Operation.CAPTURE, "the authorization")
            return Done("the capture", request.amount)

    captured = Named("two")
    void = replace(VOID, reference="the authorization")
    assert isinstance(await Providers({"second": captured}).reverse(void, again=True), Done)
    assert [it.reference for it in captured.performed] == ["the authorization", "the capture"]


async def test_money_that_came_in_is_not_refunded_while_its_capture_is_unknown() -> None:
    class Silent(Captured):
        async def look_up(self, request: PaymentRequest) -> Outcome | None:
            return Unknown("no answer")

    captured = Silent("two")
    back = await Providers({"second": captured}).reverse(VOID, again=True)
    assert (back, len(captured.performed)) == (Unknown("no answer"), 1)


async def test_a_void_that_may_have_happened_is_followed_by_no_refund() -> None:
    assert isinstance(await Providers({}).reverse(VOID, again=False), Unknown)


@pytest.mark.parametrize(
    "outcome",
    [
        Unknown("The answer is about another amount.", alarm="provider_mismatch"),
        Declined("REFUSED", "The provider refused to refund.", alarm="request_refused"),
    ],
    ids=["unknown", "declined"],
)
async def test_an_alarm_is_logged_with_the_payment_and_without_the_customer(
    outcome: Unknown | Declined,
) -> None:
    class Confused(Recorded):
        async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
            return outcome

    with structlog.testing.capture_logs() as logs:
        assert await Providers({"second": Confused("two")}).perform(REFUND, again=False) == outcome
    (alarm,) = logs
    assert (alarm["event"], alarm["alarm"]) == ("payment_provider_alarm", outcome.alarm)
    assert alarm["payment_id"] == str(REFUND.payment_id)


async def test_a_refusal_of_the_bank_raises_no_alarm() -> None:
    class Refusing(Recorded):
        async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
            return Declined("REFUSED", "The account is closed.")

    with structlog.testing.capture_logs() as logs:
        await Providers({"second": Refusing("two")}).perform(REFUND, again=False)
    assert logs == []


@asynccontextmanager
async def connect(settings: CheckoutSettings, vault: Vault, accounts: Accounts) -> AsyncIterator[Recorded]:
    yield Recorded("new")


async def test_a_provider_without_settings_offers_nothing_and_is_not_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cards = frozenset({"card"})
    table = {
        "here": Registration(lambda: connect, cards),
        "second": Registration(lambda: connect, cards, is_configured=lambda _: False),
    }
    monkeypatch.setattr(registry, "PROVIDERS", table)
    settings, vault = CheckoutSettings.model_construct(), Vault.__new__(Vault)

    assert without_account(settings) == {"here": cards}
    async with connect_providers(settings, vault, Accounts.__new__(Accounts)) as providers:
        here = replace(REFUND, gateway="here")
        assert await providers.perform(here, again=False) == Done("new", 2000)
        assert isinstance(await providers.perform(REFUND, again=False), Unknown)


def chosen(**choice: Any) -> PaymentChoice:
    return PaymentChoice.model_validate({"method": "card", "token": "tok_ok", **choice})


def test_a_new_checkout_may_choose_any_registered_provider() -> None:
    assert [chosen(gateway=it).gateway for it in PROVIDERS] == list(PROVIDERS)
    assert chosen().gateway is None


@pytest.mark.parametrize("name", ["elsewhere", "", "Simulated", 1])
def test_a_new_checkout_may_choose_no_other(name: object) -> None:
    with pytest.raises(ValidationError):
        chosen(gateway=name)
