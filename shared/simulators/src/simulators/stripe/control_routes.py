"""What tests do to the provider, and what its customers do on its pages."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from simulators.provider.control import CommonControl
from simulators.stripe import disputes, intents, refunds
from simulators.stripe.books import Books, shown
from simulators.stripe.disputes import CloseDispute, OpenDispute, Payout
from simulators.stripe.errors import Refusal, missing

PAGE = """<!doctype html><title>Simulated payment</title><h1>Pay {amount} {currency}?</h1>
<form method="post" action="/actions/{id}/approve"><button>Approve</button></form>
<form method="post" action="/actions/{id}/decline"><button>Decline</button></form>"""


class Settle(BaseModel):
    status: str


class Control(CommonControl):
    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("/actions/{id}", self._page),
            Route("/actions/{id}/{act}", self._act, methods=["POST"]),
            Route("/_control/refunds/{id}/settle", self._settle, methods=["POST"]),
            Route("/_control/disputes", self._dispute, methods=["POST"]),
            Route("/_control/disputes/{id}/close", self._close, methods=["POST"]),
            Route("/_control/payouts/{account}", self._pay_out, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        intent = self._ledger.get("payment_intent", request.path_params["id"])
        if intent is None:
            return JSONResponse(missing("payment_intent").body, 404)
        return HTMLResponse(PAGE.format(**{it: intent[it] for it in ("id", "amount", "currency")}))

    async def _act(self, request: Request) -> Response:
        """``approve``, ``decline``, or ``pay`` for a push payment."""
        intent = self._ledger.get("payment_intent", request.path_params["id"])
        do = request.path_params["act"]
        if intent is None or do not in {"approve", "decline", "pay"}:
            return JSONResponse(missing("payment_intent").body, 404)
        try:
            with self._ledger.transaction():
                return JSONResponse(shown(intents.act(Books(self._ledger, intent["account"]), intent, do)))
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)

    async def _settle(self, request: Request) -> Response:
        """How a refund goes on: ``succeeded`` or ``failed``."""
        refund = self._ledger.get("refund", request.path_params["id"])
        if refund is None:
            return JSONResponse(missing("refund").body, 404)
        status = Settle.model_validate_json(await request.body()).status
        with self._ledger.transaction():
            return JSONResponse(shown(refunds.settle(Books(self._ledger, refund["account"]), refund, status)))

    async def _dispute(self, request: Request) -> Response:
        asked = OpenDispute.model_validate_json(await request.body())
        intent = self._ledger.get("payment_intent", asked.payment_intent)
        if intent is None:
            return JSONResponse(missing("payment_intent").body, 404)
        with self._ledger.transaction():
            return JSONResponse(shown(disputes.open_dispute(Books(self._ledger, intent["account"]), asked)))

    async def _close(self, request: Request) -> Response:
        asked = CloseDispute.model_validate_json(await request.body())
        known = self._ledger.get("dispute", request.path_params["id"])
        if known is None:
            return JSONResponse(missing("dispute").body, 404)
        with self._ledger.transaction():
            books = Books(self._ledger, known["account"])
            return JSONResponse(shown(disputes.close_dispute(books, known, asked)))

    async def _pay_out(self, request: Request) -> Response:
        asked = Payout.model_validate_json(await request.body())
        with self._ledger.transaction():
            return JSONResponse(
                shown(disputes.pay_out(Books(self._ledger, request.path_params["account"]), asked))
            )
