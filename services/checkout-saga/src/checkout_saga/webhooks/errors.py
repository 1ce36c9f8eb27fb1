"""The refusals of webhooks; the docstrings become docs/errors.md."""

from kernel.domain import Refused


class WebhookSignatureInvalid(Refused):
    """The signature of the webhook fits no enabled account of the payment provider."""

    code = "WEBHOOK_SIGNATURE_INVALID"
