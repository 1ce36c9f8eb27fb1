"""A client that repeats each request under the same idempotency key until its outcome is known."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

from demo.shopping.api import UNLIMITED_CONNECTIONS, problem_of
from tests.proofs.journal import DENIED, OK, REFUSED, UNKNOWN, Journal, Operation, Try, now

Json = dict[str, Any]
KNOWN_WITHIN = 240.0
TOO_SLOW = 408
"""The request did not arrive in time, as on a link that drops a part of it: the outcome is unknown."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0


@dataclass(frozen=True)
class Response:
    status: int
    body: Json
    replayed: bool = False

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def code(self) -> str:
        return str(self.body.get("code", self.status))


class Caller:
    """Sends requests in one tenant's name."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        urls: Mapping[str, str],
        tenant: str,
        journal: Journal | None = None,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        """``longest_pause``: seconds between two tries of the same request."""
        self.tenant = tenant
        self._longest_pause = longest_pause
        self._client = client
        self._urls = urls
        self._journal = journal

    async def read(self, service: str, path: str, role: str = "storefront") -> Json:
        """Raises ``AssertionError`` if it is refused."""
        operation = self._journalled("GET", service, path, key="")
        response = await self._until_known(
            operation, "GET", service, path, None, {"Authorization": self._bearer(role)}
        )
        if not response.ok:
            raise AssertionError(f"GET {service} {path}: {response.status} {response.body}")
        return response.body

    async def write(
        self, method: str, service: str, path: str, body: Any, key: str, role: str = "storefront"
    ) -> Response:
        headers = {"Authorization": self._bearer(role), "Idempotency-Key": key}
        operation = self._journalled(method, service, path, key)
        return await self._until_known(operation, method, service, path, body, headers)

    async def post(self, service: str, path: str, body: Any, key: str, role: str = "storefront") -> Json:
        """Raises if it is refused."""
        response = await self.write("POST", service, path, body, key, role)
        if not response.ok:
            raise AssertionError(f"POST {service} {path}: {response.status} {response.body}")
        return response.body

    async def items(self, service: str, path: str, role: str) -> list[Json]:
        """All items of a list, page by page."""
        found: list[Json] = []
        cursor = ""
        while True:
            page = await self.read(service, f"{path}{'&' if '?' in path else '?'}limit=100{cursor}", role)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def _journalled(self, method: str, service: str, path: str, key: str) -> Operation | None:
        return self._journal.begin(self.tenant, f"{method} {service} {path}", key) if self._journal else None

    def _bearer(self, role: str) -> str:
        return f"Bearer {self.tenant}-{role}"

    async def _until_known(
        self, operation: Operation | None, method: str, service: str, path: str, body: Any, headers: Json
    ) -> Response:
        pause = SHORTEST_PAUSE
        async with asyncio.timeout(KNOWN_WITHIN):
            while True:
                response, seen = await self._once(method, self._urls[service] + path, body, headers)
                if operation and self._journal:
                    self._journal.note(operation, seen)
                if seen.outcome != UNKNOWN:
                    return response
                await asyncio.sleep(random.uniform(0.05, pause))
                pause = min(self._longest_pause, pause * 1.5)

    async def _once(self, method: str, url: str, body: Any, headers: Json) -> tuple[Response, Try]:
        at = now()
        try:
            answer = await self._client.request(method, url, json=body, headers=headers)
            response = Response(
                answer.status_code, problem_of(answer), "Idempotent-Replayed" in answer.headers
            )
        except httpx.HTTPError as cut:
            return Response(0, {}), Try(at, UNKNOWN, why=type(cut).__name__)
        if response.ok:
            outcome = OK
        elif response.status >= 500 or response.status == TOO_SLOW or response.code == "REQUEST_IN_PROGRESS":
            outcome = UNKNOWN
        else:
            outcome = REFUSED
        detail = str(response.body.get("detail", ""))
        code = None if response.ok else response.code
        denied = response.status >= 500 and DENIED in detail
        return response, Try(
            at, outcome, response.status, code, response.replayed, denied, None if response.ok else detail
        )


@asynccontextmanager
async def client(seconds: float) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a limit of connections; ``seconds``: the time limit of one request."""
    transport = AiohttpTransport(trust_env=False, limits=UNLIMITED_CONNECTIONS)
    async with httpx.AsyncClient(timeout=seconds, transport=transport) as it:
        yield it
