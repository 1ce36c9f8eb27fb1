"""What a message about an abandoned cart shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checkout_saga.notifications.use_cases.sending import Mail
from kernel.security.link_tokens import make_link_token


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links in messages."""

    recovery_url: str
    """The page before the token."""
    key: bytes = field(repr=False)

    def to_cart(self, tenant: str, mail: Mail) -> str:
        cart = mail.required_cart
        token = make_link_token(self.key, tenant, cart.cart_id, cart.attempt, cart.expires_at)
        return f"{self.recovery_url}/{token}"


def content(mail: Mail, tenant: str, person: Mapping[str, Any], links: Links) -> Mapping[str, Any]:
    cart = mail.required_cart
    return {
        "name": person.get("name"),
        "attempt": cart.attempt,
        "currency": cart.currency,
        "lines": cart.lines,
        "totals": cart.totals,
        "expires_at": cart.expires_at,
        "link": links.to_cart(tenant, mail),
    }
