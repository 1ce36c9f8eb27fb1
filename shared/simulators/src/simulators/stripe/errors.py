"""Errors in the form of Stripe's."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Its response is stored under the request's key, like any other."""

    def __init__(self, status: int, kind: str, code: str | None = None, **more: Any) -> None:
        super().__init__(code or kind)
        self.status = status
        error = {"type": kind, "code": code, "message": f"Refused: {code or kind}.", **more}
        self.body = {"error": {name: it for name, it in error.items() if it is not None}}


def invalid(code: str | None = None, **more: Any) -> Refusal:
    return Refusal(400, "invalid_request_error", code, **more)


def missing(param: str) -> Refusal:
    return Refusal(404, "invalid_request_error", "resource_missing", param=param)


def unexpected_state(intent: dict[str, Any]) -> Refusal:
    return invalid("payment_intent_unexpected_state", payment_intent=intent)
