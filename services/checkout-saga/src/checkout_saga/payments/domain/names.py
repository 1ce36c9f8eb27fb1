"""The ids of a checkout's payments, and the keys under which providers perform each intent once."""

from __future__ import annotations

from uuid import UUID

from kernel.ids import derive_id

MAX_ATTEMPTS = 5
"""To pay one checkout."""


def payment_id_of(checkout_id: UUID, attempt: int = 1) -> UUID:
    """Derived, so that each attempt of a checkout has one payment."""
    return derive_id(checkout_id, "payment" if attempt == 1 else f"payment:{attempt}")


def idempotency_key(checkout_id: UUID, operation: str, intent: int | str = 1) -> str:
    """The key under which the provider performs one intent once. A new intent has the next number."""
    return f"{checkout_id}:{operation}:{intent}"
