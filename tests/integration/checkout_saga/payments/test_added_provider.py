"""A provider that is added as the how-to says keeps the contract of all providers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from checkout_saga.payments.accounts.safe import Secrets
from checkout_saga.payments.domain.operation import Operation, Unknown
from checkout_saga.payments.providers import registry
from checkout_saga.payments.providers.registry import PROVIDERS, Registration
from tests.integration.checkout_saga.conftest import SECRET
from tests.integration.checkout_saga.payments.acme import registration as acme
from tests.integration.checkout_saga.payments.sandboxes import SANDBOXES
from tests.integration.checkout_saga.payments.test_provider_contract import (
    Counter,
    opened_counter,
    test_a_declined_authorization_has_a_code_and_a_text,
    test_a_look_up_tells_the_outcome_and_performs_nothing,
    test_a_provider_that_does_not_answer_leaves_the_outcome_unknown,
    test_a_refused_capture_is_no_unknown_outcome_and_can_be_voided,
    test_a_repeated_operation_has_the_first_outcome_and_no_second_effect,
    test_a_void_succeeds_without_an_authorization_and_forbids_a_later_one,
    test_an_authorization_that_needs_the_customer_is_confirmed_under_a_key_of_its_own,
    test_an_erased_customer_s_payment_is_declined,
    test_an_operation_without_an_answer_is_found_by_its_key,
    test_concurrent_calls_under_one_key_are_performed_once,
    test_each_operation_is_performed_with_its_amount_and_a_reference,
    test_what_is_held_captured_and_refunded_is_listed_with_our_ids,
)
from tests.support.parts import Parts

HOW_TO = Path(__file__).parents[4] / "docs/how-to/add-a-payment-provider.md"
CONTRACT = (
    test_each_operation_is_performed_with_its_amount_and_a_reference,
    test_a_repeated_operation_has_the_first_outcome_and_no_second_effect,
    test_concurrent_calls_under_one_key_are_performed_once,
    test_a_look_up_tells_the_outcome_and_performs_nothing,
    test_a_declined_authorization_has_a_code_and_a_text,
    test_an_erased_customer_s_payment_is_declined,
    test_an_authorization_that_needs_the_customer_is_confirmed_under_a_key_of_its_own,
    test_a_refused_capture_is_no_unknown_outcome_and_can_be_voided,
    test_a_void_succeeds_without_an_authorization_and_forbids_a_later_one,
    test_an_operation_without_an_answer_is_found_by_its_key,
    test_a_provider_that_does_not_answer_leaves_the_outcome_unknown,
    test_what_is_held_captured_and_refunded_is_listed_with_our_ids,
)
"""They are collected here, too, and run with the counter below."""
SANDBOX = SANDBOXES["simulated"]._replace(secrets=Secrets({"secret_key": SECRET}))


def registered() -> dict[str, Registration]:
    """The entry of the registry, as the page has it."""
    (line,) = re.findall(r'^ *("acme": Registration\(.*\)),$', HOW_TO.read_text(), re.MULTILINE)
    names: dict[str, Any] = {"acme": acme, "Registration": Registration}
    return dict(eval(f"{{{line}}}", names))  # noqa: S307  # a page of this project


@pytest.fixture(scope="module")
async def counter(parts: Parts) -> AsyncIterator[Counter]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "PROVIDERS", {**PROVIDERS, **registered()})
        async with opened_counter("acme", SANDBOX, parts) as counter:
            yield counter


def test_the_page_registers_all_that_a_provider_has_to_say() -> None:
    assert registered() == {
        "acme": Registration(acme.load, acme.METHODS, acme.is_configured, acme.CREDENTIALS)
    }


async def test_without_the_shop_s_account_nothing_is_known_and_an_alarm_raised(parts: Parts) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "PROVIDERS", registered())
        async with opened_counter("acme", SANDBOX._replace(secrets=None), parts) as counter:
            unknown = await counter.payer(SANDBOX.ok).perform(Operation.AUTHORIZE)
    assert isinstance(unknown, Unknown)
    assert unknown.alarm == "account_missing"
