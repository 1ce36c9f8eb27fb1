"""The facts of one successful checkout, from which tests take any beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.domain.fulfillment import fulfillment_id
from checkout_saga.orders.domain.numbers import number_of
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.names import idempotency_key, payment_id_of
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from contracts import cart, checkout, customer, fulfillment, order, payment, price, redemption, reservation
from contracts.envelope import Fact
from contracts.offer import Wanted
from contracts.process import StepDone, StepRefused
from contracts.sale import AppliedDiscount, Sale, SaleLine, Totals
from kernel.store.sort_keys import time_key
from pricing.refunds import charged
from tests.support.scenario import NOW, Scenario, given, stamp

CHECKOUT = UUID(int=0xC0)
CART = UUID(int=0xCA)
ORDER = order_id_of(CHECKOUT)
PAYMENT = payment_id_of(CHECKOUT)
CUSTOMER = "shopper/7"
CUSTOMER_STREAM = customer_stream_id("demo", CUSTOMER)
BOOK, PEN = UUID(int=1), UUID(int=2)
PROMOTION, OTHER_PROMOTION = UUID(int=8), UUID(int=9)
SESSION = timedelta(minutes=15)
DEADLINE = NOW + SESSION
OPEN_KEY = f"{time_key(NOW)}/{CHECKOUT}"


def _line(line_id: str, product_id: UUID, quantity: int, total: int) -> SaleLine:
    product = {"product_id": product_id, "product_type": "physical", "sku": f"SKU-{product_id.int}"}
    money = {"unit_price": total // quantity, "discount": 0, "tax": 0, "total": total}
    return SaleLine.model_validate(product | money | {"line_id": line_id, "name": "it", "quantity": quantity})


LINES = (_line("a", PEN, 2, 400), _line("b", BOOK, 1, 1000), _line("c", PEN, 3, 600))
DISCOUNTS = (
    AppliedDiscount(promotion_id=OTHER_PROMOTION, kind="percentage", amount=0),
    AppliedDiscount(promotion_id=PROMOTION, kind="percentage", amount=0),
)
SALE = Sale(
    currency="USD",
    lines=LINES,
    discounts=DISCOUNTS,
    totals=Totals(subtotal=2000, discount=0, shipping=0, tax=0, total=2000),
)
COUNTED_SALE = SALE.model_copy(update={"lines": ()})
"""What of it a command carries whose receiver counts its discounts."""
WANTED = (Wanted(product_id=BOOK, quantity=1), Wanted(product_id=PEN, quantity=5))
FREE = SALE.model_copy(update={"totals": Totals(subtotal=0, discount=0, shipping=0, tax=0, total=0)})
PLAIN = SALE.model_copy(update={"discounts": ()})
RESULTS = tuple(order.LineResult(line_id=it, result="successful") for it in "abc")


def of_step(step: str, checkout_id: UUID = CHECKOUT) -> dict[str, Any]:
    return {"checkout_id": checkout_id, "step": step}


def cart_locked(sale: Sale = SALE) -> cart.Locked:
    until = NOW + timedelta(minutes=30)
    return cart.Locked(
        **stamp(CART), **of_step(step_names.LOCK_CART), session_id="s", lock_expires_at=until, sale=sale
    )


def cart_unlocked() -> cart.Unlocked:
    return cart.Unlocked(**stamp(CART), **of_step(step_names.LOCK_CART), reason="given up")


def stock_reserved() -> reservation.Made:
    until = NOW + timedelta(minutes=30)
    return reservation.Made(
        **stamp(CHECKOUT), **of_step(step_names.RESERVE_STOCK), held=WANTED, expires_at=until
    )


def stock_released() -> reservation.Released:
    return reservation.Released(**stamp(CHECKOUT), **of_step(step_names.RESERVE_STOCK))


def stock_confirmed() -> reservation.Confirmed:
    return reservation.Confirmed(**stamp(CHECKOUT), **of_step(step_names.CONFIRM_STOCK), held=WANTED)


def promotions_reserved() -> redemption.Made:
    used, step = (PROMOTION, OTHER_PROMOTION), step_names.RESERVE_PROMOTIONS
    return redemption.Made(**stamp(CHECKOUT), **of_step(step), promotion_ids=used, customer_id=CUSTOMER)


def promotions_released() -> redemption.Released:
    return redemption.Released(**stamp(CHECKOUT), **of_step(step_names.RESERVE_PROMOTIONS))


def price_confirmed(sale: Sale = SALE) -> price.Confirmed:
    step = of_step(step_names.CONFIRM_PRICE)
    return price.Confirmed(**stamp(CHECKOUT), **step, totals=sale.totals, digest="d" * 64)


def checkout_started(definition: int = 1) -> checkout.Started:
    """By default of workflow version 1, in which every stage has one step."""
    return checkout.Started(
        **stamp(CHECKOUT),
        cart_id=CART,
        customer_id=CUSTOMER,
        guest=False,
        personal="sealed person",
        gateway="simulated",
        payment_method="card",
        payment_token="sealed token",
        started_at=NOW,
        expires_at=DEADLINE,
        definition=definition,
    )


def advanced(
    *begun: str,
    done: Iterable[StepDone] = (),
    refused: StepRefused | None = None,
    undone: tuple[str, ...] = (),
) -> checkout.Advanced:
    return checkout.Advanced(**stamp(CHECKOUT), begun=begun, done=tuple(done), refused=refused, undone=undone)


def done(step: str, **data: Any) -> StepDone:
    return StepDone(step=step, data=data)


def refused(step: str, code: str, detail: str = "no", **data: Any) -> checkout.Advanced:
    return advanced(refused=StepRefused(step=step, code=code, detail=detail, data=data))


def undone(step: str) -> checkout.Advanced:
    return advanced(undone=(step,))


def compensation_started(
    phase: str, code: str, detail: str = "no", *, undoing: Iterable[str] = (), **data: Any
) -> checkout.CompensationStarted:
    return checkout.CompensationStarted(
        **stamp(CHECKOUT), phase=phase, code=code, detail=detail, data=data, undoing=tuple(undoing)
    )


def checkout_failed(phase: str, code: str, detail: str = "no", **data: Any) -> checkout.Failed:
    return checkout.Failed(**stamp(CHECKOUT), cart_id=CART, phase=phase, code=code, detail=detail, data=data)


def money(
    operation: str, reference: str | None = "ref", amount: int = 2000, intent: int = 1
) -> dict[str, Any]:
    """The fields of every fact about the payment."""
    return {
        **stamp(PAYMENT),
        "checkout_id": CHECKOUT,
        "gateway": "simulated",
        "amount": amount,
        "currency": "USD",
        "key": f"{CHECKOUT}:{operation}:{intent}",
        "reference": reference,
    }


def order_created(sale: Sale = SALE) -> order.Created:
    paid = sale.totals.total > 0
    return order.Created(
        **stamp(ORDER),
        number=number_of(ORDER),
        checkout_id=CHECKOUT,
        cart_id=CART,
        customer_id=CUSTOMER,
        payment_id=PAYMENT if paid else None,
        gateway="simulated" if paid else None,
        payment_method="card" if paid else None,
        sale=sale,
    )


def order_fields() -> dict[str, Any]:
    """The fields of every fact about a paid order."""
    return {**stamp(ORDER), "customer_id": CUSTOMER, "number": number_of(ORDER)}


def order_paid() -> order.Paid:
    made_of = order.Breakdown(items=2000, shipping=0, tax=0)
    return order.Paid(**order_fields(), currency="USD", amount=2000, totals=SALE.totals, breakdown=made_of)


def customer_is_new() -> customer.ProfileChanged:
    """What follows from the first paid order."""
    return customer.ProfileChanged(
        **stamp(CUSTOMER_STREAM), customer_id=CUSTOMER, segments=("new",), automatic=("new",), assigned=()
    )


def handed_over(sale: Sale = SALE) -> list[Fact]:
    """The facts of lines that are handed over at once."""
    return [
        fact
        for line in sale.lines
        for stream in [stamp(fulfillment_id(ORDER, line.line_id))]
        for fact in (
            fulfillment.Requested(**stream, order_id=ORDER, line_id=line.line_id),
            fulfillment.Succeeded(**stream, attempt=1),
        )
    ]


def all_refunded(reason: str) -> order.Refunded:
    """Line by line; nothing was charged for shipping."""
    lines = charged(SALE)[:-1]
    return order.Refunded(**order_fields(), currency="USD", amount=2000, reason=reason, allocation=lines)


def order_cancelled(reason: str) -> order.Cancelled:
    return order.Cancelled(**order_fields(), reason=reason)


def fields_of(fact: Fact, *names: str) -> dict[str, Any]:
    """Fields of a reply as a step's data holds them."""
    return fact.model_dump(mode="json", include=set(names), exclude_none=True)


