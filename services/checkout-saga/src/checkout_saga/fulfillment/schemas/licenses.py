"""The requests and the views of team licences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from checkout_saga.fulfillment.domain.license import License, Seat, seat_id_of
from kernel.http.descriptions import Word
from kernel.http.requests import Body, OwnerId, ShortText


class NewSeat(Body):
    """Who is invited to a seat."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    name: ShortText | None = None


class Acceptance(Body):
    """Who takes the seat."""

    customer_id: OwnerId


class SeatView(BaseModel):
    """Addresses are not shown."""

    seat_id: UUID
    license_id: UUID
    status: Literal["invited", "accepted", "revoked", "expired"]
    customer_id: str | None
    expires_at: datetime


class InvitedSeatView(SeatView):
    token: str
    """Accepts the seat without an API key."""


class LicenseView(BaseModel):
    license_id: UUID
    order_id: UUID
    line_id: str
    customer_id: str
    seats: int
    free: int
    status: Literal["active", "revoked"]
    taken: list[SeatView]
    version: int


def show_seat(found: License, seat: Seat) -> SeatView:
    return SeatView.model_validate(
        {
            "seat_id": seat_id_of(found.id, seat.number),
            "license_id": found.id,
            "status": seat.status.value,
            "customer_id": seat.customer_id,
            "expires_at": seat.expires_at,
        }
    )


def show_invited(found: License, seat: Seat, token: str) -> InvitedSeatView:
    return InvitedSeatView(**show_seat(found, seat).model_dump(), token=token)


def show_license(found: License, _now: datetime) -> LicenseView:
    return LicenseView(
        license_id=found.id,
        order_id=found.order_id,
        line_id=found.line_id,
        customer_id=found.customer_id,
        seats=found.size,
        free=found.free,
        status="revoked" if found.revoked else "active",
        taken=[show_seat(found, it) for it in found.seats.values() if it.is_taken],
        version=found.version,
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewSeat": Word("Who is invited to a seat.", {"email": "ben@example.com", "name": "Ben"}),
        "NewSeat.email": Word("The address; it is kept encrypted.", "ben@example.com"),
        "NewSeat.name": Word("The name; it is kept encrypted.", "Ben"),
        "Acceptance": Word("Who takes the seat.", {"customer_id": "customer-8"}),
        "Acceptance.customer_id": Word("The customer.", "customer-8"),
        "SeatView": Word("A seat of a team licence."),
        "InvitedSeatView": Word("A seat of a team licence, and the token of its invitation."),
        "seat_id": Word("The seat.", "019a2b3c-0012-5000-8000-000000000001"),
        "license_id": Word("The team licence.", "019a2b3c-0013-5000-8000-000000000001"),
        "SeatView.status": Word("invited, accepted, revoked or expired.", "invited"),
        "InvitedSeatView.status": Word("invited, accepted, revoked or expired.", "invited"),
        "SeatView.customer_id": Word("Who has accepted it; null before.", None),
        "InvitedSeatView.customer_id": Word("Who has accepted it; null before.", None),
        "SeatView.expires_at": Word("Until when the invitation can be accepted.", "2026-03-15T12:00:00Z"),
        "InvitedSeatView.expires_at": Word(
            "Until when the invitation can be accepted.", "2026-03-15T12:00:00Z"
        ),
        "InvitedSeatView.token": Word("For the link by which the invitation is accepted.", "AQG…"),
        "LicenseView": Word("A team licence and its seats."),
        "LicenseView.customer_id": Word("The buyer.", "customer-7"),
        "LicenseView.seats": Word("How many seats it has.", 13),
        "free": Word("How many of them are neither taken nor offered.", 4),
        "LicenseView.status": Word("active or revoked.", "active"),
        "taken": Word("The seats that are taken or offered."),
    }
)
