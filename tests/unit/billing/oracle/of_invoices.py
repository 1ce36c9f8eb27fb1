"""Compare the price of random usage, and a random invoice with its credit notes, with the oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor

from billing.invoices.credit_notes import Creditable, note_totals
from billing.invoices.invoice import InvoiceLine, Item, LineKind, invoice_of
from billing.ledger.of_invoices import invoice_paid, note_issued
from billing.proration import Share
from billing.usage.events import Aggregation, UsageEvent, aggregate
from billing.usage.rating import MeterPrice, Model, Tier, included_for, late_amount, rate
from pricing.rounding import Mode, Rounding
from pricing.tax import TaxRate
from tests.unit.billing.oracle.cases import Case, Data
from tests.unit.billing.oracle.exact import packages, rounded, tax_of, tiered

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def compare_usage(case: Case) -> None:
    usage = case.usage
    known: dict[str, Data] = {}
    for event in usage["events"]:
        known.setdefault(event["id"], event)
    reports = [*known.values(), *known.values()]
    for aggregation in Aggregation:
        assert aggregate(aggregation, map(_event, reports)) == _aggregated(aggregation, list(known.values()))
    used = _aggregated(Aggregation.SUM, list(known.values()))
    billed = _aggregated(Aggregation.SUM, list(known.values())[usage["late"] :])
    part, of = usage["share"]
    included = included_for(usage["included"], Share(0, part, of))
    assert included == floor(Fraction(usage["included"] * part, of))
    for model in Model:
        price = _price(model, usage)
        amounts = [rate(it, included, price, Mode(case.mode)).amount for it in (used, billed)]
        expected = [
            rounded(_exact(model, usage, max(Fraction(), it - included)), case.mode) for it in (used, billed)
        ]
        assert amounts == expected
        assert late_amount(*amounts) == expected[0] - expected[1]


def _event(data: Data) -> UsageEvent:
    return UsageEvent(data["id"], NOON + timedelta(minutes=data["minute"]), data["quantity"], data["value"])


def _aggregated(aggregation: Aggregation, events: list[Data]) -> Fraction:
    quantities = [it["quantity"] for it in sorted(events, key=lambda it: (it["minute"], it["id"]))]
    if aggregation is Aggregation.UNIQUE:
        return Fraction(sum(any(it["value"] == value for it in events) for value in ("u1", "u2", "u3")))
    found = {
        Aggregation.SUM: sum(quantities),
        Aggregation.MAX: max(0, *quantities, 0),
        Aggregation.LAST: [0, *quantities][-1],
    }[aggregation]
    return Fraction(found) if found > 0 else Fraction()


def _price(model: Model, usage: Data) -> MeterPrice:
    if model is Model.PACKAGE:
        size, amount = usage["package"]
        return MeterPrice(model, size=size, amount=amount)
    tiers = usage["tiers"][-1:] if model is Model.PER_UNIT else usage["tiers"]
    return MeterPrice(model, tuple(Tier(*it) for it in tiers))


def _exact(model: Model, usage: Data, billable: Fraction) -> Fraction:
    if model is Model.PACKAGE:
        size, amount = usage["package"]
        return Fraction(packages(size, amount, billable))
    tiers = usage["tiers"][-1:] if model is Model.PER_UNIT else usage["tiers"]
    return tiered(tiers, billable, by_volume=model is Model.VOLUME)


def compare_invoice(case: Case) -> None:
    data = case.invoice
    invoice = invoice_of([_item(it) for it in data["lines"]], Rounding(Mode(case.mode)), data["credit"])
    net = tax = 0
    for line, given in zip(invoice.lines, data["lines"], strict=True):
        left = given["amount"] - given["discount"]
        expected = tax_of(left, given["rate"], inside=given["inside"], mode=case.mode)
        assert (line.tax, line.net) == (expected, left - expected if given["inside"] else left)
        net, tax = net + line.net, tax + expected
        _compare_notes(line, data["notes"], case)
    totals = invoice.totals
    assert (totals.net, totals.tax, totals.total) == (net, tax, net + tax)
    assert totals.amount_due == max(0, net + tax - data["credit"])
    assert totals.credit_left == max(0, data["credit"] - net - tax)
    assert totals.credit_applied + totals.amount_due == totals.total
    assert sum(invoice_paid(totals).values()) == 0


def _item(data: Data) -> Item:
    rate = TaxRate("DE", data["rate"], "VAT", data["inside"])
    return Item(data["line_id"], LineKind.PERIOD, data["amount"], rate, data["discount"])


def _compare_notes(line: InvoiceLine, parts: list[Fraction], case: Case) -> None:
    """Some credits of a line, then all that is left of it."""
    rate = line.item.rate
    assert rate is not None
    rest, notes = Creditable.of(line), []
    amount_left, tax_left = line.item.taxable, line.tax
    for wanted in [*parts, Fraction(1)]:
        amount = floor(amount_left * wanted)
        note, rest = rest.credit(amount, Mode(case.mode))
        notes.append(note)
        expected = tax_of(amount, rate.rate, inside=rate.inclusive, mode=case.mode)
        lowest = tax_left - (amount_left - amount) if rate.inclusive else 0
        if amount == amount_left:
            assert note.tax == tax_left
        else:
            assert note.tax == sorted([lowest, expected, tax_left])[1]
        assert note.net == (amount - note.tax if rate.inclusive else amount) >= 0
        amount_left, tax_left = amount_left - amount, tax_left - note.tax
    totals = note_totals(notes)
    assert (totals.net, totals.tax) == (line.net, line.tax)
    assert sum(note_issued(totals).values()) == 0
