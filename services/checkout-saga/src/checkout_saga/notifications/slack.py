"""Posts messages to a channel in Slack, by the address of an incoming webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from kernel.faults import failpoints
from kernel.mail.channels import NotTaken, OutcomeUnknown

SLACK = "https://hooks.slack.com"
NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
TOO_MANY_REQUESTS = 429
LATER = frozenset({408, 425, TOO_MANY_REQUESTS})
"""Refusals that are not for good; so is what comes from a fault of the server."""
LONGEST_PAUSE, MAX_DIGITS = timedelta(hours=1), 8
"""Of a Retry-After: what is longer is not believed."""


def is_hook(address: str, base: str) -> bool:
    """Whether the address is a webhook of this server. No other server is called (SSRF)."""
    asked, allowed = urlsplit(address), urlsplit(base)
    same = (asked.scheme, asked.netloc) == (allowed.scheme, allowed.netloc)
    return same and len(asked.path) > 1 and not asked.fragment and "\\" not in address


class SlackPoster:
    """Implements ``ports.Channel``. A request has one step, so offering it checks the address alone; a
    connection that does not come about is no answer, and leaves nothing visible."""

    def __init__(self, client: httpx.AsyncClient, base: str, seconds: float) -> None:
        self._client = client
        self._base = base
        self._seconds = seconds

    @asynccontextmanager
    async def begin(self, address: str) -> AsyncIterator[SlackTransfer]:
        if not is_hook(address, self._base):
            raise NotTaken(for_good=True)
        yield SlackTransfer(self._client, address, self._seconds)


class SlackTransfer:
    def __init__(self, client: httpx.AsyncClient, address: str, seconds: float) -> None:
        self._client = client
        self._address = address
        self._seconds = seconds

    async def deliver(self, message: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        try:
            async with asyncio.timeout(self._seconds):
                failpoints.active and await failpoints.hit("mail.before_data")
                answer = await self._client.post(self._address, content=message, headers=headers)
                failpoints.active and await failpoints.hit("mail.after_data")
        except NOT_CONNECTED as error:
            raise NotTaken(timed_out=isinstance(error, httpx.TimeoutException)) from None
        except (httpx.HTTPError, TimeoutError):
            raise OutcomeUnknown from None
        if not answer.is_success:
            code = answer.status_code
            for_good = not answer.is_server_error and code not in LATER
            raise NotTaken(code, for_good=for_good, pause=_pause(answer))


def _pause(answer: httpx.Response) -> timedelta:
    """Retry-After in seconds, within reason; zero without one."""
    seconds = answer.headers.get("Retry-After", "")
    if not seconds.isdecimal() or len(seconds) > MAX_DIGITS:
        return timedelta(0)
    return min(timedelta(seconds=int(seconds)), LONGEST_PAUSE)


@asynccontextmanager
async def connect(base: str, seconds: float) -> AsyncIterator[SlackPoster]:
    async with httpx.AsyncClient(timeout=seconds, follow_redirects=False, trust_env=False) as client:
        yield SlackPoster(client, base, seconds)
