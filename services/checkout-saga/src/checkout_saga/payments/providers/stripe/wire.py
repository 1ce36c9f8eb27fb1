"""The calls to Stripe: each with a time limit, one attempt and failpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import stripe
from stripe import StripeClient

from checkout_saga.payments.providers.stripe.requests import EXPANDED, Params
from kernel.faults import failpoints

API_VERSION = "2026-10-28.endive"
PAGE, PAGES = 100, 10
Object = Mapping[str, Any]
Listed = Literal["payment_intents", "refunds", "disputes", "balance_transactions"]


class TooManyToSearch(Exception):
    """The list is longer than what is searched, so an object that is not found may exist."""


class Wire:
    """One account's."""

    def __init__(
        self, secret_key: str, base_url: str | None, http: stripe.HTTPXClient, seconds: float
    ) -> None:
        """``seconds`` limits one whole response."""
        self._client = StripeClient(
            secret_key,
            base_addresses={"api": base_url} if base_url else None,
            stripe_version=API_VERSION,
            max_network_retries=0,
            http_client=http,
        )
        self._seconds = seconds

    async def create(self, params: Params, key: str) -> Object:
        api = self._client.v1.payment_intents
        return await self._send(lambda: api.create_async(params, _under(key)))  # type: ignore[arg-type]  # as built in requests

    async def confirm(self, intent_id: str, key: str) -> Object:
        api = self._client.v1.payment_intents
        return await self._send(lambda: api.confirm_async(intent_id, {"expand": EXPANDED}, _under(key)))

    async def capture(self, intent_id: str, params: Params, key: str) -> Object:
        api = self._client.v1.payment_intents
        return await self._send(lambda: api.capture_async(intent_id, params, _under(key)))  # type: ignore[arg-type]  # as built in requests

    async def cancel(self, intent_id: str, key: str) -> Object:
        api = self._client.v1.payment_intents
        return await self._send(lambda: api.cancel_async(intent_id, {"expand": EXPANDED}, _under(key)))

    async def refund(self, params: Params, key: str) -> Object:
        api = self._client.v1.refunds
        return await self._send(lambda: api.create_async(params, _under(key)))  # type: ignore[arg-type]  # as built in requests

    async def retrieve(self, intent_id: str) -> Object:
        api = self._client.v1.payment_intents
        return await self._look(lambda: api.retrieve_async(intent_id, {"expand": EXPANDED}))

    async def dispute(self, dispute_id: str) -> Object:
        """With the payment behind it."""
        api = self._client.v1.disputes
        return await self._look(lambda: api.retrieve_async(dispute_id, {"expand": ["payment_intent"]}))

    async def payment_method(self, token: str) -> Object:
        return await self._look(lambda: self._client.v1.payment_methods.retrieve_async(token))

    async def find_intent(self, since: int, fits: Callable[[Object], bool]) -> Object | None:
        """The newest one created since then (Unix time) that fits. Raises ``TooManyToSearch``."""
        api = self._client.v1.payment_intents
        return await self._search(api.list_async, {"created": {"gte": since}}, fits)

    async def find_refund(self, intent_id: str, fits: Callable[[Object], bool]) -> Object | None:
        """Raises ``TooManyToSearch``."""
        return await self._search(self._client.v1.refunds.list_async, {"payment_intent": intent_id}, fits)

    async def all_of(self, kind: Listed, since: int, until: int, expand: Sequence[str] = ()) -> list[Object]:
        """Those created with ``since`` <= time < ``until`` (Unix time), the newest first."""
        api: Any = getattr(self._client.v1, kind)
        params: Params = {"created": {"gte": since, "lt": until}, "limit": PAGE}
        if expand:
            params["expand"] = [f"data.{it}" for it in expand]
        found: list[Object] = []
        while True:
            page = await self._look(lambda: api.list_async(dict(params)))
            found += page["data"]
            if not page["has_more"]:
                return found
            params["starting_after"] = page["data"][-1]["id"]

    async def _search(
        self, page_of: Callable[..., Awaitable[Any]], by: Params, fits: Callable[[Object], bool]
    ) -> Object | None:
        params: Params = {**by, "limit": PAGE}
        for _ in range(PAGES):
            page = await self._look(lambda: page_of(dict(params)))
            found = next((it for it in page["data"] if fits(it)), None)
            if found is not None or not page["has_more"]:
                return found
            params["starting_after"] = page["data"][-1]["id"]
        raise TooManyToSearch

    async def _send(self, call: Callable[[], Awaitable[Any]]) -> Object:
        failpoints.active and await failpoints.hit("gateway.before_request")
        async with asyncio.timeout(self._seconds):
            answer = await call()
        failpoints.active and await failpoints.hit("gateway.after_request")
        return _plain(answer)

    async def _look(self, call: Callable[[], Awaitable[Any]]) -> Object:
        async with asyncio.timeout(self._seconds):
            answer = await call()
        failpoints.active and await failpoints.hit("gateway.after_look_up")
        return _plain(answer)


def _under(key: str) -> Any:
    return {"idempotency_key": key}


def _plain(answer: Any) -> Object:
    plain: dict[str, Any] = answer.to_dict(for_json=False) if hasattr(answer, "to_dict") else dict(answer)
    return plain
