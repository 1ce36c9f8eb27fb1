"""The payment gateway over HTTP: what it answers, and what it means when it does not."""

from __future__ import annotations

from typing import Any

import httpx
import structlog

from checkout_saga.adapters.vault import Vault
from checkout_saga.application.ports import ActionNeeded, Declined, Done, Outcome, PaymentRequest, Unknown
from checkout_saga.domain.steps import Operation

LOG = structlog.get_logger()

SUCCESS = {
    Operation.AUTHORIZE: "authorized",
    Operation.CONFIRM: "authorized",
    Operation.CAPTURE: "captured",
    Operation.VOID: "voided",
    Operation.REFUND: "refunded",
}
REFUSED = {"declined", "refused"}


class HttpGateway:
    """One request, one look-up; whoever calls repeats both under the same key until there is an outcome."""

    def __init__(self, client: httpx.AsyncClient, vault: Vault) -> None:
        self._client = client
        self._vault = vault

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        if again:
            known = await self._look_up(request)
            if known is not None:
                return known
        try:
            path, body = await self._ask_for(request)
            answer = await self._client.post(path, json=body, headers={"Idempotency-Key": request.key})
        except httpx.HTTPError as silence:
            known = await self._look_up(request)
            return known or Unknown(f"{request.operation}: {type(silence).__name__}")
        return self._meaning(request, answer)

    async def _look_up(self, request: PaymentRequest) -> Outcome | None:
        """What became of this key; None if the gateway has never seen it. Unknown if it does not say."""
        params = {"merchant": request.merchant}
        try:
            answer = await self._client.get(f"/v1/operations/{request.key}", params=params)
        except httpx.HTTPError as silence:
            return Unknown(f"look-up of {request.operation}: {type(silence).__name__}")
        return None if answer.status_code == 404 else self._meaning(request, answer)

    async def _ask_for(self, request: PaymentRequest) -> tuple[str, dict[str, Any]]:
        payment_id = str(request.payment_id)
        body: dict[str, Any] = {"merchant": request.merchant}
        money = {"amount": request.amount, "currency": request.currency}
        match request.operation:
            case Operation.AUTHORIZE:
                opened = await self._open_token(request)
                checkout = {"payment_id": payment_id, "checkout_id": str(request.checkout_id)}
                return "/v1/authorizations", body | checkout | money | opened
            case Operation.CONFIRM:
                return f"/v1/authorizations/{payment_id}/confirm", body
            case Operation.CAPTURE:
                return "/v1/captures", body | money | {"payment_id": payment_id}
            case Operation.VOID:
                return "/v1/voids", body | {"payment_id": payment_id}
            case Operation.REFUND:
                reason = {"payment_id": payment_id, "reason": request.reason or ""}
                return "/v1/refunds", body | money | reason

    async def _open_token(self, request: PaymentRequest) -> dict[str, str]:
        """An erased customer has no token any more: the gateway will decline."""
        sealed, customer_id = request.payment_token or "", request.customer_id or ""
        opened = await self._vault.open(request.merchant, customer_id, sealed)
        return {"token": opened["token"] if opened else "erased"}

    def _meaning(self, request: PaymentRequest, answer: httpx.Response) -> Outcome:
        """Only an answer that is about this very request counts; everything else leaves it unknown."""
        if answer.status_code >= 500:
            return Unknown(f"{request.operation}: the gateway answered {answer.status_code}")
        try:
            told = answer.json()
            status = told["status"]
            fits = told["key"] == request.key and told["payment_id"] == str(request.payment_id)
        except (ValueError, KeyError, TypeError):
            status, fits = None, False
        if answer.status_code == 200 and fits:
            if status == SUCCESS[request.operation]:
                return Done(reference=told["reference"])
            if status == "requires_action":
                return ActionNeeded(reference=told["reference"], url=told["action_url"])
            if status in REFUSED:
                code = told.get("code") or "PAYMENT_DECLINED"
                return Declined(code, f"the gateway refused to {request.operation}: {code}")
        LOG.error("gateway answered oddly", operation=request.operation, http_status=answer.status_code)
        return Unknown(f"{request.operation}: an answer that does not fit ({answer.status_code})")
