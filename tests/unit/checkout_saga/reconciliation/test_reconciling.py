"""A provider's list is compared with the log both ways: repaired, or left to an operator."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.orders.domain.refund import RefundSelection
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import record_refund, refund_order
from checkout_saga.payments.domain.disputes import OPEN_DISPUTE
from checkout_saga.payments.domain.entries import EntryKind, EntryState, Window
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    Unknown,
)
from checkout_saga.payments.domain.resolution import MANUAL_REFERENCE
from checkout_saga.reconciliation.asking import start_asked_run
from checkout_saga.reconciliation.domain.errors import (
    DifferenceNotFound,
    DifferenceNotResolvable,
    NoAccountToReconcile,
    ReconciliationUnderWay,
)
from checkout_saga.reconciliation.domain.index_keys import FAILED, UNDER_WAY, failed_key
from checkout_saga.reconciliation.use_cases.differences import open_differences, resolve_difference
from checkout_saga.reconciliation.use_cases.running import (
    COMPARE,
    TRIES,
    start_run,
)
from contracts import order, payment, provider, reconciliation
from contracts.envelope import Fact
from kernel.ids import NIL_ID
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    ORDER,
    PAYMENT,
    checkout_failed,
    checkout_started,
    waiting_at,
)
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order
from tests.unit.checkout_saga.reconciliation.accounts import ACCOUNT, SINCE, UNTIL, Account, entry

P2, C2, P3, C3 = UUID(int=0xA2), UUID(int=0xC2), UUID(int=0xA3), UUID(int=0xC3)
KEY_OF_R9 = f"{C2}:refund:{UUID(int=0x9)}:1"
AUTHORIZATION, CAPTURE, REFUND = EntryKind.AUTHORIZATION, EntryKind.CAPTURE, EntryKind.REFUND


def paid(*more: Fact) -> list[Fact]:
    """p2: captured with 9000, of a checkout that the log no longer needs to tell about."""
    details: dict[str, Any] = {"checkout_id": C2, "gateway": "simulated", "currency": "EUR"}
    return [
        payment.Authorized(**stamp(P2), **details, amount=9000, key=f"{C2}:authorize:1", reference="a2"),
        payment.Captured(**stamp(P2), **details, amount=9000, key=f"{C2}:capture:1", reference="p2"),
        *more,
    ]


def refunded(amount: int) -> payment.Refunded:
    return payment.Refunded(
        **stamp(P2),
        checkout_id=C2,
        gateway="simulated",
        currency="EUR",
        amount=amount,
        key=KEY_OF_R9,
        reference="r9",
        reason="came back",
    )


def failed() -> Scenario:
    return given(checkout_started(3), checkout_failed(step_names.AUTHORIZE, "PAYMENT_DECLINED"))


def test_x41_a_run_matches_repairs_and_leaves_to_an_operator() -> None:
    story = given(
        checkout_started(3),
        checkout_failed(step_names.AUTHORIZE, "PAYMENT_DECLINED"),
        *paid(refunded(1959)),
    )
    it = Account(story, moved_payments=[P2])
    it.listed = [
        entry(AUTHORIZATION, "p1", 2000, payment_id=PAYMENT, checkout_id=CHECKOUT),
        entry(CAPTURE, "p2", 9000, payment_id=P2, checkout_id=C2),
        entry(CAPTURE, "p3", 500, payment_id=P3, checkout_id=C3),
    ]
    completed = it.reconcile()
    counted = completed.theirs, completed.ours, completed.matched, completed.repaired, completed.open
    assert counted == (3, 2, 1, 1, 2)
    (ended,) = it.given_back
    assert (ended.operation, ended.key) == (Operation.VOID, f"{CHECKOUT}:void:1")
    assert [type(one) for one in it.facts(PAYMENT)] == [payment.Voided]
    (found,) = it.all_facts(provider.MoneyFound)
    assert (found.amount, found.reference) == (500, "p3")
    codes = {one.code: (one.theirs, one.ours) for one in it.all_facts(reconciliation.DifferenceFound)}
    assert codes == {"MONEY_FOUND": (500, None), "NOT_AT_PROVIDER": (None, 1959)}
    assert it.cleared == {"p1", "p2", "p3"}


def test_a_second_run_finds_the_same_differences_and_repairs_nothing_again() -> None:
    it = Account(given(*paid(refunded(1959))), moved_payments=[P2])
    it.listed = [entry(CAPTURE, "p3", 500, payment_id=P3, checkout_id=C3)]
    first, second = it.reconcile(), it.reconcile()
    assert (first.open, second.open, second.repaired) == (3, 3, 0)
    assert len(it.all_facts(reconciliation.DifferenceFound)) == 3
    assert len(it.all_facts(provider.MoneyFound)) == 1


def test_what_waits_for_an_outcome_asks_the_provider_again() -> None:
    it = Account(waiting_at(step_names.CAPTURE).after(minutes=20))
    it.listed = [entry(CAPTURE, "ref", 2000, payment_id=PAYMENT, checkout_id=CHECKOUT)]
    assert it.reconcile().repaired == 1
    timer = it.timers[CHECKOUT, Operation.CAPTURE]
    assert timer is not None and timer.payload == {"tries": 1}


def test_an_authorization_that_is_an_hour_young_is_left_alone() -> None:
    it = Account(failed())
    young = NOW - timedelta(minutes=59)
    it.listed = [entry(AUTHORIZATION, "p1", 2000, payment_id=PAYMENT, checkout_id=CHECKOUT, at=young)]
    assert (it.reconcile().repaired, it.given_back) == (0, [])


@pytest.mark.parametrize(("names_tenant", "ended"), [(True, 1), (False, 0)], ids=["ours", "unnamed"])
def test_an_authorization_of_an_unknown_checkout_is_ended_if_it_names_the_tenant(
    names_tenant: bool, ended: int
) -> None:
    it = Account(given())
    stray = {"payment_id": P3, "checkout_id": C3, "names_tenant": names_tenant}
    it.listed = [entry(AUTHORIZATION, "p3", 2000, **stray)]
    assert (it.reconcile().repaired, len(it.given_back)) == (ended, ended)
    assert not it.facts(P3), "the log knows nothing of it"


def test_an_authorization_without_our_ids_is_none_of_ours() -> None:
    it = Account(failed())
    it.listed = [entry(AUTHORIZATION, "p1", 2000)]
    assert (it.reconcile().open, it.given_back) == (0, [])


def test_money_captured_for_a_failed_checkout_is_refunded_from_clearing() -> None:
    it = Account(failed())
    second = payment_id_of(CHECKOUT, 2)
    it.listed = [entry(CAPTURE, "p1", 2000, payment_id=second, checkout_id=CHECKOUT)]
    assert it.reconcile().repaired == 1
    (asked,) = it.given_back
    assert (asked.key, asked.reference) == (f"{CHECKOUT}:refund:1", "p1"), "no void: it names the capture"
    assert [type(one) for one in it.facts(second)] == [
        payment.Authorized,
        payment.Captured,
        payment.Refunded,
    ]
    refund = it.all_facts(payment.Refunded)[0]
    assert (refund.key, refund.against, refund.amount) == (f"{CHECKOUT}:refund:1", "clearing", 2000)
    assert it.reconcile().repaired == 0, "it is given back once"


def test_money_that_the_provider_will_not_give_back_is_left_to_an_operator() -> None:
    it = Account(failed(), gives_back=Declined("VOID_REFUSED", "no"))
    it.listed = [entry(AUTHORIZATION, "p1", 2000, payment_id=PAYMENT, checkout_id=CHECKOUT)]
    assert it.reconcile().open == 1
    assert [one.code for one in it.all_facts(reconciliation.DifferenceFound)] == ["NOT_GIVEN_BACK"]


@pytest.mark.parametrize(("amount", "currency"), [(8999, "EUR"), (9000, "USD")], ids=["amount", "currency"])
def test_a_capture_of_another_amount_or_currency_is_left_to_an_operator(amount: int, currency: str) -> None:
    it = Account(given(*paid()))
    it.listed = [entry(CAPTURE, "p2", amount, payment_id=P2, checkout_id=C2, currency=currency)]
    assert it.reconcile().open == 1
    assert [one.code for one in it.all_facts(reconciliation.DifferenceFound)] == ["AMOUNT_DIFFERS"]


def test_alike_references_of_different_payments_are_different_differences() -> None:
    it = Account(given(*paid()))
    it.listed = [
        entry(REFUND, "by hand", 100, payment_id=P2, checkout_id=C2, key="1"),
        entry(REFUND, "by hand", 100, payment_id=P3, checkout_id=C3, key="2"),
    ]
    assert (it.reconcile().open, len(it.all_facts(reconciliation.DifferenceFound))) == (2, 2)


def test_a_resolved_difference_hides_no_later_one_of_another_kind() -> None:
    it = Account(given(*paid()))
    it.listed = [entry(CAPTURE, "p2", 8999, payment_id=P2, checkout_id=C2)]
    assert it.reconcile().open == 1
    (found,) = it.all_facts(reconciliation.DifferenceFound)
    it.story.when(resolve, found.originator_id, "accepted")
    it.listed, it.moved_payments = [], [P2]
    assert it.reconcile().open == 1
    assert [one.code for one in it.all_facts(reconciliation.DifferenceFound)] == [
        "AMOUNT_DIFFERS",
        "NOT_AT_PROVIDER",
    ]


def test_a_refund_that_an_operator_has_settled_is_not_missed_at_the_provider() -> None:
    by_hand = refunded(1959).model_copy(update={"reference": MANUAL_REFERENCE})
    it = Account(given(*paid(by_hand)), moved_payments=[P2])
    it.known = {f"{C2}:capture:1": Done("p2", 9000)}
    completed = it.reconcile()
    assert (completed.ours, completed.open) == (1, 0)


def test_a_refund_that_was_not_asked_for_is_left_to_an_operator() -> None:
    it = Account(given(*paid()))
    it.listed = [entry(REFUND, "r1", 100, payment_id=P2, checkout_id=C2, key="by hand")]
    assert it.reconcile().open == 1
    assert [one.code for one in it.all_facts(reconciliation.DifferenceFound)] == ["REFUND_NOT_ASKED_FOR"]


def test_what_the_list_lacks_and_the_provider_knows_by_key_is_no_difference() -> None:
    it = Account(given(*paid(refunded(1959))), moved_payments=[P2])
    it.known = {f"{C2}:capture:1": Done("p2", 9000), KEY_OF_R9: Done("r9", 1959)}
    assert (it.reconcile().matched, it.reconcile().open) == (2, 0)


def test_a_provider_that_does_not_answer_is_asked_again_later_for_a_shorter_time() -> None:
    it = Account(given(), is_silent=True)
    run = asyncio.run(it.begin())
    timer = it.timers[run.id, COMPARE]
    assert timer is not None
    asyncio.run(it.step(timer))
    again = it.timers[run.id, COMPARE]
    assert again is not None and again.due_at > timer.due_at
    assert again.payload["seconds"] == timer.payload["seconds"] / 2


def test_a_run_whose_provider_never_answers_ends_as_failed_and_frees_the_account() -> None:
    it = Account(given(), is_silent=True)
    run = asyncio.run(it.begin())
    for _ in range(TRIES):
        timer = it.timers[run.id, COMPARE]
        assert timer is not None
        asyncio.run(it.step(timer))
    assert it.timers[run.id, COMPARE] is None
    (ended,) = it.all_facts(reconciliation.Completed)
    assert ended.failure == "no answer"
    it.story.then_holds(UNDER_WAY, str(ACCOUNT), None)


def test_an_account_that_cannot_be_compared_calls_an_operator_until_a_run_ends() -> None:
    it = Account(given(), is_silent=True)
    first = _failed_run(it)
    failed_at = failed_key(NOW, ACCOUNT)
    it.story.then_holds(FAILED, failed_at, first)
    it.story.after(minutes=15)
    _failed_run(it)
    it.story.then_holds(FAILED, failed_at, first)
    it.is_silent = False
    it.reconcile()
    it.story.then_holds(FAILED, failed_at, None)


def _failed_run(it: Account) -> UUID:
    run = asyncio.run(it.begin())
    while timer := it.timers[run.id, COMPARE]:
        asyncio.run(it.step(timer))
    return run.id


def test_an_account_that_the_shop_does_not_have_is_not_reconciled() -> None:
    async def ask(gateway: str, work: UnitOfWork, needs_account: bool) -> None:
        window = Window(gateway, "demo", SINCE, UNTIL)
        await start_asked_run(ACCOUNT, window, work, needs_account=needs_account)

    given().when(ask, "stripe", True).then_refused(NoAccountToReconcile)
    (started,) = given().when(ask, "simulated", False).work.facts
    assert isinstance(started, reconciliation.Started)


@pytest.mark.parametrize(
    "outcome", [Unknown("no answer"), ActionNeeded("back", "wait")], ids=["unknown", "pending"]
)
def test_a_money_back_call_without_a_final_answer_is_made_again_by_the_next_run(outcome: Outcome) -> None:
    it = Account(failed(), gives_back=outcome)
    it.listed = [
        entry(AUTHORIZATION, "p1", 2000, payment_id=PAYMENT, checkout_id=CHECKOUT, at=SINCE),
        entry(EntryKind.FEE, "txn_1", 427),
    ]
    first = it.reconcile()
    assert (first.theirs, first.matched, first.repaired, first.open) == (2, 1, 0, 0)
    assert not it.facts(PAYMENT)
    it.gives_back = None
    assert it.reconcile().repaired == 1


REFUNDED = UUID(int=0xE1)


def order_with_a_refund() -> Scenario:
    async def ask(order_id: UUID, work: UnitOfWork) -> None:
        await refund_order(order_id, REFUNDED, RefundSelection(600), "came back", work)

    async def pay(order_id: UUID, work: UnitOfWork) -> None:
        request = await refund_request(order_id, REFUNDED, work)
        assert request is not None
        await record_refund(order_id, REFUNDED, request, Done("re_1", 600), 0, work)

    return fulfilled_order().when(ask, ORDER).when(pay, ORDER)


def test_a_refund_that_the_provider_takes_back_has_failed_and_is_refundable_again() -> None:
    it = Account(order_with_a_refund())
    key = f"{CHECKOUT}:refund:{REFUNDED}:1"
    it.listed = [
        entry(
            REFUND,
            "re_1",
            600,
            payment_id=PAYMENT,
            checkout_id=CHECKOUT,
            key=key,
            state=EntryState.FAILED,
            detail="expired card",
        )
    ]
    assert it.reconcile().repaired == 1
    (reversal,) = it.all_facts(payment.RefundReversed)
    assert (reversal.amount, reversal.reference, reversal.key) == (600, "re_1", key)
    (failed_refund,) = it.all_facts(order.RefundFailed)
    assert (failed_refund.refund_id, failed_refund.code) == (REFUNDED, "REFUND_REVERSED")
    assert it.reconcile().repaired == 0, "it is recorded once"


def test_a_refund_that_has_failed_here_and_is_done_there_is_looked_up() -> None:
    async def ask(order_id: UUID, work: UnitOfWork) -> None:
        await refund_order(order_id, REFUNDED, RefundSelection(600), "came back", work)

    async def decline(order_id: UUID, work: UnitOfWork) -> None:
        request = await refund_request(order_id, REFUNDED, work)
        assert request is not None
        await record_refund(order_id, REFUNDED, request, Declined("NO", "no"), 0, work)

    it = Account(fulfilled_order().when(ask, ORDER).when(decline, ORDER))
    key = f"{CHECKOUT}:refund:{REFUNDED}:1"
    it.listed = [entry(REFUND, "re_1", 600, payment_id=PAYMENT, checkout_id=CHECKOUT, key=key)]
    assert it.reconcile().repaired == 1
    timer = it.timers[REFUNDED, REFUND_ORDER]
    assert timer is not None and timer.payload["look"] is True


def test_a_dispute_is_opened_and_closed_once_each() -> None:
    it = Account(given(*paid()))
    opened = entry(EntryKind.DISPUTE, "dp_1", 9000, payment_id=P2, checkout_id=C2, detail="fraudulent")
    it.listed = [opened]
    assert (it.reconcile().repaired, it.reconcile().repaired) == (1, 0)
    it.listed = [entry(EntryKind.DISPUTE, "dp_1", 9000, payment_id=P2, checkout_id=C2, state=EntryState.LOST)]
    assert (it.reconcile().repaired, it.reconcile().repaired) == (1, 0)
    assert [one.reason for one in it.all_facts(payment.DisputeOpened)] == ["fraudulent"]
    assert [one.outcome for one in it.all_facts(payment.DisputeClosed)] == ["lost"]


def test_the_long_run_asks_for_open_disputes_that_are_older_than_its_window() -> None:
    it = Account(given(*paid()))
    opened = entry(EntryKind.DISPUTE, "dp_1", 9000, payment_id=P2, checkout_id=C2)
    it.listed = [opened]
    assert it.reconcile().repaired == 1
    it.story.then_holds(OPEN_DISPUTE, "simulated/dp_1", C2)
    long_ago = NOW - timedelta(days=90)
    it.listed = [replace(opened, state=EntryState.WON, at=long_ago)]
    assert it.reconcile().repaired == 0, "a short run does not ask for it"
    assert it.reconcile(NOW - timedelta(days=35)).repaired == 1
    assert [one.outcome for one in it.all_facts(payment.DisputeClosed)] == ["won"]
    it.story.then_holds(OPEN_DISPUTE, "simulated/dp_1", None)
    assert it.reconcile(NOW - timedelta(days=35)).theirs == 0, "it has ended"


def test_a_dispute_that_is_first_seen_when_it_has_ended_is_not_asked_for_again() -> None:
    it = Account(given(*paid()))
    it.listed = [entry(EntryKind.DISPUTE, "dp_1", 9000, payment_id=P2, checkout_id=C2, state=EntryState.LOST)]
    assert it.reconcile().repaired == 1
    it.story.then_holds(OPEN_DISPUTE, "simulated/dp_1", None)


def test_a_dispute_whose_facts_were_recovered_is_asked_for_again() -> None:
    async def resume(checkout_id: UUID, work: UnitOfWork) -> None:
        await resume_checkout(await work.open(Checkout, checkout_id), work)

    disputed: dict[str, Any] = {"dispute_id": "dp_1", "checkout_id": CHECKOUT, "gateway": "simulated"}
    opened = payment.DisputeOpened(**stamp(PAYMENT), **disputed, amount=5, currency="USD", reason="")
    story = given(checkout_started(3), opened)
    story.when(resume, CHECKOUT)
    story.then_holds(OPEN_DISPUTE, "simulated/dp_1", CHECKOUT)


def test_fees_and_payouts_are_noted_once() -> None:
    it = Account(given())
    it.listed = [entry(EntryKind.FEE, "txn_1", 427), entry(EntryKind.PAYOUT, "po_1", 5000)]
    assert (it.reconcile().matched, it.reconcile().matched) == (2, 2)
    assert [one.amount for one in it.all_facts(provider.FeeCharged)] == [427]
    assert [one.amount for one in it.all_facts(provider.PaidOut)] == [5000]


def test_a_payout_with_a_fee_is_noted_as_both() -> None:
    it = Account(given())
    it.listed = [entry(EntryKind.PAYOUT, "txn_1", 5000), entry(EntryKind.FEE, "txn_1", 25)]
    assert it.reconcile().matched == 2
    assert [one.amount for one in it.all_facts(provider.PaidOut)] == [5000]
    assert [one.amount for one in it.all_facts(provider.FeeCharged)] == [25]


def test_one_run_at_a_time_compares_an_account() -> None:
    async def start(gateway: str, work: UnitOfWork) -> None:
        await start_run(ACCOUNT, gateway, SINCE, UNTIL, work)

    given().when(start, "simulated").when(start, "simulated").then_refused(ReconciliationUnderWay)


FOUND = [entry(CAPTURE, "p3", 500, payment_id=P3, checkout_id=C3)]


def with_a_difference() -> tuple[Scenario, UUID]:
    it = Account(given(*paid()), listed=FOUND)
    it.reconcile()
    (found,) = it.all_facts(reconciliation.DifferenceFound)
    return it.story, found.originator_id


async def resolve(its_id: UUID, work: UnitOfWork, resolution: str, payment_id: UUID | None = None) -> None:
    await resolve_difference(its_id, resolution, "seen", payment_id, work)  # type: ignore[arg-type]  # a literal


async def count_open(_: None, work: UnitOfWork) -> int:
    return len(await open_differences(work))


def test_an_operator_resolves_a_difference_once() -> None:
    story, its_id = with_a_difference()
    story.when(count_open, None).then_result(1)
    story.when(resolve, its_id, "assigned", P2)
    (resolved,) = story.work.facts
    assert isinstance(resolved, reconciliation.DifferenceResolved)
    assert (resolved.resolution, resolved.payment_id, resolved.operator) == ("assigned", P2, "tester")
    story.when(count_open, None).then_result(0)
    story.when(resolve, its_id, "accepted").then_refused(DifferenceNotResolvable)


def test_money_cannot_be_assigned_to_a_payment_that_does_not_exist() -> None:
    story, its_id = with_a_difference()
    story.when(resolve, its_id, "assigned", UUID(int=0xFF)).then_refused(DifferenceNotResolvable)


def test_only_money_that_was_found_can_be_returned() -> None:
    it = Account(given(*paid()), listed=[entry(CAPTURE, "p2", 1, payment_id=P2, checkout_id=C2)])
    it.reconcile()
    (found,) = it.all_facts(reconciliation.DifferenceFound)
    it.story.when(resolve, found.originator_id, "returned").then_refused(DifferenceNotResolvable)


def test_there_is_no_difference_under_another_id() -> None:
    given().when(resolve, NIL_ID, "accepted").then_refused(DifferenceNotFound)
