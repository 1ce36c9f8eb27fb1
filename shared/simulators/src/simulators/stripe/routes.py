"""The interface of the simulated provider."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.provider.faults import SLOW_SECONDS, Faults, hold
from simulators.provider.ledger import Document, Ledger
from simulators.stripe import intents, keys, refunds, tokens
from simulators.stripe.books import Books, shown
from simulators.stripe.errors import Refusal, missing
from simulators.stripe.forms import parsed
from simulators.stripe.settings import StripeSettings

LISTED = {
    "payment_intents": "payment_intent",
    "refunds": "refund",
    "events": "event",
    "balance_transactions": "balance_transaction",
    "charges": "charge",
    "customers": "customer",
    "disputes": "dispute",
    "payouts": "payout",
}
ERRORS = "invalid_request_error"


class Accounts:
    def __init__(self, ledger: Ledger, faults: Faults, settings: StripeSettings) -> None:
        self._ledger, self._faults, self._settings = ledger, faults, settings
        self._down_until = 0.0

    def routes(self) -> list[Route]:
        return [Route("/v1/{path:path}", self._serve, methods=["GET", "POST"])]

    async def _serve(self, request: Request) -> Response:
        account = request.headers.get("authorization", "").removeprefix("Bearer ")
        if account not in self._settings.secret_keys:
            return JSONResponse({"error": {"type": ERRORS, "message": "Invalid API Key provided."}}, 401)
        form = parsed((await request.body()).decode())
        if form.get("payment_method") == tokens.DOWN:
            self._down_until = max(self._down_until, time.monotonic() + self._settings.down_seconds)
        if time.monotonic() < self._down_until:
            return await hold(request)
        fault = self._faults.of(request.method, request.url.path)
        if fault == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if fault == "timeout":
            return await hold(request)
        if fault == "429":
            limited = {"error": {"type": ERRORS, "code": "rate_limit"}}
            return JSONResponse(limited, 429, {"Retry-After": "1"})
        if fault == "500":
            return keys.fail(self._ledger, account, request.headers.get("idempotency-key"))
        response = self._respond(request, account, form)
        silent = fault == "executed_then_timeout" or form.get("payment_method") == tokens.TIMEOUT
        return await hold(request) if silent else response

    def _respond(self, request: Request, account: str, form: dict[str, Any]) -> Response:
        books, path = Books(self._ledger, account), request.path_params["path"]
        if request.method == "GET":
            query = parsed(request.url.query)
            try:
                return JSONResponse(self._read(books, path, query))
            except Refusal as refusal:
                return JSONResponse(refusal.body, refusal.status)
        act = self._act_of(books, path, form)
        if act is None:
            return JSONResponse(missing("path").body, 404)
        key = request.headers.get("idempotency-key")
        return keys.once(self._ledger, account, key, path, form, lambda: self._expanded(books, act(), form))

    def _act_of(self, books: Books, path: str, form: dict[str, Any]) -> Callable[[], Document] | None:
        base = self._settings.base
        match path.split("/"):
            case ["payment_intents"]:
                return lambda: intents.create(books, form, base)
            case ["payment_intents", its_id, "confirm"]:
                return lambda: intents.confirm(books, _intent(books, its_id), base, on_session=True)
            case ["payment_intents", its_id, "capture"]:
                return lambda: intents.capture(books, _intent(books, its_id), form)
            case ["payment_intents", its_id, "cancel"]:
                return lambda: intents.cancel(books, _intent(books, its_id))
            case ["refunds"]:
                return lambda: refunds.create(books, form)
            case ["customers"]:
                return lambda: books.create("customer", metadata=form.get("metadata") or {})
            case ["webhook_endpoints"]:
                secret = f"whsec_{secrets.token_hex(16)}"
                return lambda: books.create("webhook_endpoint", url=form["url"], secret=secret)
            case _:
                return None

    def _read(self, books: Books, path: str, query: dict[str, Any]) -> Document:
        match path.split("/"):
            case ["payment_methods", token]:
                if not token.startswith("pm_"):
                    raise missing("payment_method")
                return {
                    "id": token,
                    "object": "payment_method",
                    "type": "card",
                    "card": intents.card_of(token),
                }
            case [name] if name in LISTED:
                page = _page(books.all(LISTED[name], **_equal(query)), query, f"/v1/{path}")
                return _with_payments(books, page) if "data.payment_intent" in _wanted(query) else page
            case [name, its_id] if name in LISTED:
                return self._expanded(books, books.find(LISTED[name], its_id), query)
            case _:
                raise missing("path")

    def _expanded(self, books: Books, body: Document, form: dict[str, Any]) -> Document:
        charge = body.get("latest_charge")
        if "latest_charge" in _wanted(form) and charge:
            body = {**body, "latest_charge": shown(books.find("charge", charge))}
        if "payment_intent" in _wanted(form) and body.get("payment_intent"):
            body = {**body, "payment_intent": shown(_intent(books, body["payment_intent"]))}
        return shown(body)


def _wanted(form: dict[str, Any]) -> Collection[str]:
    return (form.get("expand") or {}).values()


def _with_payments(books: Books, page: Document) -> Document:
    """Each object of the page with the payment behind it, instead of its id."""
    data = [{**it, "payment_intent": shown(_intent(books, it["payment_intent"]))} for it in page["data"]]
    return {**page, "data": data}


def _intent(books: Books, identity: str) -> Document:
    return books.find("payment_intent", identity)


def _equal(query: dict[str, Any]) -> dict[str, str]:
    return {name: query[name] for name in ("payment_intent", "customer", "type") if query.get(name)}


def _page(found: list[Document], query: dict[str, Any], url: str) -> Document:
    since = int((query.get("created") or {}).get("gte") or 0)
    until = int((query.get("created") or {}).get("lte") or 2**40)
    before = int((query.get("created") or {}).get("lt") or 2**40)
    fitting = [it for it in found if since <= it["created"] <= until and it["created"] < before]
    if after := query.get("starting_after"):
        ids = [it["id"] for it in fitting]
        fitting = fitting[ids.index(after) + 1 :] if after in ids else []
    limit = int(query.get("limit") or 10)
    page = [shown(it) for it in fitting[:limit]]
    return {"object": "list", "url": url, "has_more": len(fitting) > limit, "data": page}
