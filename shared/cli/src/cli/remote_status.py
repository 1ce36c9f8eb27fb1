"""The status of the services over HTTP, each part asked at once and within a time limit."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from cli.addresses import Addresses, key_for
from cli.http_client import trust
from contracts.topology import PROJECTIONS, SERVICE_NAMES

PROBE_SECONDS = 3.0
"""Limit for each part, connecting included."""
READ_MODELS = "/v1/projections?limit=100"
VERIFICATION = "/v1/verifications/latest"


async def read_remote_status(at: Addresses, given_key: str | None) -> dict[str, Any]:
    """What does not answer in time is None, with the reason under ``errors``. Raises ``StackError`` without a
    key."""
    headers = {"Authorization": f"Bearer {key_for(at, given_key)}"}
    parts = {name: (name, "/v1/status") for name in SERVICE_NAMES}
    parts |= {
        "read_models": (PROJECTIONS.name, READ_MODELS),
        "verification": (PROJECTIONS.name, VERIFICATION),
    }
    errors: dict[str, str] = {}
    async with httpx.AsyncClient(headers=headers, verify=trust(at.ca_file), trust_env=False) as client:

        async def ask(part: str, service: str, path: str) -> dict[str, Any] | None:
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    answer = await client.get(at.urls[service].rstrip("/") + path)
                found: dict[str, Any] = answer.raise_for_status().json()
            except httpx.HTTPStatusError as refusal:
                errors[part] = f"it answers {refusal.response.status_code}"
            except (httpx.TransportError, TimeoutError, ValueError) as trouble:
                errors[part] = f"no answer ({type(trouble).__name__})"
            else:
                return found
            return None

        found = dict(
            zip(parts, await asyncio.gather(*(ask(name, *it) for name, it in parts.items())), strict=True)
        )
    if errors.get("verification") == "it answers 404":
        del errors["verification"]  # none was reported yet
    services = {name: found[name] for name in SERVICE_NAMES}
    models = found["read_models"]
    return {
        "state": _state(services),
        "context": at.context or None,
        "services": services,
        "read_models": models["items"] if models else None,
        "verification": found["verification"],
        "errors": errors,
    }


def _state(services: dict[str, dict[str, Any] | None]) -> str:
    if not any(services.values()):
        return "down"
    return "ready" if all(it and it["ready"] for it in services.values()) else "degraded"
