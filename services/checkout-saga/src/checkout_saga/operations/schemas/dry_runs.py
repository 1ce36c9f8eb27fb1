"""A dry run as operators see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts.views import Money
from kernel.http.descriptions import Word, euros

_ID = "019a2b3c-0003-7000-8000-000000000001"


class FactView(BaseModel):
    stream_id: UUID
    version: int
    type: str
    data: dict[str, Any]


class CommandView(BaseModel):
    key: UUID
    type: str
    data: dict[str, Any]


class CallView(BaseModel):
    kind: str
    subject: UUID
    due_at: datetime
    gateway: str | None = None


class PostingView(BaseModel):
    type: str
    account: str
    amount: Money


class DryRunView(BaseModel):
    facts: list[FactView]
    commands: list[CommandView]
    calls: list[CallView]
    postings: list[PostingView]

    @property
    def summary(self) -> str:
        """In one line: what is recorded, sent, called and posted."""
        posted = [(it.account, it.amount) for it in self.postings]
        parts = {
            "records": [it.type for it in self.facts],
            "sends": [it.type for it in self.commands],
            "calls": [f"{it.kind} at {it.gateway}" if it.gateway else it.kind for it in self.calls],
            "posts": [f"{account} {it['amount']:+} {it['currency']}" for account, it in posted],
        }
        return "; ".join(f"{name} {', '.join(it)}" for name, it in parts.items() if it)


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "dry_run": Word("Show what would be done, and do nothing: not even the key is stored.", False),
        "DryRunView": Word("What the action would store, send and call now."),
        "DryRunView.facts": Word("The facts that would be recorded."),
        "FactView": Word("A fact, without what is encrypted in it."),
        "FactView.stream_id": Word("The aggregate.", _ID),
        "FactView.version": Word("The version of the aggregate after the fact.", 9),
        "FactView.type": Word("The type of the fact.", "checkout.operator_retried"),
        "FactView.data": Word("Its fields.", {"reason": "the customer has called"}),
        "DryRunView.commands": Word("The commands that would be sent to other services."),
        "CommandView": Word("A command, without what is encrypted in it."),
        "CommandView.key": Word("Commands with the same key are handled in order.", _ID),
        "CommandView.type": Word("The type of the command.", "cart.lock"),
        "CommandView.data": Word("Its fields.", {"step": "lock_cart"}),
        "DryRunView.calls": Word("The outbound calls that would be made."),
        "CallView": Word("An outbound call."),
        "CallView.kind": Word("What is called for.", "capture"),
        "CallView.subject": Word("The checkout, payment or refund.", _ID),
        "CallView.due_at": Word("When it is due.", "2026-03-01T12:00:00Z"),
        "CallView.gateway": Word("The payment provider.", "simulated"),
        "DryRunView.postings": Word("What the ledger would post for these facts."),
        "PostingView": Word("An amount in an account of the ledger."),
        "PostingView.type": Word("The type of the fact.", "payment.refunded"),
        "PostingView.account": Word("The account.", "refunds_payable"),
        "PostingView.amount": Word("A debit, or with a minus a credit.", euros(500)),
    }
)
