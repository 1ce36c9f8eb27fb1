"""The links by which invitations to seats are accepted, without an API key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from checkout_saga.fulfillment.domain.errors import SeatNotFound
from checkout_saga.fulfillment.domain.license import Seat, seat_id_of
from kernel.domain import UTC_MIN
from kernel.security.link_tokens import make_link_token, read_link_token

LABEL = b"feira seat link\0"


@dataclass(frozen=True, slots=True)
class SeatLink:
    tenant: str
    license_id: UUID
    seat_id: UUID


@dataclass(frozen=True, slots=True)
class SeatLinks:
    keys: Sequence[bytes] = field(repr=False)
    """The first one is for making."""

    def token(self, tenant: str, license_id: UUID, seat: Seat) -> str:
        return make_link_token(self.keys[0], tenant, license_id, seat.number, seat.expires_at, LABEL)

    def read(self, token: str) -> SeatLink:
        """The seat knows when the invitation ends. Raises ``SeatNotFound``."""
        found = read_link_token(self.keys, token, UTC_MIN, LABEL)
        if found is None:
            raise SeatNotFound("There is no such seat.")
        return SeatLink(found.tenant, found.subject_id, seat_id_of(found.subject_id, found.attempt))
