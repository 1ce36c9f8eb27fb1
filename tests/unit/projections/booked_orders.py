"""Orders with the facts that their own aggregates record, and what the ledger posts for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import EVERYTHING, RefundPart, RefundSelection
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from checkout_saga.payments.domain.payment import Payment, RefundAccounts
from contracts.envelope import Fact
from contracts.order import LineResult
from contracts.sale import Sale, SaleLine, Totals
from kernel.ids import derive_id
from pricing.ledger.postings import Posting
from projections.models.ledger.model import LEDGER
from tests.support.purchases import Happening
from tests.unit.projections.expected_rows import states

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
G = "gateway.simulated"
HOLDS = "holds.simulated"
ORDER_A = ((3, 5876, 479), (2, 2450, 200), (1, 4499, 0))
"""Quantity, total and tax of each line."""
SHIPPING = (870, 71)
"""Its total and tax."""


class Bought:
    """A checkout with the facts that its own order and payment record."""

    def __init__(
        self, number: int = 1, currency: str = "USD", lines: Sequence[tuple[int, int, int]] = ORDER_A
    ) -> None:
        self.id = UUID(int=0xC0DE + number)
        shipping, shipping_tax = SHIPPING
        sold = tuple(
            SaleLine(
                line_id=f"L{n}",
                product_id=UUID(int=1),
                product_type="physical",
                sku="it",
                name="it",
                unit_price=0,
                discount=0,
                quantity=quantity,
                total=total,
                tax=tax,
            )
            for n, (quantity, total, tax) in enumerate(lines, start=1)
        )
        total = shipping + sum(it.total for it in sold)
        tax = shipping_tax + sum(it.tax for it in sold)
        totals = Totals(subtotal=total - tax, discount=0, shipping=shipping, tax=tax, total=total)
        self.sale = Sale(currency=currency, lines=sold, totals=totals)
        self.order = Order.empty(derive_id(self.id, "order"))
        self.payment = Payment.empty(derive_id(self.id, "payment"))
        self.order.create(
            self.id, self.id, "a-customer", self.payment.id, "simulated", self.sale, number="F-1"
        )
        self.asked = 0

    @property
    def facts(self) -> list[Fact]:
        recorded = (*self.payment.pending_events, *self.order.pending_events)
        return [fact for fact in recorded if isinstance(fact, Fact)]

    @property
    def happened(self) -> list[Happening]:
        return [Happening(it, "demo", NOON) for it in self.facts]

    def request(self, operation: Operation, amount: int | None = None) -> PaymentRequest:
        return PaymentRequest(
            operation=operation,
            key=f"{self.id}:{operation}:{self.asked}",
            gateway="simulated",
            merchant="demo",
            payment_id=self.payment.id,
            checkout_id=self.id,
            amount=self.sale.totals.total if amount is None else amount,
            currency=self.sale.currency,
        )

    def authorized(self) -> Bought:
        self.payment.authorize(self.request(Operation.AUTHORIZE), "ref")
        return self

    def captured(self) -> Bought:
        self.payment.capture(self.request(Operation.CAPTURE), "ref")
        return self

    def bought(self) -> Bought:
        self.authorized().captured().order.pay()
        self.order.record_results(
            tuple(LineResult(line_id=it.line_id, result="successful") for it in self.sale.lines)
        )
        return self

    def ask(self, wanted: RefundSelection = EVERYTHING) -> UUID:
        self.asked += 1
        refund_id = derive_id(self.id, f"refund {self.asked}")
        self.order.request_refund(refund_id, wanted, "came back")
        return refund_id

    def give_back(self, refund_id: UUID, paid_from: str | None = None) -> None:
        self.asked += 1
        request = self.request(Operation.REFUND, self.order.refunds[refund_id].amount)
        self.payment.refund(request, "ref", "came back", RefundAccounts(paid_from=paid_from))
        self.order.refund(refund_id)

    def postings(self) -> list[Posting]:
        return [posting for _, posting in postings_of(self.happened)]


def rows_of(happened: Iterable[Happening]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The rows of the read model, with their tenant."""
    return {
        (tenant, *key): values
        for (tenant, _), books in states(LEDGER, happened).items()
        for key, values in LEDGER.rows(books).items()
    }


def postings_of(happened: Iterable[Happening]) -> list[tuple[tuple[Any, ...], Posting]]:
    """Tenant, stream, version and currency of each fact that posts something, with its posting.

    In the order of the facts of each stream.
    """
    found: dict[tuple[Any, ...], dict[str, int]] = {}
    for (tenant, stream, version, account), (currency, amount, *_) in rows_of(happened).items():
        found.setdefault((tenant, stream, version, currency), {})[account] = amount
    return list(found.items())


def balances(happened: Iterable[Happening]) -> dict[tuple[str, str, str], int]:
    """By tenant, currency and account, without those at 0."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for (tenant, _, _, currency), posting in postings_of(happened):
        for account, amount in posting.items():
            sums[tenant, currency, account] += amount
    return {it: amount for it, amount in sums.items() if amount}


def total(postings: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for posting in postings:
        sums.update(posting)
    return {account: amount for account, amount in sums.items() if amount}


def units(line_id: str, quantity: int) -> RefundSelection:
    return RefundSelection(parts=(RefundPart(line_id, quantity),))
