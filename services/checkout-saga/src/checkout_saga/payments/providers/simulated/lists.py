"""The list of what an account has at the simulated gateway: its pages, and how they are asked for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, NotListed, Window
from checkout_saga.payments.domain.operation import Unknown

PATH = "/v1/entries"


class ListedEntry(BaseModel):
    kind: EntryKind
    state: EntryState
    reference: str
    amount: int
    currency: str
    at: datetime
    payment_id: UUID | None = None
    checkout_id: UUID | None = None
    key: str | None = None
    detail: str = ""


class EntryPage(BaseModel):
    entries: list[ListedEntry]
    next: int | None
    """Where the next page begins; None: this is the last one."""

    @property
    def shown(self) -> list[Entry]:
        return [Entry(**it.model_dump(), names_tenant=True) for it in self.entries]


def page_of(window: Window, after: int) -> dict[str, str | int]:
    since, until = window.since.isoformat(), window.until.isoformat()
    return {"merchant": window.merchant, "since": since, "until": until, "after": after}


def read(response: httpx.Response) -> EntryPage:
    """Raises ``NotListed``."""
    try:
        return EntryPage.model_validate_json(response.content)
    except ValidationError:
        raise NotListed(Unknown(f"The gateway's list is invalid (status {response.status_code}).")) from None
