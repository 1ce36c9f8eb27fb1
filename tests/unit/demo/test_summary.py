"""Rules for what the demo tells: what is wrong is said, and nothing else is called wrong."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from demo import ledger
from demo.academy.figures import Figures, Variant
from demo.academy.tables import variants_table
from demo.analysis import Cohort, Forecast, Month
from demo.ledger import balances_table
from demo.proof import Check
from demo.reconciliation import Balance, Reconciliation
from demo.scenarios import SCENARIOS, Attempt, Scenario, to_attempt
from demo.summary import Outcome, as_json

DECLINED = next(it for it in SCENARIOS if it.token == "tok_declined")
ACADEMY = Figures(
    variants=(Variant("control", 7, 6), Variant("lower price", 3, 1)),
    checks=(Check("uses of WELCOME5", 7, 7, is_money=False),),
    budget_used=4790,
    budget_held=0,
    ledger={"gateway.simulated": 4790, "sales.items": -4790, "clearing": 0},
    failures=(),
)
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
    academy=ACADEMY,
    cohorts=[Cohort(date(1997, 1, 1), 4, (4, 1))],
    forecast=Forecast("naive", 23.6, 12, (Month(date(1998, 7, 1), 10_000, 8_000, None),)),
    days_of_data=(date(1997, 1, 1), date(1997, 2, 28)),
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
        (
            {"academy": replace(ACADEMY, checks=(Check("uses of WELCOME5", 7, 8, is_money=False),))},
            "the academy's uses of WELCOME5: 8 instead of 7",
        ),
        ({"academy": replace(ACADEMY, failures=("team: EMPTY_CART",))}, "a shopper of the academy: team"),
        ({"academy": replace(ACADEMY, budget_held=690)}, "the campaign has used 4,790 and holds 690"),
        ({"academy": replace(ACADEMY, budget_used=100_001)}, "the campaign has used 100,001"),
    ],
)
def test_each_failed_check_is_a_problem(change: dict[str, Any], sentence: str) -> None:
    (problem,) = replace(GOOD, **change).problems()
    assert problem.startswith(sentence)
    assert not as_json(replace(GOOD, **change), {})["ok"]


def test_the_summary_shows_how_the_variants_of_the_academy_s_offer_did() -> None:
    shown = as_json(GOOD, {})["academy"]
    assert shown["variants"][1] == {"name": "lower price", "exposures": 3, "conversions": 1}
    assert shown["campaign"] == {"budget": 100_000, "used": 4790, "held": 0}
    console = Console(width=120)
    with console.capture() as written:
        console.print(variants_table(ACADEMY))
    rows = [line.split()[:5] for line in written.get().splitlines()[2:]]
    assert rows[0][:4] == ["control", "7", "6", "86"]


def test_the_summary_shows_the_accounts_of_the_ledger_that_are_not_even() -> None:
    assert as_json(GOOD, {})["academy"]["ledger"]["gateway.simulated"] == 4790
    console = Console(width=120)
    with console.capture() as written:
        console.print(balances_table("The ledger", ACADEMY.ledger))
    rows = [line.split() for line in written.get().splitlines()[2:]]
    assert rows == [["gateway.simulated", "$47.90"], ["sales.items", "$47.90"]]


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({}, []),
        ({"gateway.simulated": 4789}, ["money at the gateway, by the ledger", "the sum of all accounts"]),
        ({"clearing": 1, "sales.items": -4791}, ["captured, and no order paid by it"]),
        ({"holds.simulated": 1, "holds_owed": -1}, ["authorized and still held, by the ledger"]),
        ({"bank": 1}, ["the sum of all accounts"]),
    ],
)
def test_a_ledger_that_is_a_cent_off_is_found(change: dict[str, int], failing: list[str]) -> None:
    found = {**ACADEMY.ledger, **change}
    assert [it.what for it in ledger.checks(4790, found) if not it.holds] == failing


def test_only_completed_compensations_count() -> None:
    assert to_attempt(DECLINED, checkout()).taken_back == ("lock_cart",)


def test_an_end_that_differs_from_the_token_s_is_unexpected() -> None:
    trial = Scenario("tok", "", 1, "failed", "X")
    assert to_attempt(trial, checkout()).as_expected
    assert not to_attempt(trial, checkout(failure={"code": "Y"})).as_expected
    assert not to_attempt(trial, checkout(status="completed", failure=None)).as_expected
