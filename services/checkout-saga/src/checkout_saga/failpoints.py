"""The failpoints of this service; ``pyproject.toml`` registers them."""

from __future__ import annotations

from kernel.faults.failpoint import ANY, COMPLETED, Failpoint

FAILPOINTS = (
    Failpoint("gateway.before_request", "an outbound call is about to be sent", ANY),
    Failpoint(
        "gateway.after_request",
        "the provider has executed the request, and its answer is not read",
        COMPLETED,
    ),
    Failpoint(
        "gateway.after_look_up", "the provider has answered a look-up, and the answer is not read", COMPLETED
    ),
    Failpoint(
        "reconciliation.after_giving_back",
        "the provider has given back money without a sale, and that is not recorded",
        COMPLETED,
    ),
    Failpoint(
        "mail.before_sending", "the mail server has accepted the recipient, and no transfer is recorded", ANY
    ),
)
