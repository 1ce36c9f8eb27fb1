"""Routes of payment operations, for the client that holds the shared secret."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from kernel.http.dependencies import KEY
from kernel.http.problems import Problem, card_number, unavailable
from kernel.http.requests import Body, PathId, ShortText, StrictRoute
from kernel.http.shared_secret import holds_secret
from kernel.security.card_numbers import is_card_number
from simulators.gateway.bodies import Answer, Authorize, Capture, Confirm, Refund, Void
from simulators.gateway.hang import Hang
from simulators.gateway.payment import RequestedAmount
from simulators.gateway.payment_service import KeyReused, OperationRequest, OperationResult, PaymentService
from simulators.gateway.tokens import Behaviour, redact_foreign

Key = Annotated[str, KEY]


def router(service: PaymentService, hang: Hang, secret: str) -> APIRouter:
    async def perform(request: Request, operation: OperationRequest) -> Answer:
        try:
            return await respond(request, await service.perform(operation))
        except KeyReused:
            raise Problem(409, "IDEMPOTENCY_KEY_REUSED", "The key was used for another request.") from None

    async def respond(request: Request, result: OperationResult) -> Answer:
        if result.behaviour in {Behaviour.NOT_ANSWERED, Behaviour.DONE_NOT_ANSWERED}:
            await hang.until_disconnect(request)
        if result.behaviour is Behaviour.UNAVAILABLE:
            raise unavailable()
        if result.row is None:
            raise Problem(404, "NOT_FOUND", "There is no operation under this key.")
        return Answer.of(result.row)

    routes = APIRouter(
        prefix="/v1", route_class=StrictRoute, tags=["merchants"], dependencies=[holds_secret(secret)]
    )

    @routes.post("/authorizations", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def authorize(request: Request, body: Authorize, key: Key) -> Answer:
        """Authorize an amount."""

        if body.token and is_card_number(body.token):
            raise card_number("/token")
        operation = OperationRequest(
            "authorize",
            body.merchant,
            body.payment_id,
            key,
            _hash(body),
            RequestedAmount(body.amount, body.currency),
            body.checkout_id,
            redact_foreign(body.token) if body.token else None,
            body.method,
            body.expires_at,
            body.return_url,
        )
        return await perform(request, operation)

    @routes.post(
        "/authorizations/{payment_id}/confirm",
        responses=_refusals(409, 504),
        response_model_exclude_none=True,
    )
    async def confirm(request: Request, payment_id: PathId, body: Confirm, key: Key) -> Answer:
        """Confirm that the customer has completed the required action."""

        operation = OperationRequest("confirm", body.merchant, payment_id, key, _hash(body, str(payment_id)))
        return await perform(request, operation)

    @routes.post("/captures", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def capture(request: Request, body: Capture, key: Key) -> Answer:
        """Capture an authorized amount."""

        amount = RequestedAmount(body.amount, body.currency)
        return await perform(
            request, OperationRequest("capture", body.merchant, body.payment_id, key, _hash(body), amount)
        )

    @routes.post("/voids", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def void(request: Request, body: Void, key: Key) -> Answer:
        """Void a payment for good; a later authorization of it is declined."""

        return await perform(
            request, OperationRequest("void", body.merchant, body.payment_id, key, _hash(body))
        )

    @routes.post("/refunds", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def refund(request: Request, body: Refund, key: Key) -> Answer:
        """Refund a captured amount."""

        amount = RequestedAmount(body.amount, body.currency)
        return await perform(
            request, OperationRequest("refund", body.merchant, body.payment_id, key, _hash(body), amount)
        )

    @routes.get("/operations/{key:path}", responses=_refusals(504), response_model_exclude_none=True)
    async def look_up(request: Request, key: str, merchant: Annotated[ShortText, Query()]) -> Answer:
        """Look up the operation of a key."""

        return await respond(request, await service.look_up(merchant, key))

    @routes.get("/payments/{payment_id}", responses=_refusals(504), response_model_exclude_none=True)
    async def state(request: Request, payment_id: PathId, merchant: Annotated[ShortText, Query()]) -> Answer:
        """What has become of a payment's authorization by now."""

        return await respond(request, await service.state_of(merchant, payment_id))

    return routes


def _hash(body: Body, *more: str) -> bytes:
    """SHA-256 of the request's type and content."""
    content = "\n".join((type(body).__name__, *more, body.model_dump_json(exclude_none=True)))
    return sha256(content.encode()).digest()


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    known = {409: "IDEMPOTENCY_KEY_REUSED", 504: "GATEWAY_TIMEOUT"}
    return {it: {"description": known[it]} for it in statuses}
