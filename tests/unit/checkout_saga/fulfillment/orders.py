"""Orders of courses, bundles and services, and checkouts that are about to hand them over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.domain.enrollment import enrollment_id
from checkout_saga.fulfillment.domain.fulfillment import fulfillment_id
from checkout_saga.orders.use_cases.fulfilling import begin_fulfillment
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.shop_settings.domain import settings_id
from contracts import enrollment, settings
from contracts.envelope import Fact
from contracts.order import LineResult
from contracts.sale import LineFulfillment, Sale, SaleLine, Totals
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CUSTOMER,
    ORDER,
    history_until,
    stock_confirmed,
    waiting_at,
)

OTHER_ORDER = UUID(int=0x0E)
SQL, PYTHON, RUST = (str(UUID(int=0xA0 + it)) for it in range(3))
THREE = (SQL, PYTHON, RUST)


def line(line_id: str, product_type: str, product_id: str = RUST, **more: Any) -> SaleLine:
    return SaleLine(
        line_id=line_id,
        product_type=product_type,
        product_id=UUID(product_id),
        sku=line_id,
        name=line_id,
        quantity=1,
        unit_price=1000,
        discount=0,
        tax=0,
        total=1000,
        **more,
    )


def course(line_id: str, course_id: str) -> SaleLine:
    return line(line_id, "course", course_id)


def bundle(line_id: str, *course_ids: str) -> SaleLine:
    return line(line_id, "bundle", fulfillment=LineFulfillment(course_ids=course_ids))


def sale(*lines: SaleLine) -> Sale:
    total = sum(it.total for it in lines)
    totals = Totals(subtotal=total, discount=0, shipping=0, tax=0, total=total)
    return Sale(currency="USD", lines=lines, totals=totals)


def paid(sold: Sale, *others: Fact) -> Scenario:
    """An order whose lines nothing has been done for."""
    return given(*others, *history_until(step_names.CONFIRM_STOCK, sold))


async def begin(sold: Sale, work: UnitOfWork) -> None:
    await begin_fulfillment(ORDER, CUSTOMER, sold, work)


def begun(*lines: SaleLine, others: Iterable[Fact] = ()) -> Scenario:
    """An order whose lines are handed over, as far as they can be at once."""
    sold = sale(*lines)
    return paid(sold, *others).when(begin, sold)


def confirmed(sold: Sale) -> Scenario:
    """A checkout whose stock has been confirmed: its lines are asked for now."""
    return waiting_at(step_names.CONFIRM_STOCK, sold).when(CHECKOUTS.on_reply, stock_confirmed())


def enrolled(course_id: str, order_id: UUID = ORDER, line_id: str = "a") -> enrollment.Granted:
    stream = enrollment_id(customer_stream_id("demo", CUSTOMER), course_id)
    return enrollment.Granted(
        **stamp(stream), course_id=course_id, customer_id=CUSTOMER, order_id=order_id, line_id=line_id
    )


def set_to(**changed: Any) -> settings.Changed:
    return settings.Changed(**stamp(settings_id("demo")), **changed)


def result(line_id: str, said: str, detail: str | None = None, reference: str | None = None) -> LineResult:
    return LineResult(line_id=line_id, result=said, detail=detail, reference=reference)


def stream(line_id: str) -> UUID:
    return fulfillment_id(ORDER, line_id)


def recorded(story: Scenario, kind: type[Fact]) -> list[Any]:
    """The facts of this type since the beginning of the story."""
    return [fact for facts in story.world.past.values() for fact in facts if isinstance(fact, kind)]


def courses(story: Scenario, kind: type[Fact] = enrollment.Granted) -> list[str]:
    return [it.course_id for it in recorded(story, kind)]


def last_types(story: Scenario) -> set[str]:
    return {it.TYPE for it in story.work.facts}


def status(story: Scenario) -> str:
    async def read(_: None, work: UnitOfWork) -> str:
        return (await find_order(ORDER, work)).status

    return str(story.when(read, None).result)
