"""Vaulted payment tokens, and the behaviour that each of them selects."""

OK = "vault_ok"
DECLINED = "vault_declined"
PAYER_ACTION = "vault_payer_action"
"""The payer has to approve the order on the provider's page."""
AUTHORIZATION_PENDING = "vault_authorization_pending"
CAPTURE_PENDING = "vault_capture_pending"
CAPTURE_DECLINED = "vault_capture_declined"
REFUND_PENDING = "vault_refund_pending"
REFUND_FAILED = "vault_refund_failed"
AUTHORIZED_WITHOUT_ANSWER = "vault_timeout"
"""The first request is executed and never answered."""
DOWN = "vault_down"
"""Requests are neither executed nor answered."""

KNOWN = frozenset(
    {
        OK,
        DECLINED,
        PAYER_ACTION,
        AUTHORIZATION_PENDING,
        CAPTURE_PENDING,
        CAPTURE_DECLINED,
        REFUND_PENDING,
        REFUND_FAILED,
        AUTHORIZED_WITHOUT_ANSWER,
        DOWN,
    }
)
"""Any other token is declined."""
