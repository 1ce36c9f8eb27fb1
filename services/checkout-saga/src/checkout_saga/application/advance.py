"""Take a checkout's next steps, until one has to wait for somebody's answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from checkout_saga.application.claim_cart_sale import claim_sale_or_compensate
from checkout_saga.application.compensate import compensate_if_late
from checkout_saga.application.create_order import create_order
from checkout_saga.application.finish import complete, finish
from checkout_saga.application.fulfill_order import fulfill_order
from checkout_saga.application.resolve_customer import resolve_customer
from checkout_saga.domain import workflow as steps
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import STEPS, Call, Local, Send
from kernel.unit_of_work import UnitOfWork

HERE: Mapping[str, Callable[[Checkout, UnitOfWork], Awaitable[dict[str, object]]]] = MappingProxyType(
    {
        steps.RESOLVE_CUSTOMER: resolve_customer,
        steps.CREATE_ORDER: create_order,
        steps.FULFILL: fulfill_order,
        steps.COMPLETE: complete,
    }
)
"""What this service does by itself; each tells what the step's record should hold."""


async def advance(checkout: Checkout, work: UnitOfWork) -> None:
    while step := checkout.next_step():
        if await compensate_if_late(checkout, work):
            return
        if step == steps.CAPTURE and await claim_sale_or_compensate(checkout, work):
            return
        match STEPS[step].do(checkout):
            case Send(command, key):
                checkout.start_step(step)
                work.send(command, key)
            case Call(operation, along):
                checkout.start_step(step)
                work.set_timer(operation, checkout.id, work.now)
                if along:
                    work.send(*along)
            case Local():
                checkout.complete_step(step, await HERE[step](checkout, work))
            case None:
                checkout.complete_step(step)
    if checkout.all_done:
        finish(checkout, work)
