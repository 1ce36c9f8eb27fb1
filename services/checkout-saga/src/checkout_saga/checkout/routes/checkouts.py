"""HTTP: start, watch, confirm and cancel checkouts."""

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
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
from checkout_saga.checkout.schemas.requests import Address, ExpectedTotal, NewCheckout
from checkout_saga.checkout.schemas.views import CheckoutView, show_checkout
from checkout_saga.checkout.statuses import refusals
from checkout_saga.checkout.streaming import COMMENT_SECONDS, EventStream, Streams
from checkout_saga.checkout.use_cases.buying import (
    StartCheckout,
    cancel_checkout,
    confirm_action,
    start_checkout,
)
from checkout_saga.customers.domain.errors import InvalidEmail
from checkout_saga.customers.domain.mailbox import Mailbox, mailbox_of
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.providers.registry import methods_at
from checkout_saga.settings import CheckoutSettings
from contracts import checkout as facts
from contracts.lock_refusals import LOCK_REFUSALS
from contracts.roles import READERS, SHOPPERS
from contracts.sale import Destination, Money
from kernel import ids
from kernel.domain import Refused
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.problems import card_number
from kernel.http.requests import PathId, StrictRoute
from kernel.http.results import Result
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
Shopper = Annotated[CommandRequest, command_request(*SHOPPERS)]
Reader = Annotated[QueryRequest, query_request(*READERS)]
LastEventId = Annotated[
    int | None, Header(alias="Last-Event-ID", ge=0, le=2**31 - 1, description="The last event's id.")
]
WaitMs = Annotated[int, Query(ge=0, le=10_000)]


def router(settings: CheckoutSettings, watcher: CheckoutWatcher, vault: Vault) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["checkouts"])
    streams = Streams()

    @routes.post(
        "/checkouts",
        status_code=202,
        response_model=CheckoutView,
        responses=refusals(
            InvalidEmail,
            PaymentMethodNotAvailable,
            codes={code: it.means for code, it in LOCK_REFUSALS.items()},
        ),
        name="start_checkout",
    )
    async def post_checkout(
        body: NewCheckout, write: Annotated[CommandRequest, command_request(*SHOPPERS, key_required=True)]
    ) -> Response:
        """Records the checkout and waits a moment for the cart. A refusal of the cart is the response; later
        refusals are in ``failure``."""
        if is_card_number(body.payment.token):
            raise card_number("/payment/token")
        if body.payment.method not in methods_at(body.payment.gateway, settings):
            raise PaymentMethodNotAvailable(f"The payment method {body.payment.method} is not available.")
        mailbox = mailbox_of(body.customer.email, test_environment=settings.env != "production")
        command = await _command(body, mailbox, write.context.tenant, vault)

        async def begin(work: UnitOfWork) -> UUID:
            return (await start_checkout(command, work, settings.session_time)).id

        async def answer_for(checkout_id: UUID) -> Result:
            result = await watcher.wait(
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

    @routes.get("/checkouts/{checkout_id}", response_model=CheckoutView, responses=refusals(CheckoutNotFound))
    async def get_checkout(checkout_id: PathId, read: Reader, wait_ms: WaitMs = 0) -> Response:
        """The checkout's present state; with ``wait_ms`` its state once nothing is under way."""

        result = await watcher.wait(
            read.context,
            checkout_id,
            show=_show_if_exists,
            until=lambda it: it.status not in IN_PROGRESS,
            after=SETTLING_TYPES,
            seconds=wait_ms / 1000,
        )
        return _found(result).serialize().response()

    @routes.get(
        "/checkouts/{checkout_id}/events",
        response_class=StreamingResponse,
        responses={
            200: {
                "content": {"text/event-stream": {"schema": EVENT_SCHEMA, "example": EVENT_EXAMPLE}},
                "description": "One event for each state.",
            },
            204: {"description": "The checkout has ended, and the caller has seen its last state."},
            **refusals(CheckoutNotFound),
        },
        name="follow_checkout",
    )
    async def get_events(checkout_id: PathId, read: Reader, last_event_id: LastEventId = None) -> Response:
        """Every state of the checkout after ``Last-Event-ID``, as server-sent events, until its end. A stream
        is closed after ten minutes; the caller then reconnects."""
        streams.check(read.tenant, checkout_id)
        version, ended = _found(await watcher.read(read.context, checkout_id, _version_and_end))
        known = last_event_id or 0
        if ended and known >= version:
            return Response(status_code=204)
        states = watcher.changes(read.context, checkout_id, show_checkout, known, COMMENT_SECONDS)
        return EventStream(streams, read.tenant, checkout_id, states)

    @routes.post(
        "/checkouts/{checkout_id}/cancel",
        response_model=CheckoutView,
        responses=refusals(CheckoutNotFound, TooLateToCancel),
        name="cancel_checkout",
    )
    async def post_cancel(checkout_id: PathId, write: Shopper) -> Response:
        """Cancel the checkout, before its capture."""

        async def act(work: UnitOfWork) -> Result:
            write.check(await work.open(Checkout, checkout_id))
            checkout = await cancel_checkout(checkout_id, work)
            return Result(show_checkout(checkout), checkout.version)

        return await write.run(act)

    @routes.post(
        "/checkouts/{checkout_id}/confirm-action",
        response_model=CheckoutView,
        responses=refusals(CheckoutNotFound, NoActionRequired),
        name="confirm_action",
    )
    async def post_confirm_action(checkout_id: PathId, write: Shopper) -> Response:
        """The customer has acted at the gateway; the gateway is asked for the outcome."""

        async def act(work: UnitOfWork) -> Result:
            write.check(await work.open(Checkout, checkout_id))
            checkout = await confirm_action(checkout_id, work)
            return Result(show_checkout(checkout), checkout.version)

        return await write.run(act)

    return routes


async def _command(body: NewCheckout, mailbox: Mailbox, tenant: str, vault: Vault) -> StartCheckout:
    customer_id = body.customer.id or vault.guest(tenant, mailbox.identity)
    person = body.model_dump(
        mode="json", include={"customer", "billing_address", "shipping_address"}, exclude_none=True
    )
    person["customer"]["email"] = mailbox.address
    personal, token = await vault.seal(tenant, customer_id, person, {"token": body.payment.token})
    return StartCheckout(
        checkout_id=ids.new_id(),
        cart_id=body.cart_id,
        customer_id=customer_id,
        guest=body.customer.id is None,
        personal=personal,
        gateway=body.payment.gateway,
        payment_method=body.payment.method,
        payment_token=token,
        destination=_destination(body.shipping_address or body.billing_address),
        expected_total=_money(body.expected_total),
    )


def _destination(address: Address | None) -> Destination | None:
    return Destination(country=address.country, region=address.region) if address else None


def _money(total: ExpectedTotal | None) -> Money | None:
    return Money(amount=total.amount, currency=total.currency) if total else None


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
