"""The route that stands for the customer: at the gateway's page, or at a bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.roles import OPERATORS
from kernel.domain import NotFound, Refused
from kernel.http.auth import Caller
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from simulators.gateway.bodies import Act, Entry
from simulators.gateway.payment_service import PaymentService, PaymentUnknown


class PaymentNotFound(NotFound):
    """The gateway has not heard of this payment."""

    code = "PAYMENT_NOT_FOUND"


class PaymentNotWaiting(Refused):
    """The payment does not wait for this."""

    code = "PAYMENT_NOT_WAITING"


@dataclass(frozen=True, slots=True)
class _Handlers:
    service: PaymentService

    async def act(self, payment_id: PathId, body: Act, caller: Caller) -> Entry:
        """Approve or decline a payment that waits for it, or pay one that is paid at a bank. Repeated, it is
        answered as before."""
        try:
            row: Any = await self.service.act(caller.tenant, payment_id, body.do, body.amount)
        except PaymentUnknown:
            raise PaymentNotFound("The gateway has not heard of this payment.") from None
        if row is None:
            raise PaymentNotWaiting("The payment does not wait for this.")
        return Entry.model_validate({**row, "at": row["performed_at"], "checkout_id": None})


def table(service: PaymentService) -> RouteTable:
    do = _Handlers(service)
    path = "/v1/simulated-gateway/payments/{payment_id}/act"
    refusals = (PaymentNotFound, PaymentNotWaiting)
    return RouteTable("acts", (Route("POST", path, do.act, OPERATORS, Entry, refusals),))
