"""The routes of team licences and their seats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeAlias

from fastapi import Path, Request, Response

from checkout_saga.customers.domain.errors import InvalidEmail
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.vault import Vault
from checkout_saga.fulfillment.domain.errors import (
    InvitationExpired,
    LicenseNotFound,
    NoSeatsLeft,
    SeatAlreadyTaken,
    SeatNotFound,
)
from checkout_saga.fulfillment.domain.license import License
from checkout_saga.fulfillment.link_context import context_of
from checkout_saga.fulfillment.routes.listing import OfWhom, OrdersOf, list_of_orders
from checkout_saga.fulfillment.schemas.licenses import (
    Acceptance,
    InvitedSeatView,
    LicenseView,
    NewSeat,
    SeatView,
    show_invited,
    show_license,
    show_seat,
)
from checkout_saga.fulfillment.seat_addresses import seat_address
from checkout_saga.fulfillment.seat_links import SeatLinks
from checkout_saga.fulfillment.use_cases import licensing
from checkout_saga.fulfillment.use_cases.licensing import ORDER_LICENSE, Invitation, find_license
from contracts.roles import LISTERS, SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import OPEN, Route, RouteTable
from kernel.security.link_tokens import MAX_TOKEN_LENGTH
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LinkToken: TypeAlias = Annotated[str, Path(max_length=MAX_TOKEN_LENGTH)]


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    orders_of: OrdersOf
    vault: Vault
    links: SeatLinks
    test_environment: bool

    async def get_license(self, license_id: PathId, read: Read) -> Response:
        """A team licence, and the seats that are taken or offered."""
        return await show(read, find_license, license_id, show_license)

    async def list_licenses(self, read: Read, whose: OfWhom, paging: Paged) -> Response:
        """The team licences of an order or of a customer, oldest first."""
        return await list_of_orders(read, paging, whose, self.orders_of, ORDER_LICENSE, License, show_license)

    async def invite_to_seat(self, license_id: PathId, body: NewSeat, write: Write) -> Response:
        """Offer a free seat for 14 days. The address is kept encrypted under the owner's key."""
        tenant = write.context.tenant
        address = mailbox_of(body.email, test_environment=self.test_environment, field=("email",)).address
        person = {"email": address} | ({"name": body.name} if body.name else {})
        owner = await self.store.run(write.context, partial(find_license, license_id))
        (sealed,) = await self.vault.seal(tenant, owner.customer_id, person)
        command = Invitation(license_id, seat_address(self.vault, tenant, address), sealed)

        async def act(work: UnitOfWork) -> Result:
            write.check(await find_license(license_id, work))
            found, seat = await licensing.invite(command, work)
            token = self.links.token(tenant, license_id, seat)
            return Result(show_invited(found, seat, token), found.version)

        return await write.run(act)

    async def accept_seat(
        self, license_id: PathId, seat_id: PathId, body: Acceptance, write: Write
    ) -> Response:
        """The customer takes the seat, and gets what it gives access to."""

        async def act(work: UnitOfWork) -> Result:
            write.check(await find_license(license_id, work))
            found, seat = await licensing.accept(license_id, seat_id, body.customer_id, work)
            return Result(show_seat(found, seat), found.version)

        return await write.run(act)

    async def accept_invitation(self, token: LinkToken, body: Acceptance, request: Request) -> Response:
        """The same by the link of the invitation, without an API key."""
        link = self.links.read(token)

        async def act(work: UnitOfWork) -> Result:
            try:
                found, seat = await licensing.accept(link.license_id, link.seat_id, body.customer_id, work)
            except LicenseNotFound:
                raise SeatNotFound("There is no such seat.") from None
            return Result(show_seat(found, seat), found.version)

        result = await self.store.run(context_of(link.tenant, request), act)
        return result.serialize().response()

    async def take_back_seat(self, license_id: PathId, seat_id: PathId, write: Write) -> Response:
        """The seat is free at once, and what it gave access to is revoked."""
        act = partial(licensing.take_back, license_id, seat_id)
        return await execute(write, find_license, license_id, act, show_license)


ALL = "/v1/licenses"
BY_ID = "/v1/licenses/{license_id}"
SEATS = f"{BY_ID}/seats"
OF_SEAT = (LicenseNotFound, SeatNotFound)
TO_INVITE = (LicenseNotFound, NoSeatsLeft, SeatAlreadyTaken, InvalidEmail)
TO_ACCEPT = (InvitationExpired, SeatAlreadyTaken)


def table(
    store: EventStore, orders_of: OrdersOf, vault: Vault, links: SeatLinks, *, test_environment: bool
) -> RouteTable:
    do = _Handlers(store, orders_of, vault, links, test_environment)
    one = f"{SEATS}/{{seat_id}}"
    return RouteTable(
        "licences",
        (
            Route("GET", BY_ID, do.get_license, LISTERS, LicenseView, (LicenseNotFound,)),
            Route("GET", ALL, do.list_licenses, LISTERS, Page[LicenseView]),
            Route("POST", SEATS, do.invite_to_seat, SERVICES, InvitedSeatView, TO_INVITE, 201),
            Route("POST", f"{one}/accept", do.accept_seat, SERVICES, SeatView, (*OF_SEAT, *TO_ACCEPT)),
            Route("DELETE", one, do.take_back_seat, SERVICES, LicenseView, OF_SEAT),
            Route(
                "POST",
                "/v1/seats/{token}/accept",
                do.accept_invitation,
                OPEN,
                SeatView,
                (SeatNotFound, *TO_ACCEPT),
            ),
        ),
    )
