"""Ask the running stack's services over HTTP, or tell them to do something."""

from typing import Any
from uuid import uuid4

import httpx

from cli.stack import client
from cli.stack.errors import StackError

REQUEST_TIMEOUT_SECONDS = 15.0
DEMO_KEY = "demo-ops"


def get(service: str, path: str, key: str, **params: str | int | None) -> dict[str, Any]:
    """The service's answer; what is in the way is told in one sentence."""
    given = {name: value for name, value in params.items() if value is not None}
    return _call("GET", service, path, key, params=given)


def post(service: str, path: str, key: str, body: Any = None) -> dict[str, Any]:
    """The same for a POST."""
    return _call("POST", service, path, key, json=body, headers={"Idempotency-Key": uuid4().hex})


def _call(method: str, service: str, path: str, key: str, **what: Any) -> dict[str, Any]:
    if not key.isascii():
        raise StackError("No key of Feira has such letters; `feira keys create` makes one.")
    headers = {"Authorization": f"Bearer {key}", **what.pop("headers", {})}
    url = client.running().urls[service] + path
    try:
        answer = httpx.request(
            method, url, headers=headers, timeout=REQUEST_TIMEOUT_SECONDS, trust_env=False, **what
        )
    except httpx.TransportError as trouble:
        raise StackError(
            f"{service} does not answer ({type(trouble).__name__}); see `feira status`."
        ) from None
    if answer.is_success:
        found: dict[str, Any] = answer.json()
        return found
    raise StackError(_refusal(service, answer))


def _refusal(service: str, answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    code, detail = problem.get("code", answer.status_code), problem.get("detail") or answer.reason_phrase
    return f"{service} refuses: {detail.rstrip('.')} ({code})."
