"""What tests do to the provider, and what its customers do on its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulators.paypal import disputes, orders, payments
from simulators.paypal.access import Access
from simulators.paypal.books import Books, shown
from simulators.paypal.certificates import CERTIFICATE_PATH, Signer
from simulators.paypal.disputes import CloseDispute, OpenDispute, Payout
from simulators.paypal.errors import Refusal, not_found
from simulators.provider.control import CommonControl
from simulators.provider.deliveries import Deliveries
from simulators.provider.faults import Faults
from simulators.provider.ledger import Document, Ledger

T = TypeVar("T", bound=BaseModel)
PAGE = """<!doctype html><title>Simulated payment</title><h1>Pay {value} {currency}?</h1>
<form method="post" action="/checkoutnow/{id}/approve"><button>Approve</button></form>
<form method="post" action="/checkoutnow/{id}/cancel"><button>Cancel</button></form>"""


class Settle(BaseModel):
    """How a payment that is pending, or a refund that was done, goes on."""

    status: str


class Control(CommonControl):
    def __init__(
        self, ledger: Ledger, access: Access, faults: Faults, deliveries: Deliveries, signer: Signer
    ) -> None:
        super().__init__(ledger, faults, deliveries)
        self._access, self._signer = access, signer

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route(CERTIFICATE_PATH, self._certificate),
            Route("/checkoutnow", self._page),
            Route("/checkoutnow/{id}/{act}", self._act, methods=["POST"]),
            Route("/_control/root", self._root),
            Route("/_control/tokens", self._revoke, methods=["DELETE"]),
            Route("/_control/{kind:path}/{id}/settle", self._settle, methods=["POST"]),
            Route("/_control/disputes", self._dispute, methods=["POST"]),
            Route("/_control/disputes/{id}/close", self._close, methods=["POST"]),
            Route("/_control/payouts/{merchant}", self._pay_out, methods=["POST"]),
        ]

    async def _certificate(self, _: Request) -> Response:
        return PlainTextResponse(self._signer.chain)

    async def _root(self, _: Request) -> Response:
        """The root certificate that a merchant of the simulator trusts."""
        return PlainTextResponse(self._signer.root)

    async def _page(self, request: Request) -> Response:
        order = self._ledger.get("order", request.query_params.get("token", ""))
        if order is None:
            return not_found().response()
        amount = order["amount"]
        shown_page = PAGE.format(id=order["id"], value=amount["value"], currency=amount["currency_code"])
        return HTMLResponse(shown_page)

    async def _act(self, request: Request) -> Response:
        act = {"approve": orders.approve, "cancel": orders.cancel}.get(request.path_params["act"])
        order_id = request.path_params["id"]
        return (
            self._change("order", order_id, lambda books: act(books, order_id))
            if act
            else Response(None, 404)
        )

    async def _revoke(self, _: Request) -> Response:
        self._access.revoke_all()
        return Response(status_code=204)

    async def _settle(self, request: Request) -> Response:
        kind, identity = request.path_params["kind"], request.path_params["id"]
        status = (await _body(request, Settle)).status

        def settle(books: Books) -> Document:
            changed = books.save(kind, books.find(kind, identity), status=status)
            match kind:
                case "capture":
                    return payments.captured(books, changed)
                case "refund":
                    return payments.refund_changed(books, changed)
                case _:
                    books.announce("PAYMENT.AUTHORIZATION.CREATED", kind, changed)
                    return changed

        return self._change(kind, identity, settle)

    async def _dispute(self, request: Request) -> Response:
        asked = await _body(request, OpenDispute)
        return self._change("capture", asked.capture_id, lambda books: disputes.open_dispute(books, asked))

    async def _close(self, request: Request) -> Response:
        identity, asked = request.path_params["id"], await _body(request, CloseDispute)
        return self._change("dispute", identity, lambda books: disputes.close_dispute(books, identity, asked))

    async def _pay_out(self, request: Request) -> Response:
        asked = await _body(request, Payout)
        with self._ledger.transaction():
            made = disputes.pay_out(self._access.books(request.path_params["merchant"]), asked)
        return JSONResponse(shown(made))

    def _change(self, kind: str, identity: str, act: Callable[[Books], Document]) -> Response:
        """Change a document in the books of its own merchant."""
        known = self._ledger.get(kind, identity)
        if known is None:
            return not_found().response()
        try:
            with self._ledger.transaction():
                return JSONResponse(shown(act(self._access.books(known["merchant"]))))
        except Refusal as refusal:
            return refusal.response()


async def _body(request: Request, kind: type[T]) -> T:
    return kind.model_validate_json(await request.body())
