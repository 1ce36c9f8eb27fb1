"""What payment methods need, and which of them a provider offers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from checkout_saga.checkout import payment_details
from checkout_saga.checkout.domain.errors import PaymentDetailsRequired
from checkout_saga.checkout.payment_details import Desk, check_boleto, check_token
from checkout_saga.checkout.schemas.requests import NextPayment, PaymentChoice
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.accounts.domain import PaymentAccounts, accounts_id
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from checkout_saga.settings import CheckoutSettings

SETTINGS = CheckoutSettings.model_construct()
PERSON: dict[str, Any] = {
    "customer": {"name": "Ana", "tax_id": {"type": "br_cpf", "value": "52998224725"}},
    "billing_address": {"line1": "Rua 1", "country": "BR"},
}


class NoAccounts(Accounts):
    """Of a tenant that has set up none."""

    def __init__(self) -> None:
        """Needs no database."""

    async def of_tenant(self, tenant: str) -> PaymentAccounts:
        return PaymentAccounts.empty(accounts_id(tenant))


async def test_a_method_that_the_provider_does_not_offer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_details, "without_account", lambda _: {"simulated": frozenset({"card"})})
    desk = Desk(NoAccounts(), SETTINGS)
    card = NextPayment(method="card", token="tok_ok")
    assert await desk.provider(card, "/token", "demo") == "simulated"
    with pytest.raises(PaymentMethodNotAvailable):
        await desk.provider(NextPayment(method="pix"), "/token", "demo")


def test_only_a_push_method_needs_no_token() -> None:
    check_token(NextPayment(method="pix"))
    with pytest.raises(PaymentDetailsRequired):
        check_token(NextPayment(method="card"))


@pytest.mark.parametrize(
    ("without", "pointer"),
    [
        (("customer", "name"), ("customer", "name")),
        (("customer", "tax_id"), ("customer", "tax_id")),
        (("billing_address",), ("billing_address",)),
    ],
    ids=["name", "tax id", "address"],
)
def test_a_boleto_needs_who_owes_it(without: tuple[str, ...], pointer: tuple[str, ...]) -> None:
    check_boleto(PERSON)
    person: dict[str, Any] = deepcopy(PERSON)
    inner = person
    for name in without[:-1]:
        inner = inner[name]
    del inner[without[-1]]
    with pytest.raises(PaymentDetailsRequired) as refused:
        check_boleto(person)
    assert refused.value.faults == {pointer: "required"}


@pytest.mark.parametrize(
    "fields",
    [
        {"max_attempts": 0},
        {"max_attempts": 6},
        {"return_url": "http://shop.example/back"},
        {"return_url": "https:///back"},
        {"instalments": {"a": {"b": {"c": {"d": {}}}}}},
        {"instalments": {"a": "x" * 2048}},
    ],
    ids=["none", "too many", "no https", "no host", "too deep", "too long"],
)
def test_what_is_out_of_bounds_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        PaymentChoice.model_validate({"method": "card", "token": "tok_ok", **fields})


def test_instalments_are_taken_as_they_are() -> None:
    given = {"plan": {"count": 3, "interest": ["1", {"deep": 1}]}}
    assert PaymentChoice(method="card", instalments=given).instalments == given
