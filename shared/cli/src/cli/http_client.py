"""HTTP requests of commands to the services."""

import ssl
from typing import Any
from uuid import uuid4

import httpx

from cli import addresses
from cli.errors import RefusedByService, ServiceAway, StackError

REQUEST_TIMEOUT_SECONDS = 15.0
FILE_TIMEOUT_SECONDS = 120.0


def get(service: str, path: str, key: str | None, **params: str | int | None) -> dict[str, Any]:
    """GET a JSON object. ``params`` that are None are left out; without a ``key`` the stored one is sent.
    Raises ``StackError``."""
    present = {name: value for name, value in params.items() if value is not None}
    return _call("GET", service, path, key, params=present)


def post(
    service: str, path: str, key: str | None, body: Any = None, idempotency_key: str | None = None
) -> dict[str, Any]:
    """POST with this idempotency key, or else a fresh one, and return the JSON object. Raises
    ``StackError``."""
    headers = {"Idempotency-Key": idempotency_key or uuid4().hex}
    return _call("POST", service, path, key, json=body, headers=headers)


def post_file(
    service: str, path: str, key: str | None, content: bytes, media_type: str, **params: str
) -> dict[str, Any]:
    """POST a file with a fresh idempotency key and return the JSON object. Raises ``StackError``."""
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": media_type}
    options = {"content": content, "headers": headers, "params": params, "timeout": FILE_TIMEOUT_SECONDS}
    return _call("POST", service, path, key, **options)


def trust(ca_file: str) -> ssl.SSLContext | bool:
    """For httpx: the certificates in the file, or else the usual ones. Raises ``StackError``."""
    try:
        return ssl.create_default_context(cafile=ca_file) if ca_file else True
    except (OSError, ssl.SSLError) as trouble:
        raise StackError(
            f"The certificates in {ca_file} cannot be read ({type(trouble).__name__})."
        ) from None


def _call(method: str, service: str, path: str, key: str | None, **options: Any) -> dict[str, Any]:
    at = addresses.running()
    key = addresses.key_for(at, key)
    if not key.isascii():
        raise StackError("The key is not an API key of Feira; `feira keys create` makes one.")
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    base = at.urls[service].rstrip("/")
    options = {"timeout": REQUEST_TIMEOUT_SECONDS, **options, "trust_env": False, "verify": trust(at.ca_file)}
    try:
        response = httpx.request(method, base + path, headers=headers, **options)
    except httpx.TransportError as trouble:
        raise ServiceAway(f"{service} does not answer at {base} ({type(trouble).__name__}).") from None
    if response.is_success:
        found: dict[str, Any] = response.json()
        return found
    text, code = _refusal(service, response)
    raise ServiceAway(text) if response.status_code == 503 else RefusedByService(text, code)


def _refusal(service: str, response: httpx.Response) -> tuple[str, str]:
    try:
        found = response.json()
    except ValueError:
        found = None
    problem = found if isinstance(found, dict) else {}
    code = str(problem.get("code", response.status_code))
    detail = problem.get("detail") or response.reason_phrase
    return f"{service} refuses: {detail.rstrip('.')} ({code}).", code
