"""The refusals of a lock are those of the contract, with the statuses that the checkout responds with."""

from cart.carts.domain import errors
from cart.carts.statuses import STATUSES
from cart.carts.use_cases import locking
from contracts.lock_refusals import LOCK_REFUSALS
from kernel.domain import Refused
from kernel.http.statuses import status_of

RAISED_BY_OTHERS = {
    errors.CartNotFound,
    errors.CartHasCustomer,
    errors.InvalidDiscountCode,
    errors.PrerequisitesNotMet,
    errors.ShippingAddressRequired,
    errors.ShippingOptionNotAvailable,
}
"""By the functions and methods that the lock calls."""


def test_the_contract_lists_the_rules_by_which_a_lock_is_refused() -> None:
    named = {
        it
        for it in vars(locking).values()
        if isinstance(it, type) and issubclass(it, Refused) and it is not Refused
    }
    assert {it.code: status_of(it, STATUSES) for it in named | RAISED_BY_OTHERS} == {
        code: it.status for code, it in LOCK_REFUSALS.items()
    }
