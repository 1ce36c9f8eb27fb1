"""The simulated payment gateway over HTTP: its requests, and how its responses map to outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import httpx
import structlog
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ValidationError

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.domain.answers import About, counted
from checkout_saga.payments.domain.entries import Entry, NotListed, Window
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Instrument,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.providers.simulated import lists
from checkout_saga.settings import CheckoutSettings
from kernel.faults import failpoints
from kernel.observability import tracing

LOG = structlog.get_logger()

PUSH = frozenset({"pix", "boleto"})
SUCCESS = {
    Operation.AUTHORIZE: "authorized",
    Operation.CONFIRM: "authorized",
    Operation.CAPTURE: "captured",
    Operation.VOID: "voided",
    Operation.REFUND: "refunded",
}
MAY_REQUIRE_ACTION = {Operation.AUTHORIZE, Operation.CONFIRM}
REFUSED = {"declined", "refused"}
TIMEOUTS = (httpx.TimeoutException, TimeoutError)
NO_ANSWER = (httpx.HTTPError, *TIMEOUTS)
CUSTOMER_CODES = {"PAYMENT_DECLINED", "INSUFFICIENT_FUNDS"}
"""Decline codes that customers see; others become PAYMENT_DECLINED, with the code in the detail."""


@asynccontextmanager
async def connect(
    settings: CheckoutSettings, vault: Vault, _accounts: Accounts
) -> AsyncIterator[SimulatedGateway]:
    """Over aiohttp's transport, which costs a third of the CPU of httpx's own. The installation itself has
    one account, for all tenants."""
    async with httpx.AsyncClient(
        base_url=settings.gateway_url,
        timeout=settings.gateway_timeout_seconds,
        headers={"Authorization": f"Bearer {settings.gateway_secret}"},
        transport=AiohttpTransport(trust_env=False),
        follow_redirects=False,
        trust_env=False,
        event_hooks={"request": [_carry_trace]},
    ) as client:
        yield SimulatedGateway(client, vault, settings.gateway_timeout_seconds)


async def _carry_trace(request: httpx.Request) -> None:
    if traceparent := tracing.carried.get():
        request.headers["traceparent"] = traceparent


class GatewayReply(BaseModel):
    """The gateway's record of one idempotency key. ``amount`` in minor units."""

    key: str
    payment_id: UUID
    status: str
    reference: str
    amount: int
    currency: str | None = None
    code: str | None = None
    action_url: str | None = None
    action_kind: Literal["pix", "boleto"] | None = None
    action_data: dict[str, str] | None = None
    action_until: datetime | None = None


