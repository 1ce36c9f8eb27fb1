"""The codes by which the interface itself refuses; those of the business stand with its rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from kernel.domain import Refused


class Code(NamedTuple):
    status: int
    means: str


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "IDEMPOTENCY_KEY_REQUIRED": Code(400, "The call needs the header Idempotency-Key."),
        "UNAUTHENTICATED": Code(401, "A valid key is needed."),
        "FORBIDDEN": Code(403, "The key's role may not do this."),
        "NOT_FOUND": Code(404, "There is nothing at this path."),
        "METHOD_NOT_ALLOWED": Code(405, "The path has other methods; `Allow` names them."),
        "REQUEST_TIMEOUT": Code(408, "The body did not arrive in time."),
        "REQUEST_IN_PROGRESS": Code(409, "The first request with this idempotency key is still running."),
        "VERSION_CONFLICT": Code(412, "Somebody else has changed it since the version in If-Match."),
        "PAYLOAD_TOO_LARGE": Code(413, "A body has at most 1 MiB."),
        "UNSUPPORTED_MEDIA_TYPE": Code(415, "A body is application/json in UTF-8."),
        "INVALID_REQUEST": Code(422, "The request is not what the interface describes; `errors` names what."),
        "CARD_NUMBER_NOT_ALLOWED": Code(422, "Where `errors` names stands a card number; it was not kept."),
        "NOT_SUPPORTED": Code(422, "What `errors` names is planned, and does nothing yet."),
        "IDEMPOTENCY_KEY_REUSED": Code(422, "The idempotency key was used for another request before."),
        "RATE_LIMITED": Code(
            429,
            "Too often, or too many of the tenant's requests wait; `Retry-After` says when again.",
        ),
        "INTERNAL_ERROR": Code(500, "This is our fault; it has been recorded."),
        "UNAVAILABLE": Code(503, "A part of the system is down; `Retry-After` says when to ask again."),
    }
)


def meaning_of(kind: type[Refused]) -> str:
    """What a refusal's own description says."""
    return " ".join((kind.__dict__.get("__doc__") or "").split()).replace("``", "`")


def type_of(code: str) -> str:
    return f"urn:feira:problem:{code.lower().replace('_', '-')}"


def title_of(code: str) -> str:
    return code.replace("_", " ").capitalize()
