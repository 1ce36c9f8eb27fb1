"""Which of a tenant's payment accounts serves a new checkout."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from checkout_saga.payments.accounts.domain import Account, PaymentAccounts, accounts_id
from checkout_saga.payments.accounts.use_cases import change_account, find_accounts
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from contracts.payment_account import Changed
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario, given, stamp

TENANT = accounts_id("demo")
SECRETS = UUID(int=7)
STRIPE = Account("stripe", True, "test", ("card", "pix"), 10.0, SECRETS)  # named by the class
INSTALLATION = {"simulated": frozenset({"card"})}


def fact(account: Account = STRIPE, *, default: bool = False) -> Changed:
    return Changed(
        **stamp(TENANT),
        gateway=account.gateway,
        enabled=account.enabled,
        mode=account.mode,
        methods=account.methods,
        default=default,
        timeout_seconds=account.timeout_seconds,
        secrets_id=account.secrets_id,
    )


PAYPAL = replace(STRIPE, gateway="paypal", methods=("paypal",))
OFF = replace(STRIPE, enabled=False)
NONE = replace(STRIPE, gateway="simulated", enabled=False, secrets_id=None)


async def made_default(account: Account, work: UnitOfWork) -> None:
    await change_account(account, work, default=True)


async def chosen(asked: str | None, work: UnitOfWork, method: str) -> str:
    return (await find_accounts(work)).gateway_for(asked, method, INSTALLATION)


def gateway(story: Scenario, asked: str | None = None, method: str = "card") -> str:
    result: str = story.when(chosen, asked, method).result
    return result


def test_a_changed_account_is_recorded_once_and_without_its_credentials() -> None:
    story = given().when(made_default, STRIPE).then(fact(default=True))
    story.when(made_default, STRIPE).then_nothing()
    assert "secret_key" not in fact().model_dump_json()


@pytest.mark.parametrize(
    ("facts", "asked", "method", "expected"),
    [
        ((), None, "card", "simulated"),
        ((fact(),), None, "card", "stripe"),
        ((fact(),), "simulated", "card", "simulated"),
        ((fact(), fact(PAYPAL, default=True)), None, "paypal", "paypal"),
        ((fact(default=True), fact(PAYPAL, default=True)), None, "paypal", "paypal"),
        ((fact(default=True), fact(PAYPAL)), "paypal", "paypal", "paypal"),
        ((fact(OFF, default=True), fact(PAYPAL)), None, "paypal", "paypal"),
    ],
    ids=["none", "the only one", "another", "default", "newest default", "asked for", "default is off"],
)
def test_a_checkout_is_served_by(
    facts: tuple[Changed, ...], asked: str | None, method: str, expected: str
) -> None:
    assert gateway(given(*facts), asked, method) == expected


@pytest.mark.parametrize(
    ("facts", "asked", "method"),
    [
        ((), "stripe", "card"),
        ((), None, "pix"),
        ((fact(),), None, "boleto"),
        ((fact(OFF),), "stripe", "card"),
        ((fact(NONE),), None, "card"),
        ((fact(), fact(PAYPAL)), "paypal", "card"),
    ],
    ids=["no account", "not its method", "not enabled", "off", "simulated is off", "of another account"],
)
def test_a_method_that_no_account_offers_is_refused(
    facts: tuple[Changed, ...], asked: str | None, method: str
) -> None:
    given(*facts).when(chosen, asked, method).then_refused(PaymentMethodNotAvailable)


def test_a_tenant_has_other_accounts_than_its_neighbour() -> None:
    assert PaymentAccounts.empty(TENANT).by_gateway == {}
    assert accounts_id("demo") != accounts_id("rival")
