"""What facts about money post to the ledger, and that the books balance in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.orders.domain.refund import RefundSelection
from checkout_saga.payments.domain.operation import Operation
from checkout_saga.payments.domain.payment import BANK, CLEARING, RefundAccounts
from contracts import order, payment, provider, reconciliation
from kernel.ids import derive_id
from projections.models.ledger.model import LEDGER
from tests.support.purchases import Happening, Purchase
from tests.unit.projections.booked_orders import (
    HOLDS,
    NOON,
    ORDER_A,
    Bought,
    G,
    balances,
    postings_of,
    rows_of,
    total,
    units,
)
from tests.unit.projections.expected_rows import facts_of, interleavings, states
from tests.unit.projections.purchase_strategies import purchases


def test_x20_an_order_is_authorized_captured_and_paid() -> None:
    held, captured, paid = Bought().bought().postings()
    assert held == {HOLDS: 13695, "holds_owed": -13695}
    assert captured == {HOLDS: -13695, "holds_owed": 13695, G: 13695, "clearing": -13695}
    assert paid == {"clearing": 13695, "sales.items": -12146, "sales.shipping": -799, "tax_payable": -750}
    after = total((held, captured, paid))
    assert after == {G: 13695, "sales.items": -12146, "sales.shipping": -799, "tax_payable": -750}


def test_x16_of_a_hold_a_part_is_captured_and_the_rest_ends_with_it() -> None:
    it = Bought(lines=ORDER_A[:2])
    it.payment.authorize(it.request(Operation.AUTHORIZE, 13695), "ref")
    it.captured().order.pay()
    held, captured, paid = it.postings()
    assert held == {HOLDS: 13695, "holds_owed": -13695}
    assert captured == {HOLDS: -13695, "holds_owed": 13695, G: 9196, "clearing": -9196}
    assert paid == {"clearing": 9196, "sales.items": -7647, "sales.shipping": -799, "tax_payable": -750}


def test_x21_a_refund_of_a_unit_is_owed_when_it_is_requested_and_paid_by_the_gateway() -> None:
    it = Bought().bought()
    it.give_back(it.ask(units("L1", 1)))
    _, _, paid_back, _, requested = it.postings()
    assert requested == {"refunds.items": 1799, "tax_payable": 160, "refunds_payable": -1959}
    assert paid_back == {"refunds_payable": 1959, G: -1959}


def test_x22_a_refund_of_an_amount_that_fails_is_taken_back() -> None:
    it = Bought().bought()
    it.give_back(it.ask(units("L1", 1)))
    refund_id = it.ask(RefundSelection(1000))
    it.order.fail_refund(refund_id, "NO", "no")
    requested, failed = it.postings()[-2:]
    owed = {"refunds.items": 882, "refunds.shipping": 68, "tax_payable": 50, "refunds_payable": -1000}
    assert requested == owed
    assert failed == {account: -amount for account, amount in owed.items()}


def test_a_refund_that_the_bank_has_paid_leaves_the_gateway_as_it_was() -> None:
    it = Bought().bought()
    it.give_back(it.ask(units("L1", 1)), paid_from=BANK)
    assert {"refunds_payable": 1959, "bank": -1959} in it.postings()
    assert total(it.postings())[G] == 13695


def test_a_failed_refund_that_turns_out_to_be_paid_is_owed_again() -> None:
    it = Bought().bought()
    refund_id = it.ask(units("L1", 1))
    it.order.fail_refund(refund_id, "NOT_DONE", "no")
    it.give_back(refund_id)
    after = total(it.postings())
    assert (after["refunds.items"], after[G]) == (1799, 13695 - 1959)
    assert "refunds_payable" not in after


def test_a_failed_refund_that_is_retried_is_owed_again_and_a_stuck_one_still() -> None:
    it = Bought().bought()
    refund_id = it.ask(units("L1", 1))
    it.order.mark_refund_stuck(refund_id, "UNKNOWN", 8)
    retried = order.RefundRetried(refund_id=refund_id, operator="o", reason="r")
    it.order.record(retried)
    assert total(it.postings())["refunds_payable"] == -1959
    it.order.fail_refund(refund_id, "NO", "no")
    assert "refunds_payable" not in total(it.postings())
    it.order.record(retried.unrecorded())
    assert total(it.postings())["refunds_payable"] == -1959


def test_x24_fees_payouts_and_a_dispute_that_is_won_move_the_balance_at_the_gateway() -> None:
    it = Bought().bought()
    it.give_back(it.ask(units("L1", 1)))
    it.payment.open_dispute("dp_1", 11736, "fraudulent", None)
    opened = it.postings()[3]
    assert opened == {"disputes.open": 11736, G: -11736}
    it.payment.close_dispute("dp_1", "won")
    moved = at_the_provider(provider.FeeCharged, 427) + at_the_provider(provider.PaidOut, 5000)
    after = total(it.postings() + [posting for _, posting in postings_of(moved)])
    assert (after["fees.simulated"], after["bank"], after[G]) == (427, 5000, 6309)
    assert "disputes.open" not in after


def test_a_dispute_that_is_lost_is_a_loss() -> None:
    it = Bought().bought()
    it.payment.open_dispute("dp_1", 13695, "fraudulent", None)
    it.payment.close_dispute("dp_1", "lost")
    after = total(it.postings())
    assert (after["losses.disputes"], after.get(G)) == (13695, None)


def test_a_refund_that_the_provider_takes_back_is_at_the_gateway_again_and_no_longer_a_refund() -> None:
    it = Bought().bought()
    before = total(it.postings())
    refund_id = it.ask(units("L1", 1))
    it.give_back(refund_id)
    made = it.payment.pending_events[-1]
    assert isinstance(made, payment.Refunded)
    request = replace(it.request(Operation.REFUND, 1959), key=made.key)
    assert it.payment.reverse_refund(request, "ref")
    it.order.reverse_refund(refund_id, "REFUND_REVERSED", "no")
    assert total(it.postings()) == before


@pytest.mark.parametrize(
    ("resolution", "left"),
    [
        ("accepted", {G: 500, "suspense.simulated": -500}),
        ("returned", {}),
        ("assigned", {G: 500, "clearing": -500}),
    ],
    ids=["accepted", "returned", "assigned"],
)
def test_money_that_was_found_is_in_suspense_until_it_is_given_back_or_assigned(
    resolution: str, left: Mapping[str, int]
) -> None:
    found = at_the_provider(provider.MoneyFound, 500)
    resolved = reconciliation.DifferenceResolved(operator="o", resolution=resolution, reason="r")
    resolved.stamp(found[0].fact.originator_id, 2)
    happened = [*found, Happening(resolved, "demo", NOON)]
    assert total([posting for _, posting in postings_of(happened)]) == left


def at_the_provider(
    kind: type[provider.FeeCharged | provider.PaidOut | provider.MoneyFound], amount: int
) -> list[Happening]:
    fact = kind(
        account_id=UUID(int=7),
        gateway="simulated",
        reference=kind.TYPE,
        amount=amount,
        currency="USD",
        moved_at=NOON,
    )
    fact.stamp(derive_id(UUID(int=7), kind.TYPE), 1)
    return [Happening(fact, "demo", NOON)]


def test_a_refund_that_was_paid_twice_is_in_suspense() -> None:
    it = Bought().bought()
    refund_id = it.ask(units("L1", 1))
    it.give_back(refund_id, paid_from=BANK)
    it.order.record_duplicate_payment(refund_id, 1959, "late")
    assert it.postings()[-1] == {"suspense.simulated": 1959, G: -1959}


def test_a_compensated_checkout_leaves_no_money() -> None:
    it = Bought().authorized().captured()
    it.order.pay()
    it.payment.refund(it.request(Operation.REFUND), "ref", "given up")
    it.order.refund_everything("given up")
    it.order.cancel("given up")
    assert total(it.postings()) == {
        "sales.items": -12146,
        "refunds.items": 12146,
        "sales.shipping": -799,
        "refunds.shipping": 799,
    }


def test_money_without_an_order_is_given_back_from_clearing() -> None:
    it = Bought().authorized().captured()
    it.payment.refund(it.request(Operation.REFUND), "ref", "given up", RefundAccounts(against=CLEARING))
    assert it.postings()[-1] == {"clearing": 13695, G: -13695}
    assert total(it.postings()) == {}


@pytest.mark.parametrize("was_known", [True, False], ids=["known", "unknown"])
def test_a_void_releases_what_was_held(was_known: bool) -> None:
    it = Bought().authorized() if was_known else Bought()
    it.payment.void(it.request(Operation.VOID), "ref", 13695)
    assert total(it.postings()) == {}
    assert len(it.postings()) == (2 if was_known else 0)


def test_older_facts_post_what_present_ones_do() -> None:
    """Without the breakdown of an order and the allocation of its refunds."""
    it = Bought().bought()
    it.give_back(it.ask(units("L1", 1)))
    it.give_back(it.ask(RefundSelection(1000)))
    lacking = {"breakdown": None, "allocation": ()}
    older = [
        Happening(
            fact.model_copy(update={name: lacking[name] for name in lacking if hasattr(fact, name)}),
            "demo",
            NOON,
        )
        for fact in it.facts
    ]
    assert postings_of(older) == postings_of(it.happened)


STEPS = ("ask unit", "ask amount", "ask all", "pay", "fail", "stuck", "retry", "bank", "twice")


@st.composite
def orders(draw: st.DrawFn) -> list[Bought]:
    return [
        _order(draw, Bought(number, draw(st.sampled_from(["USD", "EUR"]))))
        for number in range(draw(st.integers(1, 4)))
    ]


def _order(draw: st.DrawFn, it: Bought) -> Bought:
    match draw(st.sampled_from(["voided", "captured", "compensated", "without an order", "bought"])):
        case "voided":
            it.authorized().payment.void(it.request(Operation.VOID), "ref", 13695)
        case "captured":
            it.authorized().captured()
        case "compensated":
            it.authorized().captured().order.pay()
            it.payment.refund(it.request(Operation.REFUND), "ref", "given up")
            it.order.refund_everything("given up")
        case "without an order":
            accounts = RefundAccounts(against=CLEARING)
            it.authorized().captured().payment.refund(it.request(Operation.REFUND), "ref", "no", accounts)
        case "bought":
            it.bought()
            for step in draw(st.lists(st.sampled_from(STEPS), max_size=8)):
                _refund(draw, it, step)
    return it


def _refund(draw: st.DrawFn, it: Bought, step: str) -> None:
    known = it.order.refunds
    pending = [refund_id for refund_id, refund in known.items() if refund.is_pending]
    left = it.order.remainder
    match step:
        case "ask unit" if left.balance_of("L1").units and left.balance_of("L1").amount:
            it.ask(units("L1", 1))
        case "ask amount" if left.amount:
            it.ask(RefundSelection(draw(st.integers(1, left.amount))))
        case "ask all" if left.amount:
            it.ask()
        case "pay" | "bank" if pending:
            it.give_back(pending[0], BANK if step == "bank" else None)
        case "fail" if pending:
            it.order.fail_refund(pending[-1], "NO", "no")
        case "stuck" if pending:
            it.order.mark_refund_stuck(pending[0], "UNKNOWN", 8)
        case "retry":
            for refund_id, refund in known.items():
                if not refund.is_pending and refund.status == "failed" and left.covers(refund.allocation):
                    it.order.record(order.RefundRetried(refund_id=refund_id, operator="o", reason="r"))
                    return
        case "twice" if known:
            refund_id = next(iter(known))
            it.order.record_duplicate_payment(refund_id, known[refund_id].amount, f"late {it.asked}")


@given(data=st.data(), generated=orders())
def test_the_books_of_several_orders_balance_after_every_fact_in_any_order(
    data: st.DataObject, generated: list[Bought]
) -> None:
    facts = [event for it in generated for event in it.happened]
    reordered = data.draw(interleavings(facts))
    sums: Counter[str] = Counter()
    for (_, _, _, currency), posting in postings_of(reordered):
        sums[currency] += sum(posting.values())
        assert sums[currency] == 0
    assert rows_of(reordered) == rows_of(facts)
    assert states(LEDGER, reordered) == states(LEDGER, facts), "a rebuild reads in another order"


@given(generated=orders())
def test_each_account_says_what_the_orders_and_payments_say(generated: list[Bought]) -> None:
    for it in generated:
        after = total(it.postings())
        facts = it.facts
        held = it.payment.authorized if it.payment.status == "authorized" else 0
        assert (after.get(HOLDS, 0), after.get("holds_owed", 0)) == (held, -held)
        owed = sum(refund.amount for refund in it.order.refunds.values() if refund.is_pending)
        assert after.get("refunds_payable", 0) == -owed
        by_bank = sum(f.amount for f in facts if isinstance(f, payment.Refunded) and f.paid_from)
        twice = sum(f.amount for f in facts if isinstance(f, order.RefundPaidTwice))
        at_gateway = it.payment.captured - it.payment.refunded + by_bank - twice
        assert (after.get(G, 0), after.get("bank", 0)) == (at_gateway, -by_bank)
        without_order = it.payment.captured and not it.order.paid and not it.payment.refunded
        assert after.get("clearing", 0) == (-it.payment.captured if without_order else 0)


@given(data=st.data(), generated=purchases())
def test_purchases_as_they_were_once_recorded_balance_in_any_order(
    data: st.DataObject, generated: list[Purchase]
) -> None:
    facts = facts_of(*generated)
    reordered = data.draw(interleavings(facts))
    assert all(sum(posting.values()) == 0 for _, posting in postings_of(reordered))
    assert balances(reordered) == balances(facts)
    assert not [it for it in balances(facts) if it[2] in {"clearing", "refunds_payable", HOLDS}]


def test_an_entry_names_its_fact_its_checkout_and_when_it_occurred() -> None:
    it = Bought().bought()
    later = [Happening(fact, "demo", NOON + timedelta(days=1)) for fact in it.facts]
    assert rows_of(later)["demo", it.order.id, 2, "sales.shipping"] == (
        "USD",
        -799,
        "order.paid",
        NOON + timedelta(days=1),
        it.id,
    )