def effects_of(step: str, sale: Sale = SALE) -> Iterator[Fact]:
    """The facts of a successful step in other streams than the checkout's."""
    paid = sale.totals.total > 0
    match step:
        case step_names.RESOLVE_CUSTOMER:
            yield customer.Created(**stamp(CUSTOMER_STREAM), personal="sealed person", guest=False)
        case step_names.AUTHORIZE if paid:
            yield payment.Authorized(**money("authorize"))
        case step_names.CREATE_ORDER:
            yield order_created(sale)
        case step_names.CAPTURE if paid:
            yield payment.Captured(**money("capture"))
            yield order_paid()
            yield customer_is_new()


def success_of(step: str, sale: Sale = SALE) -> StepDone:
    """The step with the data of its success."""
    paid = sale.totals.total > 0
    data: dict[str, dict[str, Any]] = {
        step_names.LOCK_CART: fields_of(cart_locked(sale), "sale", "lock_expires_at"),
        step_names.RESERVE_STOCK: fields_of(stock_reserved(), "held", "expires_at"),
        step_names.RESERVE_PROMOTIONS: fields_of(promotions_reserved(), "promotion_ids")
        if sale.discounts
        else {},
        step_names.CONFIRM_PRICE: fields_of(price_confirmed(sale), "totals", "digest"),
        step_names.RESOLVE_CUSTOMER: {"customer_id": CUSTOMER, "created": True},
        step_names.AUTHORIZE: {"reference": "ref"} if paid else {},
        step_names.CREATE_ORDER: {"order_id": str(ORDER), "number": number_of(ORDER)},
        step_names.CAPTURE: {"reference": "ref"} if paid else {},
        step_names.CONFIRM_STOCK: fields_of(stock_confirmed(), "held"),
        step_names.FULFILL: {"results": dict.fromkeys("abc", "successful")},
        step_names.COMPLETE: {"order_id": str(ORDER)},
    }
    return done(step, **data[step])


