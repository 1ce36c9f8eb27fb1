"""From the request of a checkout to its command, with all personal data in it encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from uuid import UUID

from checkout_saga.checkout.personal_details import PersonalDetails, Recipients
from checkout_saga.checkout.schemas.requests import ExpectedTotal, NewCheckout, NextPayment
from checkout_saga.checkout.use_cases.buying import PayAgain, StartCheckout
from checkout_saga.customers.vault import Vault
from checkout_saga.fulfillment.seat_addresses import seat_address
from contracts.checkout import Gifts, GiftSeat
from contracts.sale import Money
from kernel import ids


async def sealed_command(
    body: NewCheckout, details: PersonalDetails, gateway: str, tenant: str, vault: Vault
) -> StartCheckout:
    customer_id = body.customer.id or vault.guest(tenant, details.mailbox.identity)
    recipients = details.recipients
    paid = body.payment
    secrets = [
        details.person,
        {"token": paid.token},
        *([{"gifts": recipients}] if recipients else []),
        *chain.from_iterable(recipients.values()),
    ]
    personal, token, *who_gets = await vault.seal(tenant, customer_id, *secrets)
    return StartCheckout(
        checkout_id=ids.new_id(),
        cart_id=body.cart_id,
        customer_id=customer_id,
        guest=body.customer.id is None,
        personal=personal,
        gateway=gateway,
        payment_method=paid.method,
        payment_token=token if paid.token else "",
        destination=details.destination,
        expected_total=_money(body.expected_total),
        gifts=_gifts(recipients, who_gets, tenant, vault) if recipients else None,
        max_attempts=paid.max_attempts,
        return_url=paid.return_url,
        save=paid.save,
        instalments=paid.instalments,
    )


def _gifts(recipients: Recipients, sealed: Sequence[str], tenant: str, vault: Vault) -> Gifts:
    """``sealed``: all recipients together, and then one by one."""
    together, *one_by_one = sealed
    persons = iter(one_by_one)
    return Gifts(
        recipients={line: len(it) for line, it in recipients.items()},
        personal=together,
        seats={
            line: tuple(
                GiftSeat(address=seat_address(vault, tenant, it["email"]), personal=next(persons))
                for it in of_line
            )
            for line, of_line in recipients.items()
        },
    )


async def sealed_payment(
    body: NextPayment, gateway: str, checkout_id: UUID, customer_id: str, tenant: str, vault: Vault
) -> PayAgain:
    token = ""
    if body.token:
        (token,) = await vault.seal(tenant, customer_id, {"token": body.token})
    return PayAgain(checkout_id, gateway, body.method, token, body.instalments)


def _money(total: ExpectedTotal | None) -> Money | None:
    return Money(amount=total.amount, currency=total.currency) if total else None
