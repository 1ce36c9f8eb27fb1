"""From the request of a checkout to its command, with all personal data in it encrypted."""

from __future__ import annotations

from typing import TypeAlias

from checkout_saga.checkout.schemas.requests import Address, ExpectedTotal, NewCheckout, Recipient
from checkout_saga.checkout.use_cases.buying import StartCheckout
from checkout_saga.customers.domain.mailbox import Mailbox, mailbox_of
from checkout_saga.customers.vault import Vault
from contracts.checkout import Gifts
from contracts.sale import Destination, Money
from kernel import ids

Recipients: TypeAlias = dict[str, list[dict[str, str]]]
"""By line id: who gets a gift seat of it."""


def recipients_of(body: NewCheckout, *, test_environment: bool) -> Recipients:
    """Raises ``InvalidEmail``."""

    def tidy(who: Recipient, *place: str | int) -> dict[str, str]:
        field = ("gifts", *place, "email")
        address = mailbox_of(who.email, test_environment=test_environment, field=field).address
        return {"email": address} | ({"name": who.name} if who.name else {})

    return {
        str(line.line_id): [
            tidy(it, number, "recipients", position) for position, it in enumerate(line.recipients)
        ]
        for number, line in enumerate(body.gifts)
    }


async def sealed_command(
    body: NewCheckout, mailbox: Mailbox, recipients: Recipients, tenant: str, vault: Vault
) -> StartCheckout:
    customer_id = body.customer.id or vault.guest(tenant, mailbox.identity)
    person = body.model_dump(
        mode="json", include={"customer", "billing_address", "shipping_address"}, exclude_none=True
    )
    person["customer"]["email"] = mailbox.address
    secrets = [person, {"token": body.payment.token}, *([{"gifts": recipients}] if recipients else [])]
    personal, token, *who_gets = await vault.seal(tenant, customer_id, *secrets)
    counts = {line: len(it) for line, it in recipients.items()}
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
        gifts=Gifts(recipients=counts, personal=who_gets[0]) if recipients else None,
    )


def _destination(address: Address | None) -> Destination | None:
    return Destination(country=address.country, region=address.region) if address else None


def _money(total: ExpectedTotal | None) -> Money | None:
    return Money(amount=total.amount, currency=total.currency) if total else None
