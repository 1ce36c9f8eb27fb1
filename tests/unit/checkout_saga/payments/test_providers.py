"""Each request goes to the provider that its facts name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import ValidationError

from checkout_saga.checkout.schemas.requests import PaymentChoice
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.operation import Done, Operation, Outcome, PaymentRequest, Unknown
from checkout_saga.payments.providers import registry
from checkout_saga.payments.providers.registry import (
    PROVIDERS,
    Providers,
    Registration,
    connect_providers,
    methods_at,
)
from checkout_saga.settings import CheckoutSettings
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


@asynccontextmanager
async def connect(settings: CheckoutSettings, vault: Vault) -> AsyncIterator[Recorded]:
    yield Recorded("new")


async def test_a_provider_without_settings_offers_nothing_and_is_not_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cards = frozenset({"card"})
    table = {
        "here": Registration(connect, cards),
        "second": Registration(connect, cards, is_configured=lambda _: False),
    }
    monkeypatch.setattr(registry, "PROVIDERS", table)
    settings, vault = CheckoutSettings.model_construct(), Vault.__new__(Vault)

    assert [methods_at(it, settings) for it in table] == [cards, frozenset()]
    async with connect_providers(settings, vault) as providers:
        here = replace(REFUND, gateway="here")
        assert await providers.perform(here, again=False) == Done("new", 2000)
        assert isinstance(await providers.perform(REFUND, again=False), Unknown)


def chosen(**choice: Any) -> PaymentChoice:
    return PaymentChoice.model_validate({"method": "card", "token": "tok_ok", **choice})


def test_a_new_checkout_may_choose_any_registered_provider() -> None:
    assert [chosen(gateway=it).gateway for it in PROVIDERS] == list(PROVIDERS)
    assert chosen().gateway == "simulated"


@pytest.mark.parametrize("name", ["elsewhere", "", "Simulated", None, 1])
def test_a_new_checkout_may_choose_no_other(name: object) -> None:
    with pytest.raises(ValidationError):
        chosen(gateway=name)
