"""The views of downloads and their links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.fulfillment.domain.download import Download
from kernel.http.descriptions import Word


class DownloadView(BaseModel):
    grant_id: UUID
    order_id: UUID
    line_id: str
    customer_id: str
    asset: str
    status: Literal["active", "used_up", "expired", "revoked"]
    uses: int
    used: int
    granted_at: datetime
    expires_at: datetime
    version: int


class DownloadLinkView(BaseModel):
    token: str
    """Fetches the file without an API key."""
    expires_at: datetime


def show_download(found: Download, now: datetime) -> DownloadView:
    return DownloadView.model_validate(
        {
            "grant_id": found.id,
            "order_id": found.order_id,
            "line_id": found.line_id,
            "customer_id": found.customer_id,
            "asset": found.asset,
            "status": found.status_at(now).value,
            "uses": found.uses,
            "used": found.used,
            "granted_at": found.granted_at,
            "expires_at": found.expires_at,
            "version": found.version,
        }
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "DownloadView": Word("A file that a customer may fetch."),
        "grant_id": Word("The download: the reference of its line.", "019a2b3c-0015-5000-8000-000000000001"),
        "asset": Word("The key of the file in the shop's asset store.", "books/python-in-depth.pdf"),
        "DownloadView.status": Word("active, used_up, expired or revoked.", "active"),
        "DownloadView.uses": Word("How often the file may be fetched.", 5),
        "used": Word("How often it was fetched.", 1),
        "granted_at": Word("Since when it may be fetched.", "2026-03-01T12:00:00Z"),
        "DownloadView.expires_at": Word("Until when it may be fetched.", "2026-03-31T12:00:00Z"),
        "DownloadLinkView": Word("A link to a file."),
        "DownloadLinkView.token": Word("For GET /v1/downloads/{token}.", "AQG…"),
        "DownloadLinkView.expires_at": Word("Until when the link can be followed.", "2026-03-01T12:15:00Z"),
    }
)
