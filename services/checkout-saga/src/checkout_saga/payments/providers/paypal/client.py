"""Requests to PayPal: with an access token, a request id and a time limit, and what came of each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
from pydantic import ValidationError

from checkout_saga.payments.providers.paypal.access import AccessTokens, Account, CredentialsRefused
from checkout_saga.payments.providers.paypal.documents import Fault
from kernel.faults import failpoints

TIMEOUTS = (httpx.TimeoutException, TimeoutError)
LONGEST_PAUSE = 3600.0


class Answer(NamedTuple):
    """The provider has done what it was asked for. ``body``: its JSON; empty where it has none."""

    body: bytes


class Refused(NamedTuple):
    """The provider has answered with an error. ``issue``: its own code of the reason."""

    status: int
    issue: str
    after: float | None = None
    """The provider wants to be left alone for so many seconds."""


class Silence(NamedTuple):
    """No answer: the request may have been executed or not."""

    error: str
    timed_out: bool


Reply = Answer | Refused | Silence


def is_missing(reply: Reply) -> bool:
    """The account has no such object."""
    return isinstance(reply, Refused) and reply.status == 404


class Client:
    def __init__(self, client: httpx.AsyncClient, tokens: AccessTokens) -> None:
        self._client = client
        self._tokens = tokens

    async def get(self, account: Account, path: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = await self._answered(account, "GET", path, {}, params=params)
        failpoints.active and await failpoints.hit("gateway.after_look_up")
        return reply

    async def post(self, account: Account, path: str, key: str, body: Any) -> Reply:
        """``key``: the request id. The same request under the same id is executed once."""
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        failpoints.active and await failpoints.hit("gateway.before_request")
        reply = await self._answered(account, "POST", path, headers, json=body)
        failpoints.active and await failpoints.hit("gateway.after_request")
        return reply

    # failpoint: none needed (provider-request)
    async def _answered(
        self, account: Account, method: str, path: str, headers: Mapping[str, str], **content: Any
    ) -> Reply:
        """A token that the provider no longer takes is fetched anew once."""
        try:
            async with asyncio.timeout(account.seconds):
                for renewed in (False, True):
                    token = await self._tokens.token(account)
                    response = await self._client.request(
                        method,
                        f"{account.url}{path}",
                        headers={**headers, "Authorization": f"Bearer {token}"},
                        **content,
                    )
                    if response.status_code != 401 or renewed:
                        return _read(response)
                    self._tokens.forget(account, token)
        except CredentialsRefused:
            return Refused(401, "CREDENTIALS")
        except (httpx.HTTPError, *TIMEOUTS, ValidationError) as error:
            return Silence(type(error).__name__, isinstance(error, TIMEOUTS))
        raise AssertionError("the second answer is always returned")


def _read(response: httpx.Response) -> Reply:
    if response.is_success:
        return Answer(response.content)
    try:
        issue = Fault.model_validate_json(response.content).issue
    except ValidationError:
        issue = "UNREADABLE"
    return Refused(response.status_code, issue, _pause(response))


def _pause(response: httpx.Response) -> float | None:
    wanted = response.headers.get("Retry-After", "")
    return min(float(wanted), LONGEST_PAUSE) if wanted.isascii() and wanted.isdigit() else None
