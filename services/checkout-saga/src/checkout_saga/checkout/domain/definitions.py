"""What of a request needs which version of the workflow.

While a release that knows a new version runs beside one that does not, checkouts start with the version that
both know: each replica has to be able to go on with every checkout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checkout_saga.checkout.domain.waits import PUSH_METHODS

ATTEMPTS_SINCE = 3
"""The first version of the workflow in which a payment may be tried again, looked at and waited for."""
EARLIER_GATEWAYS = frozenset({"simulated"})
"""The providers of processes that do not know ``ATTEMPTS_SINCE``."""


def needs_attempts(
    *,
    gateway: str,
    method: str,
    token: str,
    max_attempts: int,
    return_url: str | None,
    save: bool,
    instalments: Mapping[str, Any] | None,
) -> str | None:
    """What of the payment a process that does not know ``ATTEMPTS_SINCE`` refuses or passes over; None:
    nothing."""

    def needed() -> Iterator[str]:
        if method in PUSH_METHODS:
            yield f"The payment method {method}"
        if gateway not in EARLIER_GATEWAYS:
            yield f"The payment provider {gateway}"
        if not token:
            yield "A payment without a token"
        if max_attempts > 1:
            yield "More than one attempt to pay"
        if return_url is not None:
            yield "A return_url"
        if save:
            yield "Saving a payment method"
        if instalments is not None:
            yield "Paying by instalments"

    return next(needed(), None)
