"""The links by which files are fetched, without an API key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from checkout_saga.fulfillment.domain.errors import DownloadNotFound
from kernel.domain import UTC_MIN
from kernel.security.link_tokens import LinkToken, make_link_token, read_link_token

LABEL = b"feira download link\0"
ONLY = 1
"""All links to a download that end at the same moment are the same one."""


@dataclass(frozen=True, slots=True)
class DownloadLinks:
    keys: Sequence[bytes] = field(repr=False)
    """The first one is for making."""

    def token(self, tenant: str, download_id: UUID, until: datetime) -> str:
        return make_link_token(self.keys[0], tenant, download_id, ONLY, until, LABEL)

    def read(self, token: str) -> LinkToken:
        """Also one that has expired, which is refused as such. Raises ``DownloadNotFound``."""
        found = read_link_token(self.keys, token, UTC_MIN, LABEL)
        if found is None:
            raise DownloadNotFound("There is no such download.")
        return found
