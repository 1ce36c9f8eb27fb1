"""Idempotency keys: the first response stands for 24 hours, errors of the server included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, Response

from simulators.provider.ledger import Document, Ledger
from simulators.stripe.errors import Refusal

KEPT_SECONDS = 24 * 3600
FAILED: Document = {"error": {"type": "api_error", "message": "on demand"}}


def once(
    ledger: Ledger, account: str, key: str | None, path: str, form: dict[str, Any], do: Callable[[], Document]
) -> Response:
    """Execute and store the response with its effects, or repeat the stored one."""
    digest = hashlib.sha256(json.dumps([path, form], sort_keys=True).encode()).hexdigest()
    name = f"{account} {key}"
    known = ledger.get("key", name) if key else None
    if known and ledger.now().timestamp() - known["at"] < KEPT_SECONDS:
        if known["digest"] not in {digest, None}:
            error = {"type": "idempotency_error", "message": "Keys can only be used for the same parameters."}
            return JSONResponse({"error": error}, 400)
        return JSONResponse(known["body"], known["status"], {"Idempotent-Replayed": "true"})
    with ledger.transaction():
        try:
            status, body = 200, do()
        except Refusal as refusal:  # what a declined charge leaves in the books stays there
            status, body = refusal.status, refusal.body
        if key:
            _store(ledger, name, digest, status, body)
    return JSONResponse(body, status)


def fail(ledger: Ledger, account: str, key: str | None) -> Response:
    """Execute nothing, and repeat the error for as long as the key is kept."""
    if key and not ledger.get("key", f"{account} {key}"):
        with ledger.transaction():
            _store(ledger, f"{account} {key}", None, 500, FAILED)
    return JSONResponse(FAILED, 500)


def _store(ledger: Ledger, name: str, digest: str | None, status: int, body: Document) -> None:
    at = ledger.now().timestamp()
    ledger.put("key", name, {"digest": digest, "status": status, "body": body, "at": at})
