"""The fact of a tenant's accounts at payment providers."""

from uuid import UUID

from contracts.envelope import Fact


class Changed(Fact):
    """One account after the change. The credentials are not in the log: ``secrets_id`` names the row of the
    table in which they lie."""

    TYPE = "payment_account.changed"
    gateway: str
    enabled: bool
    mode: str
    """``test`` or ``live``."""
    methods: tuple[str, ...]
    default: bool = False
    timeout_seconds: float = 10.0
    secrets_id: UUID | None = None


PaymentAccountFact = Changed
