"""The checks of the ledger accept ended checkouts and work in flight, and find each planted violation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest

from checkout_saga.payments.domain.operation import Operation
from checkout_saga.payments.domain.payment import CLEARING, RefundAccounts
from pricing.ledger.postings import MoneyFact
from tests.unit.projections.booked_orders import Bought, rows_of, units
from verify.check import run_check
from verify.checks.ledger import CHECKS
from verify.dataset.dataset import Dataset

NOW = 1_800_000_000.0
TYPES = [fact.TYPE for fact in get_args(MoneyFact)]


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        found.add("read_model_type", [("ledger", it) for it in TYPES])
        yield found
    finally:
        found.close()


def enter(into: Dataset, bought: Sequence[Bought]) -> None:
    """Their facts, checkouts that have ended, the ledger, and the gateway's payments."""
    for it in bought:
        for fact in it.facts:
            checkout_id = str(it.id) if hasattr(fact, "checkout_id") else None
            log(
                into,
                fact.originator_id,
                fact.originator_version,
                fact.TYPE,
                fact.body().decode(),
                checkout_id,
            )
        for version, name in enumerate(("started", "completed"), start=1):
            log(into, it.id, version, f"checkout.{name}", "{}")
        paid = it.payment
        money = ("USD", paid.authorized, paid.captured, paid.refunded)
        into.add("payment", [("demo", str(paid.id), str(it.id), "?", *money)])
        for aggregate in (it.payment, it.order):
            last = max(fact.originator_version for fact in aggregate.pending_events)
            into.add("seen", [("projections", "projections.ledger", str(aggregate.id), last)])
    posted = rows_of(event for it in bought for event in it.happened)
    into.add(
        "ledger_entry",
        [
            (tenant, str(stream), version, type_, account, currency, amount, str(checkout))
            for (tenant, stream, version, account), (currency, amount, type_, _, checkout) in posted.items()
        ],
    )


def log(
    into: Dataset, stream: UUID, version: int, type_: str, body: str, checkout_id: str | None = None
) -> None:
    position = into.number("SELECT count(*) + 1 FROM log")
    envelope = (str(stream), version, f"message {position}", "fact", "demo", "checkout.events", str(stream))
    content = (type_, "a cause", NOW, b"", checkout_id, None, body)
    into.add("log", [("checkout-saga", position, *envelope, *content)])


def found_by(into: Dataset) -> dict[str, list[str]]:
    into.derive()
    results = [run_check(it, into) for it in CHECKS]
    return {it.check: sorted({str(row["what"]) for row in it.rows}) for it in results if it.violations}


def shop() -> list[Bought]:
    """Sold, partly refunded, with a failed and an open refund; compensated; voided; without an order."""
    sold, back, void, alone = (Bought(number) for number in range(4))
    sold.bought().give_back(sold.ask(units("L1", 1)))
    sold.order.fail_refund(sold.ask(units("L2", 1)), "NO", "no")
    back.authorized().captured().order.pay()
    back.payment.refund(back.request(Operation.REFUND), "ref", "no")
    back.order.refund_everything("no")
    void.authorized().payment.void(void.request(Operation.VOID), "ref", 13695)
    alone.authorized().captured().payment.refund(
        alone.request(Operation.REFUND), "ref", "no", RefundAccounts(against=CLEARING)
    )
    return [sold, back, void, alone]


def test_the_books_of_checkouts_that_have_ended_in_any_way_pass(dataset: Dataset) -> None:
    enter(dataset, shop())
    assert found_by(dataset) == {}
    assert [run_check(it, dataset).compared for it in CHECKS] == [49, 4, 4]


def test_an_open_refund_is_no_violation_and_neither_are_facts_that_the_ledger_lacks(dataset: Dataset) -> None:
    open_, behind = Bought(1).bought(), Bought(2).bought()
    open_.ask(units("L1", 1))
    behind.ask(units("L1", 1))
    enter(dataset, [open_, behind])
    dataset.sql.execute("UPDATE seen SET version = version - 1 WHERE stream_id = ?", (str(behind.order.id),))
    dataset.sql.execute(
        "DELETE FROM ledger_entry WHERE type = 'order.refund_requested' AND stream_id = ?",
        (str(behind.order.id),),
    )
    assert found_by(dataset) == {}


