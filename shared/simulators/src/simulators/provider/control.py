"""What tests do to any simulated provider: faults, misbehaving deliveries, a moved clock."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.provider.deliveries import Deliveries, Misbehaviour
from simulators.provider.faults import Fault, Faults
from simulators.provider.ledger import Ledger


class Clock(BaseModel):
    seconds: float


class CommonControl:
    def __init__(self, ledger: Ledger, faults: Faults, deliveries: Deliveries) -> None:
        self._ledger, self._faults, self._deliveries = ledger, faults, deliveries

    def routes(self) -> list[Route]:
        return [
            Route("/readyz", self._ready),
            Route("/_control/faults", self._fault, methods=["POST", "DELETE"]),
            Route("/_control/webhooks", self._webhooks, methods=["POST"]),
            Route("/_control/clock", self._clock, methods=["POST"]),
        ]

    async def _ready(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        else:
            self._faults.arm(Fault.model_validate_json(await request.body()))
        return Response(status_code=204)

    async def _webhooks(self, request: Request) -> Response:
        self._deliveries.misbehaviour = Misbehaviour.model_validate_json(await request.body())
        return Response(status_code=204)

    async def _clock(self, request: Request) -> Response:
        seconds = Clock.model_validate_json(await request.body()).seconds
        with self._ledger.transaction():
            self._ledger.move_clock(seconds)
        return Response(status_code=204)
