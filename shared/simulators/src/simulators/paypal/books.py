"""What one merchant has at the provider, and how changes of it are recorded with their events."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulators.paypal.errors import not_found
from simulators.provider.ledger import Document, Ledger

LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_id(length: int = 17) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Books:
    """The part of the ledger that belongs to one merchant: another's ids are unknown here."""

    ledger: Ledger
    merchant: str
    search_lag: timedelta

    def find(self, kind: str, identity: str) -> Document:
        """Raises ``Refusal`` 404."""
        found = self.ledger.get(kind, identity)
        if found is None or found["merchant"] != self.merchant:
            raise not_found()
        return found

    def all(self, kind: str, **equal: str) -> list[Document]:
        return self.ledger.all(kind, merchant=self.merchant, **equal)

    def save(self, kind: str, document: Document, **changes: Any) -> Document:
        now = written(self.ledger.now())
        document = {"create_time": now, **document, **changes, "update_time": now, "merchant": self.merchant}
        self.ledger.put(kind, document["id"], document)
        return document

    def list_transaction(
        self,
        code: str,
        identity: str,
        reference: str | None,
        sign: int,
        document: Document,
        fee: str | None = None,
    ) -> None:
        """Add a line to what the transaction search finds, once its lag is over. ``sign``: -1 for money that
        leaves."""
        now = self.ledger.now()
        amount = document["amount"]
        line: Document = {
            "merchant": self.merchant,
            "visible_at": (now + self.search_lag).timestamp(),
            "at": now.timestamp(),
            "transaction_id": identity,
            "transaction_event_code": code,
            "transaction_initiation_date": written(now),
            "transaction_updated_date": written(now),
            "transaction_amount": {**amount, "value": ("-" if sign < 0 else "") + amount["value"]},
            "transaction_status": "S",
        }
        if reference:
            line |= {"paypal_reference_id": reference, "paypal_reference_id_type": "TXN"}
        if fee:
            line["fee_amount"] = {**amount, "value": f"-{fee}"}
        line |= {
            name: document[known]
            for name, known in (("invoice_id", "invoice_id"), ("custom_field", "custom_id"))
            if document.get(known)
        }
        self.ledger.put("transaction", f"{self.merchant} {identity} {code}", line)

    def announce(self, event_type: str, resource_type: str, resource: Document) -> None:
        """Record an event: it is delivered to each webhook of the merchant after this transaction."""
        event_id = f"WH-{new_id()}-{new_id()}"
        now = self.ledger.now()
        event = {
            "id": event_id,
            "event_version": "1.0",
            "create_time": written(now),
            "resource_type": resource_type,
            "event_type": event_type,
            "summary": event_type.replace(".", " ").lower(),
            "resource": shown(resource),
        }
        self.ledger.put("event", event_id, {"merchant": self.merchant, "event": event})
        for webhook in self.all("webhook"):
            delivery = {"event_id": event_id, "endpoint_id": webhook["id"], "tries": 0, "at": now.timestamp()}
            self.ledger.put("delivery", f"{event_id} {webhook['id']}", delivery)


def shown(document: Document) -> Document:
    """A document as the interface shows it."""
    return {name: value for name, value in document.items() if name not in HIDDEN}


HIDDEN = frozenset({"merchant", "token"})