HOLDS = "the holds are not the live authorizations"
PAYABLE = "the refunds payable are not the open refunds"
IN_CLEARING = "money in clearing, though its checkout has ended"
OTHERWISE = "the ledger has another balance at the gateway than the gateway"
ELSEWHERE = "a recorded dispute that the gateway has not, or that ended otherwise there"
NO_FEE = "a recorded fee that the gateway has not charged"
PLANTS = {
    "UPDATE ledger_entry SET amount = amount + 1 WHERE account = 'sales.items'": {
        "L1": ["debits and credits differ"]
    },
    "UPDATE ledger_entry SET currency = 'EUR' WHERE account = 'tax_payable'": {
        "L1": ["debits and credits differ"]
    },
    "UPDATE ledger_entry SET tenant = 'rival' WHERE type = 'order.paid'": {
        "L1": ["posted for a fact that is in no log, or for another tenant"],
        "L2": [IN_CLEARING],
    },
    "DELETE FROM ledger_entry WHERE type = 'payment.voided'": {"L2": [HOLDS]},
    "DELETE FROM ledger_entry WHERE type = 'order.refund_failed'": {"L2": [PAYABLE]},
    "DELETE FROM ledger_entry WHERE type = 'order.paid'": {"L2": [IN_CLEARING]},
    "UPDATE ledger_entry SET account = 'bank' WHERE account = 'gateway.simulated'": {"L3": [OTHERWISE]},
    "UPDATE payment SET refunded = refunded + 1 WHERE captured > 0": {"L3": [OTHERWISE]},
}


@pytest.mark.parametrize("planted", PLANTS)
def test_a_planted_violation_is_found_by_its_checks_alone(dataset: Dataset, planted: str) -> None:
    enter(dataset, shop())
    assert dataset.sql.execute(planted).rowcount
    assert found_by(dataset) == PLANTS[planted]


def disputed(into: Dataset, outcome: str | None = None) -> Bought:
    """A sale with a dispute that is recorded here and lies at the gateway, with its fee."""
    bought = Bought().bought()
    bought.payment.open_dispute("a dispute", 500, "fraudulent", None)
    if outcome:
        bought.payment.close_dispute("a dispute", outcome)
    enter(into, [bought])
    there = ("demo", "a dispute", str(bought.payment.id), outcome or "open", 500, "USD")
    into.add("dispute", [there])
    fee = '{"gateway": "simulated", "reference": "a dispute", "amount": 1500, "currency": "USD"}'
    log(into, UUID(int=0xFEE), 1, "provider.fee_charged", fee)
    into.add("fee", [("demo", "a dispute", 1500, "USD")])
    return bought


@pytest.mark.parametrize("outcome", [None, "won", "lost"])
def test_a_dispute_and_its_fee_pass_however_it_ended(dataset: Dataset, outcome: str | None) -> None:
    disputed(dataset, outcome)
    assert found_by(dataset) == {}


def test_what_the_gateway_has_and_no_reconciliation_has_found_yet_passes(dataset: Dataset) -> None:
    sold = Bought().bought()
    enter(dataset, [sold])
    dataset.add("dispute", [("demo", "a dispute", str(sold.payment.id), "lost", 500, "USD")])
    dataset.add("fee", [("demo", "a dispute", 1500, "USD")])
    assert found_by(dataset) == {}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("DELETE FROM dispute", ELSEWHERE),
        ("UPDATE dispute SET amount = 501", ELSEWHERE),
        ("UPDATE dispute SET status = 'won'", ELSEWHERE),
        ("UPDATE dispute SET merchant = 'rival'", ELSEWHERE),
        ("DELETE FROM fee", NO_FEE),
        ("UPDATE fee SET amount = 1499", NO_FEE),
        ("UPDATE fee SET currency = 'EUR'", NO_FEE),
    ],
)
def test_what_is_recorded_and_lies_otherwise_at_the_gateway_is_found(
    dataset: Dataset, planted: str, found: str
) -> None:
    disputed(dataset, "lost")
    assert dataset.sql.execute(planted).rowcount
    assert found_by(dataset) == {"L3": [found]}
