"""HTTP requests of commands to the services of the running stack."""

from typing import Any
from uuid import uuid4

import httpx

from cli import addresses
from cli.errors import ServiceAway, StackError

REQUEST_TIMEOUT_SECONDS = 15.0


def get(service: str, path: str, key: str, **params: str | int | None) -> dict[str, Any]:
    """GET a JSON object. ``params`` that are None are left out. Raises ``StackError``."""
    present = {name: value for name, value in params.items() if value is not None}
    return _call("GET", service, path, key, params=present)


def post(
    service: str, path: str, key: str, body: Any = None, idempotency_key: str | None = None
) -> dict[str, Any]:
    """POST with this idempotency key, or else a fresh one, and return the JSON object. Raises
    ``StackError``."""
    headers = {"Idempotency-Key": idempotency_key or uuid4().hex}
    return _call("POST", service, path, key, json=body, headers=headers)


def _call(method: str, service: str, path: str, key: str, **options: Any) -> dict[str, Any]:
    if not key.isascii():
        raise StackError("The key is not an API key of Feira; `feira keys create` makes one.")
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    base = addresses.running().urls[service].rstrip("/")
    try:
        response = httpx.request(
            method, base + path, headers=headers, timeout=REQUEST_TIMEOUT_SECONDS, trust_env=False, **options
        )
    except httpx.TransportError as trouble:
        raise ServiceAway(f"{service} does not answer at {base} ({type(trouble).__name__}).") from None
    if response.is_success:
        found: dict[str, Any] = response.json()
        return found
    kind = ServiceAway if response.status_code == 503 else StackError
    raise kind(_error_text(service, response))


def _error_text(service: str, response: httpx.Response) -> str:
    try:
        found = response.json()
    except ValueError:
        found = None
    problem = found if isinstance(found, dict) else {}
    code, detail = problem.get("code", response.status_code), problem.get("detail") or response.reason_phrase
    return f"{service} refuses: {detail.rstrip('.')} ({code})."
