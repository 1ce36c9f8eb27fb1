"""Examples for the fields of subscriptions and invoices; ``examples`` has those of all messages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_LINE = "019a2b3c-0001-7000-8000-000000000001"
_PLAN = "019a2b3c-0016-7000-8000-000000000001"
_PERIOD: dict[str, Any] = {
    "number": 1,
    "starts_at": "2026-03-01T09:30:00Z",
    "ends_at": "2026-04-01T09:30:00Z",
}
_TERMS: dict[str, Any] = {
    "code": "starter",
    "name": "Starter",
    "billing_cycle": {"interval": "month", "count": 1},
    "prices": [{"amount": 2900, "currency": "EUR"}],
    "features": ["sso"],
    "limits": {"projects": 10},
}

EXAMPLES_OF_SUBSCRIPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "subscription_id": "019a2b3c-0015-5000-8000-000000000001",
        "subscription.started.plan_id": _PLAN,
        "subscription.started.terms": _TERMS,
        "subscription.activation_refused.code": "PLAN_NOT_ACTIVE",
        "anchor": "2026-03-01T09:30:00",
        "time_zone": "UTC",
        "proration_unit": "second",
        "period": _PERIOD,
        "Recurring.amount": 2900,
        "recurring": {"amount": 2900, "currency": "EUR", "interval": "month", "count": 1},
        "cause": "requested",
        "at": "2026-04-01T09:30:00Z",
        "invoice.issued.number": "INV-2026-000042",
        "invoice.issued.lines": [
            {
                "line_id": _LINE,
                "kind": "period",
                "plan_id": _PLAN,
                "period": _PERIOD,
                "quantity": 1,
                "unit_amount": 2900,
                "discount": 0,
                "net": 2900,
                "tax": 551,
                "total": 3451,
            }
        ],
        "invoice.issued.totals": {"subtotal": 2900, "discount": 0, "net": 2900, "tax": 551, "total": 3451},
        "credit_applied": 0,
        "amount_due": 3451,
    }
)
