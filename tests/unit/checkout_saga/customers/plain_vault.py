"""A vault that encrypts nothing: what is sealed can be read in the facts of tests."""

from __future__ import annotations

import json
from typing import Any

from checkout_saga.customers.vault import Vault


class PlainVault(Vault):
    def __init__(self) -> None:
        """Needs no keys."""

    def guest(self, tenant: str, mailbox: str) -> str:
        return f"guest of {tenant}: {mailbox.replace('@', ' at ')}"

    async def seal(self, tenant: str, customer_id: str, *secrets: dict[str, Any]) -> list[str]:
        return [sealed(customer_id, **it) for it in secrets]

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        owner, _, data = sealed.partition("=")
        opened: dict[str, Any] = json.loads(data)
        return opened if owner == customer_id else None


def sealed(customer_id: str, **secret: Any) -> str:
    return f"{customer_id}={json.dumps(secret, sort_keys=True)}"
