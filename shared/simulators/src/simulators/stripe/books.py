"""The books of one account: its objects by kind and id, and the events that tell of their changes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from simulators.provider.ledger import Document, Ledger
from simulators.stripe.errors import missing

PREFIXES = {
    "payment_intent": "pi",
    "charge": "ch",
    "refund": "re",
    "customer": "cus",
    "event": "evt",
    "webhook_endpoint": "we",
    "balance_transaction": "txn",
    "dispute": "dp",
    "payout": "po",
}


@dataclass(frozen=True, slots=True)
class Books:
    ledger: Ledger
    account: str

    def create(self, kind: str, **fields: Any) -> Document:
        identity = f"{PREFIXES[kind]}_{secrets.token_hex(12)}"
        created = int(self.ledger.now().timestamp())
        body = {"id": identity, "object": kind, "created": created, "livemode": False, **fields}
        return self.save(body)

    def save(self, body: Document, **changes: Any) -> Document:
        changed = {**body, **changes, "account": self.account}
        self.ledger.put(changed["object"], changed["id"], changed)
        return changed

    def find(self, kind: str, identity: str) -> Document:
        """Raises ``Refusal`` if the account has none."""
        found = self.ledger.get(kind, identity)
        if found is None or found["account"] != self.account:
            raise missing(kind)
        return found

    def all(self, kind: str, **equal: str) -> list[Document]:
        """The newest first."""
        return self.ledger.all(kind, account=self.account, **equal)[::-1]

    def announce(self, what: str, body: Document) -> None:
        event = self.create("event", type=what, data={"object": shown(body)})
        for endpoint in self.all("webhook_endpoint"):
            name = f"{event['id']} {endpoint['id']}"
            delivery = {"event_id": event["id"], "endpoint_id": endpoint["id"], "tries": 0}
            self.ledger.put("delivery", name, {**delivery, "at": self.ledger.now().timestamp()})

    def entered(self, kind: str, amount: int, currency: str, source: str, fee: int = 0) -> None:
        """A movement of the account's balance; ``fee``: what the provider keeps of it."""
        moved = {"amount": amount, "fee": fee, "currency": currency, "source": source}
        self.create("balance_transaction", type=kind, **moved)


def shown(body: Document) -> Document:
    return {name: it for name, it in body.items() if name not in {"account", "token"}}
