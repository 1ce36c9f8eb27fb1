"""The routes of checkouts: start, watch, confirm and cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse

from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import (
    CheckoutNotFound,
    NoActionRequired,
    PaymentMethodNotAvailable,
    TooLateToCancel,
)
from checkout_saga.checkout.domain.step_names import LOCK_CART
from checkout_saga.checkout.refusals import refusal_of
from checkout_saga.checkout.schemas.requests import NewCheckout
from checkout_saga.checkout.schemas.views import CheckoutView, show_checkout, view_of
from checkout_saga.checkout.sealing import recipients_of, sealed_command
from checkout_saga.checkout.streaming import COMMENT_SECONDS, EventStream, Streams
from checkout_saga.checkout.use_cases import buying
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.customers.domain.errors import InvalidEmail
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.providers.registry import methods_at
from checkout_saga.settings import CheckoutSettings
from contracts import checkout as facts
from contracts.lock_refusals import LOCK_REFUSALS
from contracts.roles import READERS, SHOPPERS
from kernel.domain import Refused
from kernel.http.dependencies import KeyedWrite, Read, Write
from kernel.http.handlers import execute
from kernel.http.problems import card_number
from kernel.http.request_meter import hold
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.security.card_numbers import is_card_number
from kernel.unit_of_work import UnitOfWork

T = TypeVar("T")

IN_PROGRESS = {"processing", "compensating"}
LOCK_REPLY_TYPES = frozenset({facts.Advanced.TYPE})
SETTLING_TYPES = frozenset(
    it.TYPE for it in (facts.Completed, facts.Failed, facts.ActionRequired, facts.OperatorNeeded)
)
EVENT_SCHEMA = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "description": "The checkout's version."},
        "event": {"const": "checkout"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/CheckoutView"},
        },
    },
}
EVENT_EXAMPLE = {"id": "3", "event": "checkout", "data": '{"status": "processing", "phase": "reserve_stock"}'}
LastEventId: TypeAlias = Annotated[
    int | None, Header(alias="Last-Event-ID", ge=0, le=2**31 - 1, description="The last event's id.")
]
WaitMs: TypeAlias = Annotated[int, Query(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class _Handlers:
    settings: CheckoutSettings
    watcher: CheckoutWatcher
    vault: Vault
    streams: Streams = field(default_factory=Streams)

    async def start_checkout(self, body: NewCheckout, write: KeyedWrite) -> Response:
        """Records the checkout and waits a moment for the cart. A refusal of the cart is the response; later
        refusals are in ``failure``."""
        settings = self.settings
        if is_card_number(body.payment.token):
            raise card_number("/payment/token")
        if body.payment.method not in methods_at(body.payment.gateway, settings):
            raise PaymentMethodNotAvailable(f"The payment method {body.payment.method} is not available.")
        mailbox = mailbox_of(body.customer.email, test_environment=settings.env != "production")
        recipients = recipients_of(body, test_environment=settings.env != "production")
        command = await sealed_command(body, mailbox, recipients, write.context.tenant, self.vault)

        async def begin(work: UnitOfWork) -> UUID:
            return (await buying.start_checkout(command, work, settings.session_time)).id

        async def answer_for(checkout_id: UUID) -> Result:
            result = await self.watcher.wait(
                write.context,
                checkout_id,
                show=_response_to_start,
                until=lambda it: not it.awaits(LOCK_CART),
                after=LOCK_REPLY_TYPES,
                seconds=settings.checkout_answer_seconds,
                just_created=True,
            )
            if isinstance(result, Refused):
                raise result
            return result

        return await write.begin_and_respond(begin, answer_for)

    async def get_checkout(self, checkout_id: PathId, read: Read, wait_ms: WaitMs = 0) -> Response:
        """The checkout's present state; with ``wait_ms`` its state once nothing is under way."""
        if wait_ms:
            hold()
        result = await self.watcher.wait(
            read.context,
            checkout_id,
            show=_show_if_exists,
            until=lambda it: it.status not in IN_PROGRESS,
            after=SETTLING_TYPES,
            seconds=wait_ms / 1000,
        )
        return _found(result).serialize().response()

    async def follow_checkout(
        self, checkout_id: PathId, read: Read, last_event_id: LastEventId = None
    ) -> Response:
        """Every state of the checkout after ``Last-Event-ID``, as server-sent events, until its end. A stream
        is closed after ten minutes; the caller then reconnects."""
        self.streams.check(read.tenant, checkout_id)
        version, ended = _found(await self.watcher.read(read.context, checkout_id, _version_and_end))
        known = last_event_id or 0
        if ended and known >= version:
            return Response(status_code=204)
        states = self.watcher.changes(read.context, checkout_id, show_checkout, known, COMMENT_SECONDS)
        return EventStream(self.streams, read.tenant, checkout_id, states)


async def cancel_checkout(checkout_id: PathId, write: Write) -> Response:
    """Cancel the checkout, before its capture."""
    return await execute(
        write, find_checkout, checkout_id, lambda work: buying.cancel_checkout(checkout_id, work), view_of
    )


async def confirm_action(checkout_id: PathId, write: Write) -> Response:
    """The customer has acted at the gateway; the gateway is asked for the outcome."""
    return await execute(
        write, find_checkout, checkout_id, lambda work: buying.confirm_action(checkout_id, work), view_of
    )


def _response_to_start(checkout: Checkout) -> Result | Refused:
    return refusal_of(checkout) or Result(show_checkout(checkout), checkout.version, status=202)


def _show_if_exists(checkout: Checkout) -> Result | None:
    return Result(show_checkout(checkout), checkout.version) if checkout.exists else None


def _version_and_end(checkout: Checkout) -> tuple[int, bool] | None:
    return (checkout.version, checkout.ended) if checkout.exists else None


def _found(shown: T | None) -> T:
    if shown is None:
        raise CheckoutNotFound("There is no such checkout.")
    return shown


ALL = "/v1/checkouts"
BY_ID = "/v1/checkouts/{checkout_id}"
EVENTS: Mapping[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": EVENT_SCHEMA, "example": EVENT_EXAMPLE}},
        "description": "One event for each state.",
    },
    204: {"description": "The checkout has ended, and the caller has seen its last state."},
}


def table(settings: CheckoutSettings, watcher: CheckoutWatcher, vault: Vault) -> RouteTable:
    do = _Handlers(settings, watcher, vault)
    to_start = (InvalidEmail, PaymentMethodNotAvailable)
    of_cart = {code: it.means for code, it in LOCK_REFUSALS.items()}
    missing = (CheckoutNotFound,)
    to_cancel = (CheckoutNotFound, TooLateToCancel)
    to_confirm = (CheckoutNotFound, NoActionRequired)
    return RouteTable(
        "checkouts",
        (
            Route(
                "POST", ALL, do.start_checkout, SHOPPERS, CheckoutView, to_start, status=202, codes=of_cart
            ),
            Route("GET", BY_ID, do.get_checkout, READERS, CheckoutView, missing),
            Route(
                "GET",
                f"{BY_ID}/events",
                do.follow_checkout,
                READERS,
                refusals=missing,
                responses=EVENTS,
                response_class=StreamingResponse,
            ),
            Route("POST", f"{BY_ID}/cancel", cancel_checkout, SHOPPERS, CheckoutView, to_cancel),
            Route("POST", f"{BY_ID}/confirm-action", confirm_action, SHOPPERS, CheckoutView, to_confirm),
        ),
    )
