"""The facts of one successful checkout, from which tests take any beginning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.use_cases.index_keys import OPEN_CHECKOUT
from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.orders.domain.order import number_of, order_id_of
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from checkout_saga.payments.domain.payment import idempotency_key, payment_id_of
from contracts import cart, checkout, customer, order, payment, price, redemption, reservation
from contracts.envelope import Fact
from contracts.offer import Wanted
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
WANTED = (Wanted(product_id=BOOK, quantity=1), Wanted(product_id=PEN, quantity=5))
FREE = SALE.model_copy(update={"totals": Totals(subtotal=0, discount=0, shipping=0, tax=0, total=0)})
PLAIN = SALE.model_copy(update={"discounts": ()})
RESULTS = tuple(order.LineResult(line_id=it, result="successful") for it in "abc")


def of_step(step: str, checkout_id: UUID = CHECKOUT) -> dict[str, Any]:
    return {"checkout_id": checkout_id, "step": step}


def cart_locked(sale: Sale = SALE) -> cart.Locked:
    until = NOW + timedelta(minutes=30)
    return cart.Locked(
        **stamp(CART), **of_step(workflow.LOCK_CART), session_id="s", lock_expires_at=until, sale=sale
    )


def cart_unlocked() -> cart.Unlocked:
    return cart.Unlocked(**stamp(CART), **of_step(workflow.LOCK_CART), reason="given up")


def stock_reserved() -> reservation.Made:
    until = NOW + timedelta(minutes=30)
    return reservation.Made(
        **stamp(CHECKOUT), **of_step(workflow.RESERVE_STOCK), held=WANTED, expires_at=until
    )


def stock_released() -> reservation.Released:
    return reservation.Released(**stamp(CHECKOUT), **of_step(workflow.RESERVE_STOCK))


def stock_confirmed() -> reservation.Confirmed:
    return reservation.Confirmed(**stamp(CHECKOUT), **of_step(workflow.CONFIRM_STOCK), held=WANTED)


def promotions_reserved() -> redemption.Made:
    used, step = (PROMOTION, OTHER_PROMOTION), workflow.RESERVE_PROMOTIONS
    return redemption.Made(**stamp(CHECKOUT), **of_step(step), promotion_ids=used, customer_id=CUSTOMER)


def promotions_released() -> redemption.Released:
    return redemption.Released(**stamp(CHECKOUT), **of_step(workflow.RESERVE_PROMOTIONS))


def price_confirmed(sale: Sale = SALE) -> price.Confirmed:
    step = of_step(workflow.CONFIRM_PRICE)
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


def step_started(step: str, attempt: int = 1) -> checkout.StepStarted:
    return checkout.StepStarted(**stamp(CHECKOUT), step=step, attempt=attempt)


def step_completed(step: str, **data: Any) -> checkout.StepCompleted:
    return checkout.StepCompleted(**stamp(CHECKOUT), step=step, data=data)


def step_failed(step: str, code: str, detail: str = "no", **data: Any) -> checkout.StepFailed:
    return checkout.StepFailed(**stamp(CHECKOUT), step=step, code=code, detail=detail, data=data)


def compensation_started(
    phase: str, code: str, detail: str = "no", **data: Any
) -> checkout.CompensationStarted:
    return checkout.CompensationStarted(**stamp(CHECKOUT), phase=phase, code=code, detail=detail, data=data)


def step_compensation_started(step: str) -> checkout.StepCompensationStarted:
    return checkout.StepCompensationStarted(**stamp(CHECKOUT), step=step)


def step_compensated(step: str) -> checkout.StepCompensated:
    return checkout.StepCompensated(**stamp(CHECKOUT), step=step)


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
        sale=sale,
    )


def order_fields() -> dict[str, Any]:
    """The fields of every fact about a paid order."""
    return {**stamp(ORDER), "customer_id": CUSTOMER, "number": number_of(ORDER)}


def order_paid() -> order.Paid:
    return order.Paid(**order_fields(), currency="USD", amount=2000, totals=SALE.totals)


def all_refunded(reason: str) -> order.Refunded:
    """Line by line; nothing was charged for shipping."""
    lines = charged(SALE)[:-1]
    return order.Refunded(**order_fields(), currency="USD", amount=2000, reason=reason, allocation=lines)


def order_cancelled(reason: str) -> order.Cancelled:
    return order.Cancelled(**order_fields(), reason=reason)


def fields_of(fact: Fact, *names: str) -> dict[str, Any]:
    """Fields of a reply as a step's data holds them."""
    return fact.model_dump(mode="json", include=set(names), exclude_none=True)


def facts_of_step(step: str, sale: Sale = SALE) -> Iterator[Fact]:
    """The facts of a successful step, in order within each stream."""
    paid = sale.totals.total > 0
    match step:
        case workflow.LOCK_CART:
            yield step_started(step)
            yield step_completed(step, **fields_of(cart_locked(sale), "sale", "lock_expires_at"))
        case workflow.RESERVE_STOCK:
            yield step_started(step)
            yield step_completed(step, **fields_of(stock_reserved(), "held", "expires_at"))
        case workflow.RESERVE_PROMOTIONS if sale.discounts:
            yield step_started(step)
            yield step_completed(step, **fields_of(promotions_reserved(), "promotion_ids"))
        case workflow.CONFIRM_PRICE:
            yield step_started(step)
            yield step_completed(step, **fields_of(price_confirmed(sale), "totals", "digest"))
        case workflow.RESOLVE_CUSTOMER:
            yield customer.Created(**stamp(CUSTOMER_STREAM), personal="sealed person", guest=False)
            yield step_completed(step, customer_id=CUSTOMER, created=True)
        case workflow.AUTHORIZE if paid:
            yield step_started(step)
            yield payment.Authorized(**money("authorize"))
            yield step_completed(step, reference="ref")
        case workflow.CREATE_ORDER:
            yield order_created(sale)
            yield step_completed(step, order_id=str(ORDER), number=number_of(ORDER))
        case workflow.CAPTURE if paid:
            yield step_started(step)
            yield payment.Captured(**money("capture"))
            yield order_paid()
            yield step_completed(step, reference="ref")
        case workflow.CONFIRM_STOCK:
            yield step_started(step)
            yield step_completed(step, **fields_of(stock_confirmed(), "held"))
        case _:
            yield step_completed(step)


def history_until(waiting_for: str, sale: Sale = SALE) -> Iterator[Fact]:
    """All facts up to the start of this step."""
    yield checkout_started()
    for step in workflow.steps_of(1):
        if step == waiting_for:
            yield step_started(step)
            return
        yield from facts_of_step(step, sale)


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
