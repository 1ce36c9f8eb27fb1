"""Example purchases, as the facts that the services publish of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from aiokafka import ConsumerRecord

from contracts import cart, checkout, order, payment, process
from contracts.envelope import Fact
from contracts.sale import Sale, SaleLine, Totals
from contracts.topics import MESSAGES, TOPIC_OF
from kernel.messaging.headers import Headers, headers_of
from kernel.messaging.inbound import InboundMessage, read_envelope

NAMES = UUID("5f0c1d1e-0000-4000-8000-000000000000")
RECORDED = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRODUCTS = {sku: uuid5(NAMES, sku) for sku in ("mug", "cap", "pen")}

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


@dataclass(frozen=True)
class Happening:
    """One fact, the tenant it happened to and when."""

    fact: Fact
    tenant: str
    occurred_at: datetime

    @property
    def topic(self) -> str:
        return TOPIC_OF[self.fact.TYPE]

    @property
    def key(self) -> bytes:
        return str(self.fact.originator_id).encode()

    @property
    def headers(self) -> Headers:
        it = self.fact
        row = {
            "recorded_at": it.timestamp,
            "occurred_at": self.occurred_at,
            "type": it.TYPE,
            "message_id": uuid5(it.originator_id, str(it.originator_version)),
            "key": it.originator_id,
            "schema_version": it.SCHEMA_VERSION,
            "tenant": self.tenant,
            "correlation_id": "a correlation",
            "causation_id": "a cause",
            "kind": "fact",
            "version": it.originator_version,
            "traceparent": None,
        }
        return headers_of(row, b"/feira/test", b"1")

    def record(self, offset: int = 0) -> Record:
        """As if it had come from Kafka; all facts of one key are on one partition."""
        body, part = self.fact.body(), self.fact.originator_id.int % 6
        return ConsumerRecord(
            self.topic,
            part,
            offset,
            0,
            0,
            self.key,
            body,
            None,
            len(self.key),
            len(body),
            tuple(self.headers),
        )

    def received(self, offset: int = 0) -> InboundMessage:
        return read_envelope(self.record(offset), MESSAGES)


@dataclass
class Purchase:
    """One checkout of a cart of mugs, caps and pens; each method is something that happens to it next."""

    number: int
    day: datetime
    lines: Sequence[tuple[str, int, int]] = (("mug", 1, 1000),)
    """SKU, quantity and total of each line."""
    tenant: str = "demo"
    currency: str = "USD"
    shipping: int = 0
    customer_id: str = "a-customer"
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further fields of the lines of a SKU, such as its offer."""
    happened: list[Happening] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = (
            uuid5(NAMES, f"{self.tenant} {self.number} {it}")
            for it in ("checkout", "cart", "order", "payment")
        )
        self.checkout_id, self.cart_id, self.order_id, self.payment_id = ids
        self._versions: dict[UUID, int] = {}
        self._clock = RECORDED + timedelta(minutes=self.number)

    @property
    def total(self) -> int:
        return sum(total for _, _, total in self.lines) + self.shipping

    @property
    def sale(self) -> Sale:
        lines = tuple(
            SaleLine.model_validate(
                {
                    "line_id": str(n),
                    "product_id": PRODUCTS[sku],
                    "product_type": "physical",
                    "sku": sku,
                    "name": sku.title(),
                    "quantity": quantity,
                    "unit_price": total // quantity,
                    "discount": 0,
                    "tax": 0,
                    "total": total,
                    **self.terms.get(sku, {}),
                }
            )
            for n, (sku, quantity, total) in enumerate(self.lines)
        )
        totals = Totals(
            subtotal=self.total,
            discount=sum(line.discount for line in lines),
            shipping=self.shipping,
            tax=sum(line.tax for line in lines),
            total=self.total,
        )
        return Sale(currency=self.currency, lines=lines, totals=totals)

    def begin(self) -> Purchase:
        self._started = self._clock
        return self._fact(
            self.checkout_id,
            checkout.Started,
            cart_id=self.cart_id,
            customer_id=self.customer_id,
            guest=False,
            personal="sealed",
            gateway="simulated",
            payment_method="card",
            payment_token="sealed",
            started_at=self._clock,
            expires_at=self._clock,
            definition=1,
        )

    def lock(self) -> Purchase:
        return self._fact(
            self.cart_id,
            cart.Locked,
            checkout_id=self.checkout_id,
            step="lock_cart",
            session_id="a session",
            lock_expires_at=self._clock,
            sale=self.sale,
        )

    def order(self) -> Purchase:
        return self._fact(
            self.order_id,
            order.Created,
            number="F-1",
            checkout_id=self.checkout_id,
            cart_id=self.cart_id,
            customer_id=self.customer_id,
            payment_id=self.payment_id,
            gateway="simulated",
            sale=self.sale,
        )

    def capture(self) -> Purchase:
        self._fact(self.payment_id, payment.Captured, **self._paid(self.total))
        return self._fact(self.order_id, order.Paid, currency=self.currency, amount=self.total)

    def fulfill(self) -> Purchase:
        return self._fact(self.order_id, order.Fulfilled, results=())

    def complete(self) -> Purchase:
        return self._fact(
            self.checkout_id,
            checkout.Completed,
            order_id=self.order_id,
            cart_id=self.cart_id,
            customer_id=self.customer_id,
            currency=self.currency,
            total=self.total,
        )

    def give_back(self, *shares: tuple[str | None, int, int]) -> Purchase:
        """Line, units and amount of each share, as the order has decided it."""
        allocation = tuple(
            order.RefundShare(line_id=line_id, quantity=units, amount=amount)
            for line_id, units, amount in shares
        )
        amount = sum(it.amount for it in allocation)
        refund_id = uuid5(self.order_id, f"refund {len(self.happened)}")
        money = {"refund_id": refund_id, "currency": self.currency, "amount": amount, "reason": "no stock"}
        self._fact(self.order_id, order.RefundRequested, allocation=allocation, **money)
        self._fact(self.payment_id, payment.Refunded, reason="no stock", **self._paid(amount))
        return self._fact(self.order_id, order.Refunded, allocation=allocation, **money)

    def refund(self, amount: int, units: Mapping[str, int] | None = None) -> Purchase:
        """Recorded without its shares, as once; ``units`` by the line's id: a customer has sent them back."""
        refund_id = uuid5(self.order_id, f"refund {len(self.happened)}") if units else None
        money = {"refund_id": refund_id, "currency": self.currency, "amount": amount, "reason": "no stock"}
        if units:
            came_back = tuple(order.RefundedUnits(line_id=it, quantity=units[it]) for it in units)
            self._fact(self.order_id, order.RefundRequested, units=came_back, **money)
        self._fact(self.payment_id, payment.Refunded, reason="no stock", **self._paid(amount))
        return self._fact(self.order_id, order.Refunded, **money)

    def fail_refund(self) -> Purchase:
        """The provider takes the success of the latest refund back."""
        last = self.happened[-1].fact
        assert isinstance(last, order.Refunded)
        return self._fact(
            self.order_id,
            order.RefundFailed,
            refund_id=last.refund_id,
            code="TAKEN_BACK",
            detail="by the bank",
        )

    def cancel_order(self) -> Purchase:
        return self._fact(self.order_id, order.Cancelled, reason="no stock")

    def compensate(self, step: str) -> Purchase:
        return self._fact(self.checkout_id, checkout.StepCompensated, step=step)

    def advance(self, *undone: str, begun: tuple[str, ...] = (), done: tuple[str, ...] = ()) -> Purchase:
        """The present form of facts about steps; ``compensate`` is the one of older streams."""
        results = tuple(process.StepDone(step=step) for step in done)
        return self._fact(self.checkout_id, checkout.Advanced, begun=begun, done=results, undone=undone)

    def ask_operator(self, step: str) -> Purchase:
        return self._fact(self.checkout_id, checkout.OperatorNeeded, step=step, code="X", detail="a riddle")

    def wait(self, step: str, **time: float) -> Purchase:
        """For a payment that may take so long: until then the checkout has time."""
        until = self._started + timedelta(**time)
        self._fact(self.checkout_id, checkout.DeadlineMoved, expires_at=until, why="payment")
        waiting = {"waiting_for": "payment", "step": step, "until": until, "status": "requires_action"}
        return self._fact(self.checkout_id, checkout.WaitingBegan, **waiting)

    def fail(self, phase: str, code: str) -> Purchase:
        return self._fact(
            self.checkout_id, checkout.Failed, cart_id=self.cart_id, phase=phase, code=code, detail="no"
        )

    def bought(self) -> Purchase:
        """From its begin to its good end."""
        return self.begin().lock().order().capture().fulfill().complete()

    def later(self, **time: float) -> Purchase:
        """What happens from now on happens so much later."""
        self.day += timedelta(**time)
        self._clock += timedelta(**time)
        return self

    def _paid(self, amount: int) -> dict[str, Any]:
        where = {"checkout_id": self.checkout_id, "gateway": "simulated", "key": "k"}
        return {**where, "amount": amount, "currency": self.currency}

    def _fact(self, stream: UUID, kind: type[Fact], **fields: Any) -> Purchase:
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        self._clock += timedelta(milliseconds=10)
        envelope: dict[str, Any] = {
            "originator_id": stream,
            "originator_version": version,
            "timestamp": self._clock,
        }
        self.happened.append(Happening(kind(**envelope, **fields), self.tenant, self.day))
        return self
