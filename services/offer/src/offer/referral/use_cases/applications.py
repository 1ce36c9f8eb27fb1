"""The index of what checkouts applied of referrals: by customer and order."""

from __future__ import annotations

from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.referral.domain.application import ReferralApplication

LISTED = "referral_application"
"""Its values are checkout ids."""
OF_CUSTOMER = "referral_application_of_customer"
"""Its values are the customer's id and the checkout's."""
OF_ORDER = "referral_application_of_order"


def list_application(application: ReferralApplication, work: UnitOfWork) -> None:
    """Claim the keys of one that was just applied."""
    if application.status != "applied":
        return
    for kind, value in keys_of(application):
        work.claim_key(kind, value, application.id)


def keys_of(application: ReferralApplication) -> list[tuple[str, str]]:
    checkout_id = application.checkout_id
    return [
        (LISTED, str(checkout_id)),
        (OF_CUSTOMER, f"{application.customer_id}:{checkout_id}"),
        (OF_ORDER, str(ids.derive_id(checkout_id, "order"))),
    ]


async def claim_again(application: ReferralApplication, work: UnitOfWork) -> None:
    """Claim the keys of one whose facts have been recovered."""
    for kind, value in keys_of(application):
        work.claim_key(kind, value, application.id)