DONE_HERE = {step_names.RESOLVE_CUSTOMER, step_names.CREATE_ORDER, step_names.FULFILL, step_names.COMPLETE}


def is_awaited(step: str, sale: Sale = SALE) -> bool:
    """Whether the step waits for a reply or for the outcome of a call."""
    if step == step_names.RESERVE_PROMOTIONS:
        return bool(sale.discounts)
    if step in {step_names.AUTHORIZE, step_names.CAPTURE}:
        return sale.totals.total > 0
    return step not in DONE_HERE


def history_until(waiting_for: str, sale: Sale = SALE) -> Iterator[Fact]:
    """All facts up to the beginning of this step of version 1. Raises ``ValueError`` for a newer step."""
    yield checkout_started()
    ended: list[StepDone] = []
    for step in CHECKOUTS.workflow.steps_of(1):
        if step == waiting_for or is_awaited(step, sale):
            yield advanced(step, done=ended)
            ended = []
        if step == waiting_for:
            return
        yield from effects_of(step, sale)
        ended.append(success_of(step, sale))
    raise ValueError(f"{waiting_for} is no step of version 1")


def waiting_at(waiting_for: str, sale: Sale = SALE) -> Scenario:
    return given(*history_until(waiting_for, sale)).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def request(operation: Operation, intent: int = 1) -> PaymentRequest:
    """A gateway request, with the fields that the recording of its outcome reads."""
    return PaymentRequest(
        operation=operation,
        key=idempotency_key(CHECKOUT, operation, intent),
        gateway="simulated",
        merchant="demo",
        payment_id=PAYMENT,
        checkout_id=CHECKOUT,
        amount=2000,
        currency="USD",
    )
