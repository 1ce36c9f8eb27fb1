"""Rules for what the demo tells: what is wrong is said, and nothing else is called wrong."""

from dataclasses import replace
from typing import Any

import pytest

from demo.proof import Check
from demo.reconciliation import Balance, Reconciliation
from demo.scenarios import SCENARIOS, Attempt, Scenario, to_attempt
from demo.summary import Outcome, as_json

DECLINED = next(it for it in SCENARIOS if it.token == "tok_declined")
GOOD = Outcome(
    orders=3,
    free_orders=1,
    products=3,
    seconds=2.0,
    stock_is_right=True,
    attempts=[Attempt(DECLINED, "failed", "PAYMENT_DECLINED", ("lock_cart",))],
    settlement=Reconciliation((1, 1), 0, (0, 0), (0, 0), Balance(0, 0, 0, 0)),
    days={},
    best=[],
    checks=[Check("revenue", 2377, 2377)],
    lost=[],
)


def checkout(**differences: Any) -> dict[str, Any]:
    steps = [
        {"name": "lock_cart", "status": "completed", "compensation": "completed"},
        {"name": "reserve_stock", "status": "completed", "compensation": "started"},
        {"name": "capture_payment", "status": "pending", "compensation": None},
    ]
    return {"status": "failed", "failure": {"code": "X"}, "steps": steps, "order_id": None, **differences}


def test_a_successful_demo_has_no_problems() -> None:
    assert GOOD.problems() == []
    summary = as_json(GOOD, {})
    assert (summary["ok"], summary["purchases_per_second"]) == (True, 1.5)
    declined = {"token": "tok_declined", "ends": {"failed PAYMENT_DECLINED": 1}, "taken_back": ["lock_cart"]}
    assert declined in summary["trials"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"checks": [Check("revenue", 2377, 2376)]}, "revenue: $23.76 instead of $23.77"),
        ({"lost": ["line 7: EMPTY_CART"]}, "a purchase failed: line 7: EMPTY_CART"),
        ({"attempts": [Attempt(DECLINED, "completed")]}, "tok_declined ended as completed"),
        ({"settlement": replace(GOOD.settlement, reserved=2)}, "stock or money of failed purchases"),
        ({"stock_is_right": False}, "the stock of the best-selling products"),
    ],
)
def test_each_failed_check_is_a_problem(change: dict[str, Any], sentence: str) -> None:
    (problem,) = replace(GOOD, **change).problems()
    assert problem.startswith(sentence)
    assert not as_json(replace(GOOD, **change), {})["ok"]


def test_only_completed_compensations_count() -> None:
    assert to_attempt(DECLINED, checkout()).taken_back == ("lock_cart",)


def test_an_end_that_differs_from_the_token_s_is_unexpected() -> None:
    trial = Scenario("tok", "", 1, "failed", "X")
    assert to_attempt(trial, checkout()).as_expected
    assert not to_attempt(trial, checkout(failure={"code": "Y"})).as_expected
    assert not to_attempt(trial, checkout(status="completed", failure=None)).as_expected
