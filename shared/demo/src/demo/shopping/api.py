"""HTTP client of the public interfaces, with retries."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import stamina
from httpx_aiohttp import AiohttpTransport

from cli.errors import StackError

REQUEST_TIMEOUT_SECONDS = 20.0
PAGE = 100
UNLIMITED_CONNECTIONS = httpx.Limits(max_connections=0)
"""For aiohttp 0 means unlimited; its default is 100."""
RETRYABLE_CODES = {"REQUEST_IN_PROGRESS"}
RETRIES = stamina.AsyncRetryingCaller(attempts=None, timeout=30.0, wait_initial=0.05, wait_max=1.0)


class Refusal(Exception):
    """A service answered with a problem. ``code`` is the problem's code."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", status))
        super().__init__(f"{self.code}: {problem.get('detail', '')}")


class TransientFailure(Exception):
    """A retryable failure: a service is restarting, or the same request is still being processed."""


class Api:
    """Requests of one tenant. Transient failures are retried for 30 s; writes have idempotency keys."""

    def __init__(self, client: httpx.AsyncClient, urls: Mapping[str, str], tenant: str) -> None:
        self.tenant = tenant
        self._client = client
        self._urls = urls

    async def get(self, service: str, path: str, role: str, **params: str | int) -> dict[str, Any]:
        return await self._call("GET", service, path, role, params=params)

    async def post(
        self, service: str, path: str, role: str, key: str, body: Any = None, at: str | None = None
    ) -> dict[str, Any]:
        """``at`` sets the time of occurrence of the resulting facts; only for role service."""
        headers = {"Idempotency-Key": key}
        if at:
            headers["Feira-Occurred-At"] = at
        return await self._call("POST", service, path, role, headers=headers, json=body)

    async def put(self, service: str, path: str, role: str, body: Any) -> dict[str, Any]:
        return await self._call("PUT", service, path, role, json=body)

    async def delete(self, service: str, path: str, role: str) -> dict[str, Any]:
        return await self._call("DELETE", service, path, role)

    async def items(self, service: str, path: str, role: str, **params: str) -> list[dict[str, Any]]:
        """All items of a paged list."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(service, path, role, limit=PAGE, **params, **cursor)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    async def _call(self, method: str, service: str, path: str, role: str, **options: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.tenant}-{role}", **options.pop("headers", {})}
        request = self._client.build_request(method, self._urls[service] + path, headers=headers, **options)
        try:
            return await RETRIES(TransientFailure, self._once, self._client, request)
        except TransientFailure as trouble:
            raise StackError(f"{service} does not answer: {trouble}.") from None

    @staticmethod
    async def _once(client: httpx.AsyncClient, request: httpx.Request) -> dict[str, Any]:
        try:
            answer = await client.send(request)
        except httpx.TransportError as trouble:
            raise TransientFailure(f"{type(trouble).__name__} {trouble}".strip()) from None
        if answer.is_success:
            found: dict[str, Any] = answer.json()
            return found
        problem = problem_of(answer)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE or problem.get("code") in RETRYABLE_CODES:
            raise TransientFailure(str(problem.get("detail", answer.status_code)))
        raise Refusal(answer.status_code, problem)


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem in a response; a body that is not a JSON object becomes the detail."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"detail": answer.text[:300]}


@asynccontextmanager
async def client(
    *on_response: Callable[[httpx.Response], Awaitable[None]],
) -> AsyncIterator[httpx.AsyncClient]:
    """A client on aiohttp's transport, which needs a third of the CPU of httpx's own. The hooks are called
    for every response, also those that are retried."""
    stamina.instrumentation.set_on_retry_hooks([])  # no log lines about retries
    transport = AiohttpTransport(trust_env=False, limits=UNLIMITED_CONNECTIONS)
    hooks = {"response": list(on_response)}
    async with httpx.AsyncClient(
        timeout=REQUEST_TIMEOUT_SECONDS, transport=transport, event_hooks=hooks
    ) as http:
        yield http
