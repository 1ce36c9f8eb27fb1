"""Access tokens of PayPal's accounts, each kept until a minute before it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import httpx
from pydantic import BaseModel

AHEAD_SECONDS = 60.0
"""A token is not used in its last seconds: a request may take longer than they last."""


class Account(NamedTuple):
    """Where an account of a tenant is, and what opens it. ``seconds`` limits one request."""

    url: str
    client_id: str
    client_secret: str
    seconds: float


class CredentialsRefused(Exception):
    """The provider does not take the account's credentials."""


class _Issued(BaseModel):
    access_token: str
    expires_in: float


class _Kept(NamedTuple):
    token: str
    until: float


class AccessTokens:
    def __init__(self, client: httpx.AsyncClient, clock: Callable[[], float]) -> None:
        """``clock``: monotonic, in seconds."""
        self._client = client
        self._clock = clock
        self._kept: dict[Account, _Kept] = {}

    # failpoint: none needed (asked-again)
    async def token(self, account: Account) -> str:
        """Raises ``CredentialsRefused``, and ``httpx.HTTPError`` where no answer comes."""
        kept = self._kept.get(account)
        if kept and self._clock() < kept.until:
            return kept.token
        asked_at = self._clock()
        answer = await self._client.post(
            f"{account.url}/v1/oauth2/token",
            auth=(account.client_id, account.client_secret),
            data={"grant_type": "client_credentials"},
        )
        if answer.status_code in {400, 401, 403}:
            raise CredentialsRefused
        answer.raise_for_status()
        issued = _Issued.model_validate_json(answer.content)
        self._kept[account] = _Kept(issued.access_token, asked_at + issued.expires_in - AHEAD_SECONDS)
        return issued.access_token

    def forget(self, account: Account, token: str) -> None:
        """The provider no longer takes this token. One that another call has fetched meanwhile is kept."""
        kept = self._kept.get(account)
        if kept and kept.token == token:
            del self._kept[account]
