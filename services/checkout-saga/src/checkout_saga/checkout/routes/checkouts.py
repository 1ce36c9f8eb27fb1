"""The routes of checkouts: start, watch, pay, confirm and cancel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse

from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import (
    CheckoutNotFound,
    PaymentDetailsRequired,
    TooManyPendingPayments,
)
from checkout_saga.checkout.domain.step_names import LOCK_CART
from checkout_saga.checkout.lock_refusals import REFUSALS_AT_LOCK
from checkout_saga.checkout.payment_details import Desk, check_details
from checkout_saga.checkout.personal_details import details_of
from checkout_saga.checkout.refusals import refusal_of
from checkout_saga.checkout.schemas.requests import NewCheckout
from checkout_saga.checkout.schemas.views import CheckoutView, show_checkout
from checkout_saga.checkout.screening_values import Screens
from checkout_saga.checkout.sealing import sealed_command
from checkout_saga.checkout.start_rates import StartRates
from checkout_saga.checkout.streaming import COMMENT_SECONDS, EventStream, Streams
from checkout_saga.checkout.tampering import TamperedRequests
from checkout_saga.checkout.use_cases import buying
from checkout_saga.customers.domain.errors import InvalidAddress, InvalidEmail, InvalidTaxId
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from checkout_saga.settings import CheckoutSettings
from contracts import checkout as facts
from contracts.roles import READERS, SHOPPERS
from kernel.domain import Refused
from kernel.http.client_address import ClientAddress
from kernel.http.dependencies import KeyedWrite, Read
from kernel.http.request_meter import hold
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork

T = TypeVar("T")

IN_PROGRESS = {"processing", "compensating"}
LOCK_REPLY_TYPES = frozenset({facts.Advanced.TYPE})
SETTLING_TYPES = frozenset(
    it.TYPE
    for it in (
        facts.Completed,
        facts.Failed,
        facts.ActionRequired,
        facts.WaitingBegan,
        facts.OperatorNeeded,
    )
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
    rates: StartRates
    desk: Desk
    screens: Screens
    streams: Streams = field(default_factory=Streams)

    async def start_checkout(self, body: NewCheckout, write: KeyedWrite, address: ClientAddress) -> Response:
        """Records the checkout and waits a moment for the cart. A refusal of the cart is the response; later
        refusals are in ``failure``. A storefront may start only so many for each ``customer.id``, or else for
        each client address; repetitions of a request do not count."""
        settings = self.settings
        gateway = await self.desk.provider(body.payment, "/payment/token", write.context.tenant)
        check_details(body)
        details = details_of(body, test_environment=settings.env != "production")
        command = await sealed_command(body, details, gateway, write.context.tenant, self.vault)

        async def begin(work: UnitOfWork) -> UUID:
            screening = await self.screens.of_start(
                write.principal, body, command, details.mailbox, address, work
            )
            begun = replace(command, screening=screening)
            started = await buying.start_checkout(
                begun, work, settings.session_time, settings.checkout_definition
            )
            return started.id

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

        admit = self.rates.admission(write.principal, body.customer.id, address)
        return await write.begin_and_respond(begin, answer_for, admit)

    async def _opened(self, view: CheckoutView, tenant: str) -> CheckoutView:
        """The view with what the customer needs to act, decrypted."""
        sealed = view.action.sealed if view.action else None
        if view.action is None or sealed is None:
            return view
        opened = await self.vault.open(tenant, view.customer_id, sealed)
        action = view.action.model_copy(update={"data": opened["action"] if opened else None})
        return view.model_copy(update={"action": action})

    async def _opened_states(
        self, states: AsyncIterator[CheckoutView | None], tenant: str
    ) -> AsyncIterator[CheckoutView | None]:
        async for it in states:
            yield it and await self._opened(it, tenant)

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
        view = await self._opened(_found(result), read.tenant)
        return Result(view, view.version).serialize().response()

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
        return EventStream(self.streams, read.tenant, checkout_id, self._opened_states(states, read.tenant))


def _response_to_start(checkout: Checkout) -> Result | Refused:
    return refusal_of(checkout) or Result(show_checkout(checkout), checkout.version, status=202)


def _show_if_exists(checkout: Checkout) -> CheckoutView | None:
    return show_checkout(checkout) if checkout.exists else None


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


def table(
    settings: CheckoutSettings,
    watcher: CheckoutWatcher,
    vault: Vault,
    rates: StartRates,
    desk: Desk,
    screens: Screens,
    tampered: TamperedRequests,
) -> RouteTable:
    do = _Handlers(settings, watcher, vault, rates, desk, screens)
    to_start = (
        InvalidEmail,
        InvalidTaxId,
        InvalidAddress,
        PaymentMethodNotAvailable,
        PaymentDetailsRequired,
        TooManyPendingPayments,
    )
    of_cart = {code: it.means for code, it in REFUSALS_AT_LOCK.items()}
    missing = (CheckoutNotFound,)
    return RouteTable(
        "checkouts",
        (
            Route(
                "POST",
                ALL,
                do.start_checkout,
                SHOPPERS,
                CheckoutView,
                to_start,
                status=202,
                codes=of_cart,
                keeps_keys=True,
                on_invalid=tampered.note,
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
        ),
    )
