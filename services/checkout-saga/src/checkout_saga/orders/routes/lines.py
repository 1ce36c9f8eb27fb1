"""The routes of lines that are not handed over yet."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from checkout_saga.orders.domain.errors import LineNotFound, NotFulfillable, OrderNotFound
from checkout_saga.orders.schemas.requests import Completion
from checkout_saga.orders.schemas.views import OrderView, show_order
from checkout_saga.orders.use_cases import fulfilling
from checkout_saga.orders.use_cases.reading import find_order, find_with_payment, then_with_payment
from checkout_saga.payments.schemas import OperatorsReason
from contracts.roles import ADMINS, OPERATORS
from kernel.http.dependencies import Write
from kernel.http.handlers import execute
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


async def fulfill_line(order_id: PathId, line_id: PathId, body: OperatorsReason, write: Write) -> Response:
    """Try at once to hand over a line that was given up, or whose next try is due later; the tries begin
    anew."""
    begin = partial(fulfilling.fulfill_line, order_id, str(line_id), body.reason)
    return await execute(write, find_order, order_id, then_with_payment(begin), show_order, find_with_payment)


async def complete_line(order_id: PathId, line_id: PathId, body: Completion, write: Write) -> Response:
    """The shop has handed a pending line over; a course is granted now."""
    complete = partial(fulfilling.complete_line, order_id, str(line_id), body.reference)
    return await execute(
        write, find_order, order_id, then_with_payment(complete), show_order, find_with_payment
    )


LINE = "/v1/orders/{order_id}/lines/{line_id}"
REFUSALS = (OrderNotFound, LineNotFound, NotFulfillable)
ROUTES = RouteTable(
    "orders",
    (
        # a line that cannot be handed over may be refunded at once
        Route(
            "POST",
            f"{LINE}/fulfill",
            fulfill_line,
            {*OPERATORS, *ADMINS},
            OrderView,
            REFUSALS,
            keeps_keys=True,
        ),
        Route("POST", f"{LINE}/complete", complete_line, ADMINS, OrderView, REFUSALS, keeps_keys=True),
    ),
)
