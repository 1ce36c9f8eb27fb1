"""localstripe as a process: another server with the interface of Stripe, not ours and with other mistakes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from devstack import ports
from tests.support.readiness import until_ready

SECRET_KEY = "sk_test_of_localstripe"
READY_WITHIN = 30.0
SERVE = """
from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app
Store.dump_to_disk = lambda self: None
web.run_app(app, host="127.0.0.1", port={port}, print=None)
"""
"""Its command listens on all interfaces and keeps its state in one file for the whole machine."""


@dataclass
class Localstripe:
    url: str
    client: httpx.AsyncClient

    async def get(self, path: str, **query: str) -> Any:
        return (await self.client.get(path, params=query)).raise_for_status().json()

    async def card(self, number: str) -> str:
        """A payment method. ``number``: one of Stripe's test numbers."""
        card = {"number": number, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        form = {"type": "card", **{f"card[{name}]": it for name, it in card.items()}}
        return str((await self._post("/v1/payment_methods", form))["id"])

    async def authenticate(self, intent_id: str, client_secret: str, *, success: bool) -> None:
        """What a customer does whose bank asks for it. A refusal is answered as one, too."""
        form = {"client_secret": client_secret, "success": str(success).lower()}
        await self._post(f"/v1/payment_intents/{intent_id}/_authenticate", form)

    async def _post(self, path: str, form: dict[str, str]) -> Any:
        return (await self.client.post(path, data=form)).raise_for_status().json()


@asynccontextmanager
async def running_localstripe() -> AsyncIterator[Localstripe]:
    """On a free port, until the end of the block."""
    port = ports.free()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE.format(port=port), env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    url, key = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {SECRET_KEY}"}
    try:
        async with httpx.AsyncClient(base_url=url, headers=key, timeout=20, trust_env=False) as client:
            await until_ready(client, process, "/v1/customers", READY_WITHIN)
            yield Localstripe(url, client)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
