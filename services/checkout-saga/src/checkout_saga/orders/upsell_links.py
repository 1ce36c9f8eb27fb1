"""The links by which upsells are bought after a purchase, without an API key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from checkout_saga.orders.domain.errors import UpsellNotFound
from kernel.domain import UTC_MIN
from kernel.security.link_tokens import LinkToken, make_link_token, read_link_token

LABEL = b"feira upsell link\0"


@dataclass(frozen=True, slots=True)
class UpsellLinks:
    keys: Sequence[bytes] = field(repr=False)
    """The first one is for making."""

    def token(self, tenant: str, order_id: UUID, number: int, expires_at: datetime) -> str:
        """``number``: which of the order's upsells it is, from 1."""
        return make_link_token(self.keys[0], tenant, order_id, number, expires_at, LABEL)

    def read(self, token: str, order_id: UUID) -> LinkToken:
        """An expired one as well, of which the order tells more. Raises ``UpsellNotFound``."""
        found = read_link_token(self.keys, token, UTC_MIN, LABEL)
        if found is None or found.subject_id != order_id:
            raise UpsellNotFound("There is no such upsell.")
        return found