class SimulatedGateway:
    """Makes at most one request a call. Looks the key up before a repeated request, and after one without an
    answer; the caller repeats until the outcome is known."""

    def __init__(self, client: httpx.AsyncClient, vault: Vault, seconds: float) -> None:
        """``seconds`` limits one whole response: the client's own timeouts restart with every byte."""
        self._client = client
        self._vault = vault
        self._seconds = seconds

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        if again:
            known = await self.look_up(request)
            if known is not None:
                return known
        path, body = await self._to_http(request)
        key = {"Idempotency-Key": request.key}
        try:
            failpoints.active and await failpoints.hit("gateway.before_request")
            response = await self._with_timeout(self._client.post(path, json=body, headers=key))
            failpoints.active and await failpoints.hit("gateway.after_request")
        except NO_ANSWER as error:
            known = await self.look_up(request)
            return known or _no_answer(request.operation, error)
        return self._interpret(request, response)

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        """The outcome under this key; of an authorization that the gateway has named already, what has become
        of it by now. None: the gateway does not know it; Unknown: it does not answer."""
        path = f"/v1/operations/{request.key}"
        if request.operation is Operation.AUTHORIZE and request.reference is not None:
            path = f"/v1/payments/{request.payment_id}"
        try:
            response = await self._with_timeout(self._client.get(path, params={"merchant": request.merchant}))
            failpoints.active and await failpoints.hit("gateway.after_look_up")
        except NO_ANSWER as error:
            return _no_answer(f"look-up of {request.operation}", error)
        return None if response.status_code == 404 else self._interpret(request, response)

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        """The suffix of a token stands for the card behind it."""
        token = (await self._open_token(request))["token"]
        _, _, suffix = token.partition(".")
        return Instrument(fingerprint=suffix) if suffix else None

    async def entries(self, window: Window) -> Sequence[Entry]:
        """Each page is a request with a time limit of its own. A dispute may be among them twice: by its
        time, and by its id."""
        return [it for part in lists.windows_of(window) for it in await self._listed(part)]

    async def _listed(self, window: Window) -> list[Entry]:
        found: list[Entry] = []
        after: int | None = 0
        while after is not None:
            params = lists.page_of(window, after)
            try:
                response = await self._with_timeout(self._client.get(lists.PATH, params=params))
                failpoints.active and await failpoints.hit("gateway.after_look_up")
            except NO_ANSWER as error:
                raise NotListed(_no_answer("list", error)) from None
            page = lists.read(response)
            found += page.shown
            after = page.next
        return found

    async def _to_http(self, request: PaymentRequest) -> tuple[str, dict[str, Any]]:
        payment_id = str(request.payment_id)
        body: dict[str, Any] = {"merchant": request.merchant}
        money = {"amount": request.amount, "currency": request.currency}
        match request.operation:
            case Operation.AUTHORIZE:
                checkout = {"payment_id": payment_id, "checkout_id": str(request.checkout_id)}
                return "/v1/authorizations", body | checkout | money | await self._way(request)
            case Operation.CONFIRM:
                return f"/v1/authorizations/{payment_id}/confirm", body
            case Operation.CAPTURE:
                return "/v1/captures", body | money | {"payment_id": payment_id}
            case Operation.VOID:
                return "/v1/voids", body | {"payment_id": payment_id}
            case Operation.REFUND:
                reason = {"payment_id": payment_id, "reason": request.reason or ""}
                return "/v1/refunds", body | money | reason

    async def _way(self, request: PaymentRequest) -> dict[str, str]:
        """How it is paid, and where the customer goes afterwards."""
        back = {"return_url": request.return_url} if request.return_url else {}
        if request.method not in PUSH:
            return back | await self._open_token(request)
        until = {"expires_at": request.expires_at.isoformat()} if request.expires_at else {}
        return {"method": request.method, **until, **back}

    async def _open_token(self, request: PaymentRequest) -> dict[str, str]:
        """The decrypted token. An erased customer has none: the gateway will decline the placeholder."""
        sealed, customer_id = request.payment_token or "", request.customer_id or ""
        opened = await self._vault.open(request.merchant, customer_id, sealed)
        return {"token": opened["token"] if opened else "erased"}

    async def _with_timeout(self, call: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        async with asyncio.timeout(self._seconds):
            return await call

    @staticmethod
    def _interpret(request: PaymentRequest, response: httpx.Response) -> Outcome:
        """Only a response about this very request counts; everything else leaves the outcome unknown."""
        if response.status_code >= 500:
            return Unknown(f"The gateway answered {request.operation} with status {response.status_code}.")
        outcome = _outcome(request, response) if response.status_code == 200 else None
        if outcome is None:
            LOG.error(
                "gateway_response_unexpected", operation=request.operation, http_status=response.status_code
            )
            return Unknown(
                f"The gateway's answer to {request.operation} is invalid (status {response.status_code})."
            )
        return outcome


def _no_answer(call: str, error: Exception) -> Unknown:
    return Unknown(f"No response to {call}: {type(error).__name__}.", timed_out=isinstance(error, TIMEOUTS))


def _outcome(request: PaymentRequest, response: httpx.Response) -> Outcome | None:
    try:
        reply = GatewayReply.model_validate_json(response.content)
    except ValidationError:
        return None
    outcome = _said(request.operation, reply)
    about = About(reply.key, str(reply.payment_id), reply.amount, reply.currency)
    return counted(request, about, outcome) if outcome else None


def _said(operation: Operation, reply: GatewayReply) -> Outcome | None:
    if reply.status in REFUSED:
        code = _failure_code(operation, reply.code)
        return Declined(code, f"The gateway refused to {operation}: {reply.code or code}.")
    if reply.status == "requires_action" and reply.action_url and operation in MAY_REQUIRE_ACTION:
        return ActionNeeded(
            reply.reference,
            reply.action_kind or "redirect",
            reply.action_url,
            reply.action_data,
            reply.action_until,
        )
    if reply.status == "pending":
        return ActionNeeded(reply.reference, "wait")
    if reply.status == "captured" and operation is Operation.AUTHORIZE:
        return Done(reply.reference, reply.amount, captured=True)
    return Done(reply.reference, reply.amount) if reply.status == SUCCESS[operation] else None


def _failure_code(operation: Operation, reply: str | None) -> str:
    match operation:
        case Operation.AUTHORIZE | Operation.CONFIRM:
            return reply if reply in CUSTOMER_CODES else "PAYMENT_DECLINED"
        case Operation.CAPTURE:
            return "CAPTURE_FAILED"
        case Operation.VOID | Operation.REFUND:
            return reply or "REFUSED"
