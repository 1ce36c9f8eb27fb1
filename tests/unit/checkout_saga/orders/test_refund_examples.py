"""Refunds to the cent: what is given back of each line, with its tax, whatever comes before and after it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.orders.domain.errors import NotRefundable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.domain.refund import EVERYTHING, RefundPart, RefundSelection
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from checkout_saga.payments.domain.payment import Payment
from contracts import order as facts
from contracts.sale import Sale, SaleLine, Totals

ORDER, PRODUCT = UUID(int=0x0D), UUID(int=1)
NOTHING: dict[str, Any] = {"unit_price": 0, "discount": 0, "product_id": PRODUCT, "product_type": "physical"}
L1, L2, L3, SHIPPING = "L1", "L2", "L3", None


class Charged(NamedTuple):
    quantity: int
    total: int
    tax: int


class Bought:
    """An order that was handed over, and the refunds that are requested."""

    def __init__(self, *lines: Charged, shipping: tuple[int, int] = (0, 0)) -> None:
        sold = tuple(
            SaleLine(line_id=f"L{n}", sku="it", name="it", **NOTHING, **it._asdict())
            for n, it in enumerate(lines, start=1)
        )
        total = sum(it.total for it in lines) + shipping[0]
        tax = sum(it.tax for it in lines) + shipping[1]
        totals = Totals(subtotal=total - tax, discount=0, shipping=shipping[0], tax=tax, total=total)
        self.order = Order.empty(ORDER)
        sale = Sale(currency="USD", lines=sold, totals=totals)
        self.order.create(
            UUID(int=2), UUID(int=3), "a-customer", UUID(int=4), "simulated", sale, number="F-1"
        )
        self.order.pay()
        successful = (
            facts.LineResult(line_id=it.line_id, result="successful") for it in self.order.sale.lines
        )
        self.order.record_results(tuple(successful))
        self.asked = 0
        self.done: list[facts.RefundShare] = []

    def ask(self, wanted: RefundSelection) -> tuple[UUID, tuple[facts.RefundShare, ...]]:
        self.asked += 1
        refund_id = UUID(int=0xF0 + self.asked)
        self.order.request_refund(refund_id, wanted, "came back")
        return refund_id, self.order.refunds[refund_id].allocation

    def refund(self, wanted: RefundSelection) -> dict[str | None, tuple[int, int]]:
        """Asked and done; amount and tax by line."""
        refund_id, shares = self.ask(wanted)
        self.order.refund(refund_id)
        self.done += shares
        return {it.line_id: (it.amount, it.tax) for it in shares}


def order_a() -> Bought:
    """3 x 19.99, 2 x 12.50 and 1 x 49.99 without tax, 10 % off, 8.875 % tax on top, 7.99 shipping."""
    return Bought(Charged(3, 5876, 479), Charged(2, 2450, 200), Charged(1, 4499, 0), shipping=(870, 71))


def units(line_id: str, quantity: int) -> RefundSelection:
    return RefundSelection(parts=(RefundPart(line_id, quantity),))


def whole(line_id: str | None, amount: int | None = None) -> RefundSelection:
    return RefundSelection(parts=(RefundPart(line_id, amount=amount),))


def left_of(it: Bought, line_id: str | None) -> tuple[int, int]:
    left = it.order.remainder.balance_of(line_id)
    return left.amount, left.tax


X1, X2, X4 = units(L1, 1), RefundSelection(1000), units(L1, 1)
X5, X6, X7 = whole(L2), whole(SHIPPING), EVERYTHING


def after(*wanted: RefundSelection) -> Bought:
    """Order A with these refunds done."""
    it = order_a()
    for one in wanted:
        it.refund(one)
    return it


def test_x1_a_unit_is_the_dearest_of_its_line() -> None:
    it = order_a()
    assert it.refund(X1) == {L1: (1959, 160)}
    assert left_of(it, L1) == (3917, 319)
    assert it.order.remainder.balance_of(L1).units == 2


def test_x2_an_amount_is_shared_over_all_that_is_left() -> None:
    it = after(X1)
    assert it.refund(X2) == {L1: (334, 27), L2: (209, 17), L3: (383, 0), SHIPPING: (74, 6)}
    assert it.order.refundable == 10736


def test_x3_more_than_is_left_is_refused() -> None:
    with pytest.raises(NotRefundable) as refusal:
        after(X1, X2).ask(RefundSelection(10737))
    assert (refusal.value.code, refusal.value.members["refundable"]) == ("REFUND_NOT_POSSIBLE", 10736)


def test_x4_a_unit_shares_what_an_amount_has_left() -> None:
    assert after(X1, X2).refund(X4) == {L1: (1792, 146)}


def test_x5_a_line_is_all_its_units_and_all_that_is_left_of_it() -> None:
    it = after(X1, X2, X4)
    assert it.refund(X5) == {L2: (2241, 183)}
    assert it.done[-1].quantity == 2


def test_x6_the_shipping_is_all_that_is_left_of_it() -> None:
    assert after(X1, X2, X4, X5).refund(X6) == {SHIPPING: (796, 65)}


def test_x7_all_that_is_left_ends_the_order() -> None:
    it = after(X1, X2, X4, X5, X6)
    assert it.refund(X7) == {L1: (1791, 146), L3: (4116, 0)}
    assert it.order.status == "refunded"


def test_x8_all_refunds_add_up_to_what_was_paid_and_to_its_tax() -> None:
    it = after(X1, X2, X4, X5, X6, X7)
    amounts = [refund.amount for refund in it.order.refunds.values()]
    assert amounts == [1959, 1000, 1792, 2241, 796, 5907]
    taxes = [sum(share.tax for share in refund.allocation) for refund in it.order.refunds.values()]
    assert taxes == [160, 50, 146, 183, 65, 146]
    assert (sum(amounts), sum(taxes)) == (13695, 750)


def test_x9_a_failed_refund_restores_its_shares() -> None:
    it = after(X1)
    refund_id, _ = it.ask(X2)
    it.order.fail_refund(refund_id, "NO", "no")
    assert [left_of(it, line) for line in (L1, L2, L3, SHIPPING)] == [
        (3917, 319),
        (2450, 200),
        (4499, 0),
        (870, 71),
    ]
    assert it.refund(units(L1, 1)) == {L1: (1959, 160)}
    assert left_of(it, L1) == (1958, 159)


def test_x10_units_behind_an_amount_of_their_line_share_what_it_left() -> None:
    it = order_a()
    assert it.refund(whole(L2, 500)) == {L2: (500, 41)}
    assert it.refund(units(L2, 1)) == {L2: (975, 80)}
    assert it.refund(units(L2, 1)) == {L2: (975, 79)}


def test_x11_all_units_at_once_are_as_much_as_one_by_one() -> None:
    assert order_a().refund(units(L1, 3)) == {L1: (5876, 479)}
    assert [share.amount for share in after(X1, X1, X1).done] == [1959, 1959, 1958]


def test_x12_yen_come_back_dearest_first() -> None:
    it = Bought(Charged(3, 902, 82))
    assert [it.refund(units(L1, 1))[L1] for _ in range(3)] == [(301, 28), (301, 27), (300, 27)]


def test_x13_dinars_of_three_decimals_come_back_dearest_first() -> None:
    it = Bought(Charged(7, 6309, 300))
    one_by_one = [it.refund(units(L1, 1))[L1] for _ in range(7)]
    assert one_by_one == [(902, 43)] * 2 + [(901, 43)] * 4 + [(901, 42)]


def test_x14_an_amount_of_an_order_with_tax_inside_its_prices_and_then_the_rest() -> None:
    it = Bought(Charged(2, 8733, 1332), Charged(1, 866, 132), shipping=(1990, 304))
    assert it.refund(RefundSelection(2500)) == {L1: (1884, 287), L2: (187, 29), SHIPPING: (429, 66)}
    assert it.refund(EVERYTHING) == {L1: (6849, 1045), L2: (679, 103), SHIPPING: (1561, 238)}


def test_x15_seats_of_a_licence_are_units_of_its_line() -> None:
    it = Bought(Charged(13, 9898, 807))
    assert it.refund(units(L1, 4)) == {L1: (3048, 249)}
    assert (it.order.remainder.balance_of(L1).units, left_of(it, L1)) == (9, (6850, 558))


def test_x43_a_unit_of_each_of_two_lines_three_times() -> None:
    it = Bought(Charged(3, 100, 0), Charged(3, 101, 0))
    each = RefundSelection(parts=(RefundPart(L1, 1), RefundPart(L2, 1)))
    shares = [it.refund(each) for _ in range(3)]
    assert [[amount for amount, _ in one.values()] for one in shares] == [[34, 34], [33, 34], [33, 33]]
    assert [refund.amount for refund in it.order.refunds.values()] == [68, 67, 66]


def test_x43_an_amount_of_an_order_a_line_and_the_rest() -> None:
    it = Bought(Charged(1, 5000, 0), Charged(1, 5000, 0))
    assert it.refund(RefundSelection(1000)) == {L1: (500, 0), L2: (500, 0)}
    assert it.refund(whole(L1)) == {L1: (4500, 0)}
    assert it.refund(EVERYTHING) == {L2: (4500, 0)}


def test_too_many_units_and_unknown_lines_are_refused_with_the_line() -> None:
    it = order_a()
    for line_id, quantity in ((L1, 4), ("L9", 1)):
        with pytest.raises(NotRefundable) as refusal:
            it.ask(units(line_id, quantity))
        assert refusal.value.members["line_id"] == line_id


def test_facts_from_before_shares_were_recorded_fold_by_their_units_and_else_by_the_rule() -> None:
    """Then a unit cost what it had been charged at, also where an amount had been given back before."""
    it = Bought(Charged(1, 5000, 0), Charged(1, 5000, 0))
    it.order.record(
        facts.RefundRequested(refund_id=UUID(int=1), currency="USD", amount=1000, reason="r"),
    )
    unit = facts.RefundedUnits(line_id=L1, quantity=1)
    it.order.record(
        facts.RefundRequested(refund_id=UUID(int=2), currency="USD", amount=5000, reason="r", units=(unit,))
    )
    assert [left_of(it, line) for line in (L1, L2)] == [(0, 0), (4000, 0)]
    it.order.refund(UUID(int=2))
    told_now = it.order.collect_events()[-1]
    assert isinstance(told_now, facts.Refunded)
    assert sum(share.amount for share in told_now.allocation) == 5000


lines = st.builds(
    lambda quantity, total, part: Charged(quantity, total, total * part // 100),
    st.integers(1, 9), st.integers(0, 9999), st.integers(0, 100),
)  # fmt: skip
wishes = st.one_of(
    st.builds(RefundSelection, st.integers(1, 9999)),
    st.builds(units, st.sampled_from([L1, L2, L3]), st.integers(1, 5)),
    st.builds(whole, st.sampled_from([L1, L2, L3, SHIPPING]), st.none() | st.integers(1, 5000)),
    st.just(EVERYTHING),
)
ENDS = ("done", "failed", "under way")


@given(
    st.lists(lines, min_size=1, max_size=3),
    st.integers(0, 999),
    st.lists(st.tuples(wishes, st.sampled_from(ENDS)), max_size=12),
)
def test_any_refunds_in_any_order_add_up_to_the_cent(
    sold: list[Charged], shipping: int, story: list[tuple[RefundSelection, str]]
) -> None:
    it = Bought(*sold, shipping=(shipping, shipping // 7))
    total, tax = it.order.sale.totals.total, it.order.sale.totals.tax
    under_way: list[UUID] = []
    for wanted, end in [*story, (EVERYTHING, "done")]:
        try:
            refund_id, _ = it.ask(wanted)
        except NotRefundable:
            continue
        if end == "failed":
            it.order.fail_refund(refund_id, "NO", "no")
        elif end == "done":
            it.order.refund(refund_id)
        else:
            under_way.append(refund_id)
        for line_id in (*(line.line_id for line in it.order.sale.lines), SHIPPING):
            left = it.order.remainder.balance_of(line_id)
            assert 0 <= left.tax <= left.amount
            assert left.units >= 0
    for refund_id in under_way:
        it.order.refund(refund_id)
    for fact in it.order.pending_events:
        if isinstance(fact, facts.RefundRequested | facts.Refunded):
            assert sum(s.amount for s in fact.allocation) == fact.amount
    given_back = [s for r in it.order.refunds.values() if r.status == "refunded" for s in r.allocation]
    assert (sum(s.amount for s in given_back), sum(s.tax for s in given_back)) == (total, tax)
    by_line: Counter[str | None] = Counter()
    for share in given_back:
        by_line[share.line_id] += share.amount
    assert all(by_line[line.line_id] == line.total for line in it.order.sale.lines)


@given(lines.filter(lambda it: it.total > 0), st.data())
def test_units_of_a_line_in_parts_of_any_size_are_as_much_as_all_at_once(
    line: Charged, data: st.DataObject
) -> None:
    it = Bought(line, Charged(1, 1, 0))
    while left := it.order.remainder.balance_of(L1).units:
        part = units(L1, data.draw(st.integers(1, left)))
        try:
            it.refund(part)
        except NotRefundable:  # these units cost nothing
            assert it.order.remainder.balance_of(L1).amount == 0
            break
    assert left_of(it, L1) == (0, 0)
    shares = [share for share in it.done if share.line_id == L1]
    assert (sum(s.amount for s in shares), sum(s.tax for s in shares)) == (line.total, line.tax)


def test_x24_an_open_dispute_keeps_what_is_left_from_being_refunded_and_a_won_one_frees_it() -> None:
    it = after(X1)
    paid = Payment.empty(UUID(int=4))
    paid.arrive(capture_of(it), "ref")
    paid.open_dispute("dp_1", 11736, "fraudulent", None)
    assert it.order.refundable_beside(paid.disputed) == 0
    with pytest.raises(NotRefundable):
        it.order.request_refund(UUID(int=9), EVERYTHING, "came back", disputed=paid.disputed)
    paid.close_dispute("dp_1", "won")
    assert it.order.refundable_beside(paid.disputed) == 11736


def test_a_lost_dispute_keeps_its_amount_for_good() -> None:
    it = order_a()
    paid = Payment.empty(UUID(int=4))
    paid.arrive(capture_of(it), "ref")
    paid.open_dispute("dp_1", 11736, "fraudulent", None)
    paid.close_dispute("dp_1", "lost")
    assert it.order.refundable_beside(paid.disputed) == 13695 - 11736


def test_a_refund_that_the_provider_takes_back_is_refundable_again_and_restores_the_status() -> None:
    it = order_a()
    refund_id, _ = it.ask(EVERYTHING)
    before = it.order.status
    it.order.refund(refund_id)
    assert it.order.status == OrderStatus.REFUNDED
    it.order.reverse_refund(refund_id, "REFUND_REVERSED", "taken back")
    it.order.reverse_refund(refund_id, "REFUND_REVERSED", "taken back")
    assert (it.order.status, it.order.refunded, it.order.refundable) == (before, 0, 13695)
    assert it.order.refunds[refund_id].needs_attention


def capture_of(it: Bought) -> PaymentRequest:
    return PaymentRequest(
        operation=Operation.AUTHORIZE,
        key="key",
        gateway="simulated",
        merchant="demo",
        payment_id=UUID(int=4),
        checkout_id=it.order.checkout_id,
        amount=13695,
        currency="USD",
    )
