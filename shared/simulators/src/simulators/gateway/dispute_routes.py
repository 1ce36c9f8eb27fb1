"""The routes that stand for a customer's bank: it opens disputes, and decides them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from contracts.roles import OPERATORS
from kernel.http.auth import Caller
from kernel.http.dependencies import KEY
from kernel.http.problems import Problem
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from simulators.gateway.act_routes import PaymentNotFound
from simulators.gateway.bodies import CloseDispute, Dispute, OpenDispute
from simulators.gateway.disputes import DisputeClosed, DisputeNotFound, Disputes, PaymentNotDisputable
from simulators.gateway.payment_service import KeyReused, PaymentUnknown


@dataclass(frozen=True, slots=True)
class _Handlers:
    disputes: Disputes

    async def open_dispute(self, body: OpenDispute, caller: Caller, key: Annotated[str, KEY]) -> Dispute:
        """Take a captured amount back for the customer, all that is left of it without ``amount``. Repeated
        under its key, it shows the dispute as it is by now."""
        asked = sha256(body.model_dump_json().encode()).digest()
        try:
            row: Any = await self.disputes.open(
                caller.tenant, key, asked, body.payment_id, body.amount, body.reason
            )
        except KeyReused:
            raise Problem(422, "IDEMPOTENCY_KEY_REUSED", "The key was used for another request.") from None
        except PaymentUnknown:
            raise PaymentNotFound("The gateway has not heard of this payment.") from None
        return Dispute.model_validate(dict(row))

    async def close_dispute(self, dispute_id: PathId, body: CloseDispute, caller: Caller) -> Dispute:
        """Decide a dispute: won by the merchant, who has the money again, or lost. Repeated, it is answered
        as before."""
        row: Any = await self.disputes.close(caller.tenant, dispute_id, body.outcome)
        return Dispute.model_validate(dict(row))


def table(disputes: Disputes) -> RouteTable:
    do = _Handlers(disputes)
    path = "/v1/simulated-gateway/disputes"
    to_open = (PaymentNotFound, PaymentNotDisputable)
    to_close = (DisputeNotFound, DisputeClosed)
    return RouteTable(
        "disputes",
        (
            Route("POST", path, do.open_dispute, OPERATORS, Dispute, to_open, status=201),
            Route("POST", f"{path}/{{dispute_id}}/close", do.close_dispute, OPERATORS, Dispute, to_close),
        ),
    )
