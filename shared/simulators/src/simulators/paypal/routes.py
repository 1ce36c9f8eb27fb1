"""The provider's interface for merchants, as far as it is simulated."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.paypal import disputes, orders, payments, search, tokens
from simulators.paypal.access import Access
from simulators.paypal.books import Books, new_id, shown
from simulators.paypal.errors import Refusal
from simulators.paypal.request_ids import once
from simulators.provider.faults import Faults, hold
from simulators.provider.ledger import Document, Ledger

Act = Callable[[Books, Request, Document], Document]


class Merchants:
    def __init__(self, ledger: Ledger, access: Access, faults: Faults, base: str) -> None:
        self._ledger, self._access, self._faults, self._base = ledger, access, faults, base

    def routes(self) -> list[Route]:
        order, authorization = "/v2/checkout/orders", "/v2/payments/authorizations/{id}"
        capture = "/v2/payments/captures/{id}"
        return [
            Route("/v1/oauth2/token", self._issue, methods=["POST"]),
            self._changing(order, self._create, 201),
            self._changing(f"{order}/{{id}}/authorize", self._authorize, 201),
            self._changing(f"{authorization}/capture", self._capture, 201),
            self._changing(f"{authorization}/void", self._void, 204),
            self._changing(f"{capture}/refund", self._refund, 201),
            self._reading(f"{order}/{{id}}", self._order),
            *(
                self._reading(path, self._reader(kind))
                for path, kind in (
                    (authorization, "authorization"),
                    (capture, "capture"),
                    ("/v2/payments/refunds/{id}", "refund"),
                    ("/v1/customer/disputes/{id}", "dispute"),
                )
            ),
            self._reading("/v1/customer/disputes", self._disputes),
            self._reading("/v1/reporting/transactions", self._search),
            self._changing("/v1/notifications/webhooks", self._add_webhook, 201),
        ]

    def _changing(self, path: str, act: Act, status: int) -> Route:
        async def serve(request: Request) -> Response:
            return await self._faults.around(request, execute)

        async def execute(request: Request) -> Response:
            content = await request.body()
            body = json.loads(content) if content else {}
            how = _behaviour(body)
            if how == tokens.DOWN:
                return await hold(request)
            try:
                with self._ledger.transaction():
                    books = self._access.books_of(request)
                    request_id = request.headers.get("paypal-request-id")
                    already = bool(request_id) and self._ledger.get(
                        "request", f"{books.merchant} {request_id}"
                    )
                    answer = once(
                        books, request_id, request.url.path, body, lambda: act(books, request, body)
                    )
            except Refusal as refusal:
                return refusal.response()
            if how == tokens.AUTHORIZED_WITHOUT_ANSWER and not already:
                return await hold(request)
            return Response(status_code=204) if status == 204 else JSONResponse(answer, status)

        return Route(path, serve, methods=["POST"])

    def _reading(self, path: str, read: Callable[[Books, Request], Document]) -> Route:
        async def serve(request: Request) -> Response:
            return await self._faults.around(request, execute)

        async def execute(request: Request) -> Response:
            try:
                return JSONResponse(read(self._access.books_of(request), request))
            except Refusal as refusal:
                return refusal.response()

        return Route(path, serve, methods=["GET"])

    async def _issue(self, request: Request) -> Response:
        return await self._faults.around(request, self._access.issue)

    def _create(self, books: Books, _: Request, body: Document) -> Document:
        return orders.create(books, body, self._base)

    def _authorize(self, books: Books, request: Request, _: Document) -> Document:
        return orders.authorize(books, books.find("order", request.path_params["id"]))

    def _capture(self, books: Books, request: Request, body: Document) -> Document:
        return shown(payments.capture(books, request.path_params["id"], body))

    def _void(self, books: Books, request: Request, _: Document) -> Document:
        return shown(payments.void(books, request.path_params["id"]))

    def _refund(self, books: Books, request: Request, body: Document) -> Document:
        return shown(payments.refund(books, request.path_params["id"], body))

    def _order(self, books: Books, request: Request) -> Document:
        return orders.view(books, books.find("order", request.path_params["id"]))

    def _search(self, books: Books, request: Request) -> Document:
        return search.search(books, request.query_params)

    def _disputes(self, books: Books, request: Request) -> Document:
        return disputes.list_disputes(books, request.query_params)

    def _add_webhook(self, books: Books, _: Request, body: Document) -> Document:
        return shown(books.save("webhook", {"id": new_id(), "url": str(body["url"])}))

    @staticmethod
    def _reader(kind: str) -> Callable[[Books, Request], Document]:
        return lambda books, request: shown(books.find(kind, request.path_params["id"]))


def _behaviour(body: Document) -> str | None:
    source: Document = body.get("payment_source") or {}
    token: str | None = (source.get("paypal") or {}).get("vault_id")
    return token
