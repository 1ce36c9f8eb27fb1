"""An answer counts only if it is about the key, payment, amount and currency that were asked for."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_saga.payments.domain.answers import About, counted
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    Unknown,
)
from tests.unit.checkout_saga.examples import PAYMENT, request

CAPTURE = request(Operation.CAPTURE)
ASKED = About(CAPTURE.key, str(PAYMENT), 2000, "usd")
OUTCOMES = (Done("ref", 2000), ActionNeeded("ref", kind="wait"), Declined("NO", "no"))


@pytest.mark.parametrize("outcome", OUTCOMES, ids=["done", "waits", "declined"])
def test_an_answer_about_the_request_counts_as_it_is(outcome: Outcome) -> None:
    assert counted(CAPTURE, ASKED, outcome) is outcome
    assert counted(CAPTURE, ASKED._replace(key=None), outcome) is outcome


@pytest.mark.parametrize("outcome", OUTCOMES, ids=["done", "waits", "declined"])
@pytest.mark.parametrize(
    "other", [{"key": "another"}, {"payment_id": "another"}, {"payment_id": ""}], ids=str
)
def test_no_outcome_of_another_request_counts(outcome: Outcome, other: dict[str, Any]) -> None:
    said = counted(CAPTURE, ASKED._replace(**other), outcome)
    assert isinstance(said, Unknown)
    assert said.alarm == "provider_mismatch"


@pytest.mark.parametrize("outcome", OUTCOMES[:2], ids=["done", "waits"])
@pytest.mark.parametrize(
    "other", [{"amount": 1999}, {"amount": None}, {"currency": "EUR"}, {"currency": None}], ids=str
)
def test_money_other_than_asked_for_leaves_the_outcome_unknown(
    outcome: Outcome, other: dict[str, Any]
) -> None:
    said = counted(CAPTURE, ASKED._replace(**other), outcome)
    assert isinstance(said, Unknown)
    assert said.alarm == "provider_mismatch"


def test_a_refusal_and_a_void_need_not_name_the_amount() -> None:
    none = ASKED._replace(amount=None, currency=None)
    assert counted(CAPTURE, none, OUTCOMES[2]) is OUTCOMES[2]
    void = request(Operation.VOID)
    assert counted(void, none._replace(key=void.key), Done("ref", 0)) == Done("ref", 0)


def test_all_that_is_wrong_is_named() -> None:
    said = counted(CAPTURE, About("another", str(PAYMENT), 1999, "USD"), OUTCOMES[0])
    assert said == Unknown(
        "The answer to capture is about another key and amount.", alarm="provider_mismatch"
    )
