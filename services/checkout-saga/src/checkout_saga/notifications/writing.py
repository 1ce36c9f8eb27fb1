"""Writes messages: what the templates get, and from whom they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any
from uuid import UUID

import orjson

from checkout_saga.fulfillment.seat_links import SeatLinks
from checkout_saga.notifications.domain.kinds import CustomerKind, ShopKind
from checkout_saga.notifications.rendering import render_mail, render_text
from checkout_saga.notifications.use_cases.sending import Mail
from contracts.notification import AbandonedCart
from kernel.security.link_tokens import make_link_token

SHOP = "shop"
"""The templates of all messages to the shop."""
MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""What Slack would take for links and mentions."""

NO_INSTRUCTIONS = {"code": "", "number": "", "pdf_url": ""}
"""What providers give for a pix or a boleto; each gives some of them."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links in messages."""

    recovery_url: str
    """The page before the token of a link to a cart."""
    key: bytes = field(repr=False)

    def to_cart(self, tenant: str, cart: AbandonedCart) -> str:
        token = make_link_token(self.key, tenant, cart.cart_id, cart.attempt, cart.expires_at)
        return f"{self.recovery_url}/{token}"

    def to_seat(self, tenant: str, mail: Mail) -> str:
        """Raises ``RuntimeError`` for a message without a seat."""
        seat, license_id = mail.shown.seat, mail.shown.values["license_id"]
        if seat is None or not isinstance(license_id, UUID):
            raise RuntimeError(f"a message of kind {mail.kind} is about no seat")
        return self.to_page(mail, "seats", SeatLinks((self.key,)).token(tenant, license_id, seat))

    def to_page(self, mail: Mail, *path: str) -> str:
        """A page of the shop; empty if the shop has not said where its pages are."""
        shop = mail.shop.storefront_url
        return "/".join((shop.rstrip("/"), *path)) if shop else ""


def content(
    mail: Mail, tenant: str, recipient: Mapping[str, Any], sealed: Mapping[str, Any], links: Links
) -> Mapping[str, Any]:
    """What the templates of the kind use."""
    values = {
        **mail.shown.values,
        "name": recipient.get("name"),
        "kind": mail.kind,
        "left_out": mail.left_out,
    }
    if cart := mail.cart:
        return {
            **values,
            "attempt": cart.attempt,
            "currency": cart.currency,
            "lines": cart.lines,
            "totals": cart.totals,
            "expires_at": cart.expires_at,
            "link": links.to_cart(tenant, cart),
        }
    if mail.kind == CustomerKind.SEAT_INVITATION:
        return {**values, "link": links.to_seat(tenant, mail)}
    if mail.kind == CustomerKind.PAYMENT_PENDING:
        return {**values, "instructions": {**NO_INSTRUCTIONS, **sealed}}
    order_id = values.get("order_id")
    return {**values, "link": links.to_page(mail, "orders", str(order_id)) if order_id else ""}


def write_mail(
    mail: Mail,
    tenant: str,
    recipient: Mapping[str, Any],
    sealed: Mapping[str, Any],
    server_sender: str,
    links: Links,
) -> bytes:
    return render_mail(
        mail.notification_id,
        _template(mail),
        _locale(mail, recipient),
        _sender(mail, server_sender),
        server_sender,
        recipient["email"],
        content(mail, tenant, recipient, sealed, links),
        mail.now,
    ).as_bytes()


def write_post(mail: Mail, tenant: str, recipient: Mapping[str, Any], links: Links) -> bytes:
    """A message in Slack: the text of the mail."""
    values = content(mail, tenant, recipient, {}, links)
    text = render_text(_template(mail), _locale(mail, recipient), values)
    for character, written in MARKUP.items():
        text = text.replace(character, written)
    return orjson.dumps({"text": text})


def _template(mail: Mail) -> str:
    return SHOP if mail.kind in set(ShopKind) else mail.kind


def _locale(mail: Mail, recipient: Mapping[str, Any]) -> str:
    """The recipient's, or else the shop's. A customer's own choice for messages comes first."""
    return mail.locale or recipient.get("locale") or mail.shop.locale


def _sender(mail: Mail, server_sender: str) -> Address:
    """As the shop has set it, where it has."""
    name, address = parseaddr(server_sender)
    return Address(mail.shop.mail_name or name, addr_spec=mail.shop.mail_from or address)
