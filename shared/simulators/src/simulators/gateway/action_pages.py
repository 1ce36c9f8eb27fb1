"""The pages on which customers act by a browser: they confirm or refuse a card, or pay a pix or boleto."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from babel.numbers import format_currency, get_currency_precision
from fastapi import APIRouter, Query, Request, Response

from kernel.http.forms import read_form
from kernel.http.page_templates import PageTemplates, see
from kernel.http.problems import Problem, invalid
from kernel.http.requests import PathId, ShortText, StrictRoute
from simulators.gateway.action_links import PATH, ActionLinks
from simulators.gateway.payment_service import PaymentService, PaymentUnknown

TEMPLATES = PageTemplates(Path(__file__).parent / "templates", PATH, "actions.css", {})
ACTS = frozenset({"approve", "decline", "pay"})
NOT_FOUND = Problem(404, "PAYMENT_NOT_FOUND", "The link does not lead to a payment.")
Named = Annotated[ShortText, Query()]
State = Literal["waiting", "approved", "paid", "ended"]
STATES: dict[str, State] = {"requires_action": "waiting", "authorized": "approved", "captured": "paid"}
"""By the status of the payment; every other one has ended."""


@dataclass(frozen=True, slots=True)
class _Pages:
    service: PaymentService
    links: ActionLinks

    async def show(self, payment_id: PathId, merchant: Named, proof: Named) -> Response:
        """What the payment waits for, with a button for each thing that the customer can do."""
        row = await self._payment(payment_id, merchant, proof)
        shown = {
            "amount": _shown_amount(row["amount"], row["currency"]),
            "method": row["method"],
            "code": f"sim{payment_id.hex}",
            "until": row["expires_at"],
            "return_url": row["return_url"],
            "state": STATES.get(row["status"], "ended"),
        }
        return TEMPLATES.render("action", shown)

    async def act(self, request: Request, payment_id: PathId, merchant: Named, proof: Named) -> Response:
        """What is possible is done, all else changes nothing. The page then tells how the payment stands."""
        await self._payment(payment_id, merchant, proof)
        do = (await read_form(request)).get("do")
        if do not in ACTS:
            raise invalid("There is no such action.", "/do")
        await self.service.act(merchant, payment_id, do, None)
        return see(request.url.path + "?" + request.url.query)

    async def _payment(self, payment_id: PathId, merchant: str, proof: str) -> Any:
        """Raises a ``Problem``."""
        if not self.links.fits(merchant, payment_id, proof):
            raise NOT_FOUND
        try:
            return await self.service.shown_to_customer(merchant, payment_id)
        except PaymentUnknown:
            raise NOT_FOUND from None


def _shown_amount(amount: int, currency: str) -> str:
    """``amount`` in minor units."""
    decimals: int = get_currency_precision(currency)
    return str(format_currency(Decimal(amount).scaleb(-decimals), currency, locale="en_US"))


def router(service: PaymentService, links: ActionLinks) -> APIRouter:
    do = _Pages(service, links)
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)
    routes.add_api_route(f"{PATH}/actions.css", TEMPLATES.style, methods=["GET"], response_model=None)
    routes.add_api_route(f"{PATH}/{{payment_id}}", do.show, methods=["GET"], response_model=None)
    routes.add_api_route(f"{PATH}/{{payment_id}}", do.act, methods=["POST"], response_model=None)
    return routes
