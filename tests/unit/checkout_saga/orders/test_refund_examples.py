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
from checkout_saga.orders.domain.refund import EVERYTHING, RefundPart, RefundSelection
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
        self.order.create(UUID(int=2), UUID(int=3), "a-customer", UUID(int=4), "simulated", sale)
        self.order.pay()
        self.order.fulfill()
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


def test_a_whole_story_of_refunds_adds_up_to_what_was_paid_and_to_its_tax() -> None:
    it = order_a()
    assert it.refund(units(L1, 1)) == {L1: (1959, 160)}
    assert left_of(it, L1) == (3917, 319)
    assert it.refund(RefundSelection(1000)) == {L1: (334, 27), L2: (209, 17), L3: (383, 0), SHIPPING: (74, 6)}
    assert it.order.refundable == 10736
    with pytest.raises(NotRefundable) as refusal:
        it.ask(RefundSelection(10737))
    assert refusal.value.members["refundable"] == 10736
    assert it.refund(units(L1, 1)) == {L1: (1792, 146)}
    assert it.refund(whole(L2)) == {L2: (2241, 183)}
    assert it.refund(whole(SHIPPING)) == {SHIPPING: (796, 65)}
    assert it.refund(EVERYTHING) == {L1: (1791, 146), L3: (4116, 0)}
    assert it.order.status == "refunded"
    assert (sum(s.amount for s in it.done), sum(s.tax for s in it.done)) == (13695, 750)


def test_a_failed_refund_restores_its_shares() -> None:
    it = order_a()
    it.refund(units(L1, 1))
    refund_id, _ = it.ask(RefundSelection(1000))
    it.order.fail_refund(refund_id, "NO", "no")
    assert [left_of(it, line) for line in (L1, L2, L3, SHIPPING)] == [
        (3917, 319),
        (2450, 200),
        (4499, 0),
        (870, 71),
    ]
    assert it.refund(units(L1, 1)) == {L1: (1959, 160)}
    assert left_of(it, L1) == (1958, 159)


def test_units_behind_an_amount_of_their_line_share_what_it_left() -> None:
    it = order_a()
    assert it.refund(whole(L2, 500)) == {L2: (500, 41)}
    assert it.refund(units(L2, 1)) == {L2: (975, 80)}
    assert it.refund(units(L2, 1)) == {L2: (975, 79)}


def test_all_units_at_once_are_as_much_as_one_by_one() -> None:
    assert order_a().refund(units(L1, 3)) == {L1: (5876, 479)}


@pytest.mark.parametrize(
    ("line", "one_by_one"),
    [
        (Charged(3, 902, 82), [(301, 28), (301, 27), (300, 27)]),
        (Charged(7, 6309, 300), [(902, 43)] * 2 + [(901, 43)] * 4 + [(901, 42)]),
    ],
)
def test_units_whose_price_does_not_divide_come_back_dearest_first(
    line: Charged, one_by_one: list[tuple[int, int]]
) -> None:
    it = Bought(line)
    assert [it.refund(units(L1, 1))[L1] for _ in one_by_one] == one_by_one


def test_an_amount_of_an_order_with_tax_inside_its_prices_and_then_the_rest() -> None:
    it = Bought(Charged(2, 8733, 1332), Charged(1, 866, 132), shipping=(1990, 304))
    assert it.refund(RefundSelection(2500)) == {L1: (1884, 287), L2: (187, 29), SHIPPING: (429, 66)}
    assert it.refund(EVERYTHING) == {L1: (6849, 1045), L2: (679, 103), SHIPPING: (1561, 238)}


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
