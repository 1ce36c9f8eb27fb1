"""The worked examples of invoices and credit notes, by their numbers. Amounts are minor units."""

from __future__ import annotations

from uuid import UUID

from billing.invoices.credit_balance import Settlement, apply_credit
from billing.invoices.credit_notes import Creditable, note_totals
from billing.invoices.identity import period_invoice_id
from billing.invoices.invoice import Item, LineKind, invoice_of
from billing.invoices.numbers import numbers_after
from billing.invoices.preview_hash import preview_hash
from pricing.rounding import Rounding
from pricing.tax import TaxRate, rate_from_percent
from tests.unit.billing.examples import HALF_UP, changed


def vat(percent: int, *, inclusive: bool = False) -> TaxRate:
    return TaxRate("NL", rate_from_percent(percent), f"VAT {percent}", inclusive)


def item(amount: int, rate: TaxRate, line_id: str = "1") -> Item:
    return Item(line_id, LineKind.PERIOD, amount, rate)


def test_i1_tax_by_line_on_top() -> None:
    items = [item(2999, vat(21), "1"), item(1500, vat(21), "2"), item(333, vat(9), "3")]
    invoice = invoice_of(items, Rounding())
    assert [it.tax for it in invoice.lines] == [630, 315, 30]
    totals = invoice.totals
    assert (totals.net, totals.tax, totals.total) == (4832, 975, 5807)


def test_i2_tax_inside_the_price() -> None:
    (line,) = invoice_of([item(2999, vat(21, inclusive=True))], Rounding()).lines
    assert (line.net, line.tax) == (2479, 520)


def test_i3_a_credit_with_the_tax_inside() -> None:
    (line,) = invoice_of([item(2999, vat(21, inclusive=True))], Rounding()).lines
    change = changed("2026-06-01", 2999, 0, "2026-06-21")
    note, _ = Creditable.of(line).credit(change.credit, HALF_UP)
    assert (note.gross, note.net, note.tax) == (1000, 826, 174)


def test_i4_a_note_is_applied_to_the_invoice_of_the_same_change() -> None:
    (before,) = invoice_of([item(3000, vat(19))], Rounding()).lines
    note = note_totals([Creditable.of(before).credit(2000, HALF_UP)[0]])
    assert (note.net, note.tax) == (2000, 380)
    totals = invoice_of([item(4000, vat(19))], Rounding(), note.gross).totals
    assert (totals.net, totals.tax, totals.amount_due) == (4000, 760, 2380)


def test_i5_credit_comes_before_money() -> None:
    assert apply_credit(3629, 5000) == Settlement(applied=3629, due=0, balance=1371)


def test_i6_a_batch_that_is_repeated_takes_the_same_numbers() -> None:
    first, repeated = numbers_after("INV", 2026, 41, 3), numbers_after("INV", 2026, 41, 3)
    assert first == repeated == ("INV-2026-000042", "INV-2026-000043", "INV-2026-000044")


def test_h1_the_hash_of_a_preview() -> None:
    preview = {
        "version": 7,
        "subscription_id": "s1",
        "plan_id": "p2",
        "due": 1500,
        "currency": "USD",
        "credit": 1500,
        "charge": 3000,
        "at": "2026-06-16T00:00:00Z",
    }
    assert preview_hash(preview) == "daf9ff8cf9fb3856d5ff868aa44eb054343a19332e4fa2e21342a5b537c3f1a3"


def test_h2_the_id_of_the_invoice_of_a_period() -> None:
    subscription_id = UUID("11111111-1111-4111-8111-111111111111")
    assert period_invoice_id(subscription_id, 3) == UUID("5f93f346-6fcb-509a-9707-f61992d3fec6")
