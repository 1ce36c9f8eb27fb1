"""Rules for invoices, credit notes and their numbers. Amounts are minor units."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.credit_notes import Creditable, CreditTooLarge, note_totals
from billing.invoices.invoice import InvoiceLine, Item, LineKind, invoice_of
from billing.invoices.numbers import numbers_after, year_of
from billing.invoices.preview_hash import preview_hash
from billing.ledger import of_invoices
from pricing.rounding import Level, Mode, Rounding
from pricing.tax import TaxRate
from tests.unit.billing.examples import BERLIN, GREENWICH, HALF_UP, at

RATES = st.none() | st.builds(
    TaxRate,
    st.just("DE"),
    st.integers(0, 3000).map(lambda it: Fraction(it, 10_000)),
    st.sampled_from(["VAT", "reduced"]),
    st.booleans(),
)
ROUNDINGS = st.builds(Rounding, st.sampled_from(Mode), st.sampled_from(Level))


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        amount = draw(st.integers(0, 100_000))
        discount = draw(st.integers(0, amount))
        found.append(Item(str(number), draw(st.sampled_from(LineKind)), amount, draw(RATES), discount))
    return found


@given(items(), ROUNDINGS, st.integers(0, 200_000))
def test_lines_make_the_totals_and_credit_and_money_pay_them(
    lines: list[Item], rounding: Rounding, credit: int
) -> None:
    invoice = invoice_of(lines, rounding, credit)
    totals = invoice.totals
    assert totals.net + totals.tax == totals.total == sum(it.total for it in invoice.lines)
    assert totals.credit_applied + totals.amount_due == totals.total
    assert totals.credit_applied + totals.credit_left == credit
    assert all(it.net >= 0 and it.tax >= 0 for it in invoice.lines)
    assert sum(of_invoices.invoice_paid(totals).values()) == 0


def test_a_discount_above_its_line_is_refused() -> None:
    with pytest.raises(ValueError, match="a discount"):
        invoice_of([Item("1", LineKind.PERIOD, 100, discount=101)], Rounding())


@given(items(), ROUNDINGS, st.data())
def test_credits_of_a_line_add_up_to_it_with_its_tax(
    lines: list[Item], rounding: Rounding, data: st.DataObject
) -> None:
    line = invoice_of(lines, rounding).lines[0]
    rest, notes = Creditable.of(line), []
    for _ in range(data.draw(st.integers(0, 5))):
        note, rest = rest.credit(data.draw(st.integers(0, rest.amount)), rounding.mode)
        notes.append(note)
    note, rest = rest.credit(rest.amount, rounding.mode)
    totals = note_totals([*notes, note])
    assert (totals.net, totals.tax, totals.gross) == (line.net, line.tax, line.total)
    assert (rest.amount, rest.tax) == (0, 0)
    assert all(it.net >= 0 and it.tax >= 0 for it in [*notes, note])


def test_many_credits_of_a_cent_leave_no_negative_net() -> None:
    vat = TaxRate("DE", Fraction(21, 100), "VAT", inclusive=True)
    rest = Creditable.of(InvoiceLine(Item("1", LineKind.PERIOD, 1000, vat), 174))
    notes = []
    for _ in range(500):
        note, rest = rest.credit(2, HALF_UP)
        notes.append(note)
    assert sum(it.tax for it in notes) == 174
    assert min(it.net for it in notes) == 0


def test_a_credit_above_what_is_left_is_refused() -> None:
    rest = Creditable("1", 1000, 0, None)
    _, rest = rest.credit(600, HALF_UP)
    for amount in (401, -1):
        with pytest.raises(CreditTooLarge):
            rest.credit(amount, HALF_UP)


def test_a_number_has_six_digits_or_more() -> None:
    assert numbers_after("CN", 2026, 999_998, 2) == ("CN-2026-999999", "CN-2026-1000000")
    assert numbers_after("INV", 2027, 0, 1) == ("INV-2027-000001",)


def test_the_year_of_a_number_is_that_of_the_legal_time_zone() -> None:
    issued = at("2026-12-31T23:30")
    assert (year_of(issued, GREENWICH), year_of(issued, BERLIN)) == (2026, 2027)


def test_the_hash_of_a_preview_does_not_depend_on_the_order_of_names() -> None:
    assert preview_hash({"a": 1, "b": {"c": "é", "d": None}}) == preview_hash(
        {"b": {"d": None, "c": "é"}, "a": 1}
    )
    assert preview_hash({"a": 1}) != preview_hash({"a": 2})
    with pytest.raises(ValueError, match="JSON"):
        preview_hash({"a": float("nan")})


def test_credit_that_is_paid_back_leaves_the_balance_for_the_payment_method() -> None:
    note, _ = Creditable("1", 1100, 220, TaxRate("GB", Fraction(1, 5), "VAT")).credit(1100, HALF_UP)
    assert of_invoices.note_issued(note_totals([note])) == {
        "sales.subscriptions": 1100,
        "tax_payable": 220,
        "customer_credit": -1320,
    }
    assert of_invoices.refund_requested(1320) == {"customer_credit": 1320, "refunds_payable": -1320}


def test_the_first_period_only_moves_from_the_sales_of_items() -> None:
    assert of_invoices.first_period_paid(2900) == {"sales.items": 2900, "sales.subscriptions": -2900}
