"""Start a checkout's next steps, until one has to wait for a reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import STEPS, CallGateway, RunLocally, SendCommand
from checkout_saga.checkout.use_cases.claim_cart_sale import claim_sale_or_compensate
from checkout_saga.checkout.use_cases.compensate import compensate_if_expired
from checkout_saga.checkout.use_cases.create_order import create_order
from checkout_saga.checkout.use_cases.finish import convert_cart, finish_checkout
from checkout_saga.checkout.use_cases.fulfill_order import fulfill_order
from checkout_saga.checkout.use_cases.resolve_customer import resolve_customer
from kernel.unit_of_work import UnitOfWork

LOCAL_ACTIONS: Mapping[str, Callable[[Checkout, UnitOfWork], Awaitable[dict[str, object]]]] = (
    MappingProxyType(
        {
            workflow.RESOLVE_CUSTOMER: resolve_customer,
            workflow.CREATE_ORDER: create_order,
            workflow.FULFILL: fulfill_order,
            workflow.COMPLETE: convert_cart,
        }
    )
)
"""The steps that this service does itself; each returns the data of its step."""


async def advance(checkout: Checkout, work: UnitOfWork) -> None:
    while step := checkout.next_step():
        if await compensate_if_expired(checkout, work):
            return
        if step == workflow.CAPTURE and await claim_sale_or_compensate(checkout, work):
            return
        match STEPS[step].action(checkout):
            case SendCommand(command, key):
                checkout.start_step(step)
                work.send(command, key)
            case CallGateway(operation, notification):
                checkout.start_step(step)
                work.set_timer(operation, checkout.id, work.now)
                if notification:
                    work.send(*notification)
            case RunLocally():
                checkout.complete_step(step, await LOCAL_ACTIONS[step](checkout, work))
            case None:
                checkout.complete_step(step)
    if checkout.all_steps_completed:
        finish_checkout(checkout, work)
