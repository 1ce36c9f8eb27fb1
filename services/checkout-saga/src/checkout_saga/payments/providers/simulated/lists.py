"""The list of what an account has at the simulated gateway: its pages, and how they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, NotListed, Window
from checkout_saga.payments.domain.operation import Unknown

PATH = "/v1/entries"
DISPUTES_AT_ONCE = 100


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
    due_at: datetime | None = None


class EntryPage(BaseModel):
    entries: list[ListedEntry]
    next: int | None
    """Where the next page begins; None: this is the last one."""

    @property
    def shown(self) -> list[Entry]:
        return [Entry(**it.model_dump(), names_tenant=True) for it in self.entries]


def page_of(window: Window, after: int) -> dict[str, str | int]:
    since, until = window.since.isoformat(), window.until.isoformat()
    asked: dict[str, str | int] = {
        "merchant": window.merchant,
        "since": since,
        "until": until,
        "after": after,
    }
    if window.disputes:
        asked["disputes"] = ",".join(sorted(window.disputes))
    return asked


def windows_of(window: Window) -> Iterator[Window]:
    """The window itself, and then one without a length for each so many of its further disputes."""
    yield window._replace(disputes=frozenset())
    disputes = sorted(window.disputes)
    for first in range(0, len(disputes), DISPUTES_AT_ONCE):
        named = frozenset(disputes[first : first + DISPUTES_AT_ONCE])
        yield window._replace(until=window.since, disputes=named)


def read(response: httpx.Response) -> EntryPage:
    """Raises ``NotListed``."""
    try:
        return EntryPage.model_validate_json(response.content)
    except ValidationError:
        raise NotListed(Unknown(f"The gateway's list is invalid (status {response.status_code}).")) from None
