"""A checkout as callers see it."""

from __future__ import annotations

from collections.abc import Iterable

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.checkout import CheckoutFact
from contracts.envelope import Fact
from kernel.domain import Aggregate
from tests.unit.checkout_saga.examples import CHECKOUT, checkout_started, history_until


def test_amounts_in_the_data_of_steps_are_money() -> None:
    shown = show_checkout(folded(history_until(step_names.AUTHORIZE)))

    data = {it.name: it.data or {} for it in shown.steps}
    assert data[step_names.CONFIRM_PRICE]["totals"]["total"] == {"amount": 2000, "currency": "USD"}
    assert data[step_names.CONFIRM_PRICE]["totals"].keys() == {
        "subtotal",
        "discount",
        "shipping",
        "tax",
        "total",
    }
    assert "sale" not in data[step_names.LOCK_CART]


def test_a_checkout_shows_the_version_and_the_steps_of_its_own_workflow() -> None:
    for version in CHECKOUTS.workflow.versions:
        shown = show_checkout(folded([checkout_started(version)]))
        assert shown.workflow_version == version
        assert [it.name for it in shown.steps] == CHECKOUTS.workflow.steps_of(version)


def folded(history: Iterable[Fact]) -> Checkout:
    checkout: Aggregate | None = Checkout.empty(CHECKOUT)
    for number, fact in enumerate((it for it in history if isinstance(it, CheckoutFact)), 1):
        checkout = fact.model_copy(update={"originator_version": number}).mutate(checkout)
    assert isinstance(checkout, Checkout)
    return checkout
