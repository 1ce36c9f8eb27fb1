"""The index of what checkouts applied of referrals: by customer and order."""

from __future__ import annotations

from uuid import UUID

from contracts.referral import Applied
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.referral.domain.application import ReferralApplication

LISTED = "referral_application"
"""Its values are checkout ids."""
OF_CUSTOMER = "referral_application_of_customer"
"""Its values are the customer's id and the checkout's."""
OF_ORDER = "referral_application_of_order"


def list_application(application: ReferralApplication, work: UnitOfWork) -> None:
    """Claim the keys of one that is applied now, and not by an earlier request of the checkout."""
    if any(isinstance(it, Applied) for it in application.pending_events):
        _claim(application, work)


async def claim_again(application: ReferralApplication, work: UnitOfWork) -> None:
    """Claim the keys of one whose facts have been recovered."""
    _claim(application, work)


def _claim(application: ReferralApplication, work: UnitOfWork) -> None:
    checkout_id = application.checkout_id
    work.claim_key(LISTED, str(checkout_id), application.id)
    work.claim_key(OF_CUSTOMER, f"{application.customer_id}:{checkout_id}", application.id)
    work.claim_key(OF_ORDER, str(ids.derive_id(checkout_id, "order")), application.id)


def index_for(customer_id: str | None, order_id: UUID | None, checkout_id: UUID | None) -> tuple[str, str]:
    """The index that finds what is asked for, and the beginning of its values."""
    if checkout_id is not None:
        return LISTED, str(checkout_id)
    if order_id is not None:
        return OF_ORDER, str(order_id)
    if customer_id is not None:
        return OF_CUSTOMER, f"{customer_id}:"
    return LISTED, ""


def matches(
    application: ReferralApplication,
    customer_id: str | None,
    order_id: UUID | None,
    checkout_id: UUID | None,
) -> bool:
    order = ids.derive_id(application.checkout_id, "order")
    return (
        customer_id in {None, application.customer_id}
        and order_id in {None, order}
        and checkout_id in {None, application.checkout_id}
    )
