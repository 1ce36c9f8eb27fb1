"""The gateway's interface for the one who moves money through it."""

from __future__ import annotations

from hashlib import sha256
from secrets import compare_digest
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from kernel.card_numbers import is_card_number
from kernel.http.calls import KEY
from kernel.http.problems import Problem, card_number, unavailable
from kernel.http.requests import Body, Line, PathId, StrictRoute
from simulators.gateway.bodies import Answer, Authorize, Capture, Confirm, Refund, Void
from simulators.gateway.hang import Hang
from simulators.gateway.payment import RequestedAmount
from simulators.gateway.payment_service import KeyReused, OperationRequest, OperationResult, PaymentService
from simulators.gateway.tokens import Behaviour, redact_foreign

BEARER = HTTPBearer(auto_error=False, scheme_name="secret", description="Shared with the one client.")
Key = Annotated[str, KEY]


def router(service: PaymentService, hang: Hang, secret: str) -> APIRouter:
    async def trusted(bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> None:
        if bearer is None or not compare_digest(bearer.credentials.encode(), secret.encode()):
            headers = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "UNAUTHENTICATED", "The shared secret is needed.", headers=headers)

    async def perform(request: Request, wanted: OperationRequest) -> Answer:
        try:
            return await tell(request, await service.perform(wanted))
        except KeyReused:
            raise Problem(409, "IDEMPOTENCY_KEY_REUSED", "The key stands for another request.") from None

    async def tell(request: Request, reply: OperationResult) -> Answer:
        if reply.behaviour in {Behaviour.NOT_ANSWERED, Behaviour.DONE_NOT_ANSWERED}:
            await hang.until_disconnect(request)
        if reply.behaviour is Behaviour.UNAVAILABLE:
            raise unavailable()
        if reply.row is None:
            raise Problem(404, "NOT_FOUND", "Nothing was done under this key.")
        return Answer.model_validate(dict(reply.row))

    routes = APIRouter(
        prefix="/v1", route_class=StrictRoute, tags=["merchants"], dependencies=[Depends(trusted)]
    )

    @routes.post("/authorizations", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def authorize(request: Request, body: Authorize, key: Key) -> Answer:
        """Hold an amount."""

        if is_card_number(body.token):
            raise card_number("/token")
        asked = RequestedAmount(body.amount, body.currency)
        token = redact_foreign(body.token)
        wanted = OperationRequest(
            "authorize", body.merchant, body.payment_id, key, _hash(body), asked, body.checkout_id, token
        )
        return await perform(request, wanted)

    @routes.post(
        "/authorizations/{payment_id}/confirm",
        responses=_refusals(409, 504),
        response_model_exclude_none=True,
    )
    async def confirm(request: Request, payment_id: PathId, body: Confirm, key: Key) -> Answer:
        """Tell that the customer has done what an authorization asked of them."""

        wanted = OperationRequest("confirm", body.merchant, payment_id, key, _hash(body, str(payment_id)))
        return await perform(request, wanted)

    @routes.post("/captures", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def capture(request: Request, body: Capture, key: Key) -> Answer:
        """Take an amount that is held."""

        asked = RequestedAmount(body.amount, body.currency)
        return await perform(
            request, OperationRequest("capture", body.merchant, body.payment_id, key, _hash(body), asked)
        )

    @routes.post("/voids", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def void(request: Request, body: Void, key: Key) -> Answer:
        """Let go what is held, now and for ever."""

        return await perform(
            request, OperationRequest("void", body.merchant, body.payment_id, key, _hash(body))
        )

    @routes.post("/refunds", responses=_refusals(409, 504), response_model_exclude_none=True)
    async def refund(request: Request, body: Refund, key: Key) -> Answer:
        """Give back what was taken."""

        asked = RequestedAmount(body.amount, body.currency)
        return await perform(
            request, OperationRequest("refund", body.merchant, body.payment_id, key, _hash(body), asked)
        )

    @routes.get("/operations/{key:path}", responses=_refusals(504), response_model_exclude_none=True)
    async def look_up(request: Request, key: str, merchant: Annotated[Line, Query()]) -> Answer:
        """What was done under a key."""

        return await tell(request, await service.look_up(merchant, key))

    return routes


def _hash(body: Body, *more: str) -> bytes:
    """Over the kind of request and everything it says."""
    said = "\n".join((type(body).__name__, *more, body.model_dump_json()))
    return sha256(said.encode()).digest()


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    known = {409: "IDEMPOTENCY_KEY_REUSED", 504: "GATEWAY_TIMEOUT"}
    return {it: {"description": known[it]} for it in statuses}
