"""The codes of refusals by the interface itself; those of business rules stand beside the rules."""

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
        "IDEMPOTENCY_KEY_REQUIRED": Code(400, "This operation requires the header Idempotency-Key."),
        "UNAUTHENTICATED": Code(401, "The request has no valid key."),
        "FORBIDDEN": Code(403, "The role of the key does not permit this operation."),
        "NOT_FOUND": Code(404, "There is nothing at this path."),
        "METHOD_NOT_ALLOWED": Code(405, "The path does not support this method; `Allow` lists the others."),
        "REQUEST_TIMEOUT": Code(408, "The request body did not arrive in time."),
        "REQUEST_IN_PROGRESS": Code(409, "The first request with this idempotency key is still running."),
        "VERSION_CONFLICT": Code(412, "The resource has changed since the version in If-Match."),
        "PAYLOAD_TOO_LARGE": Code(413, "The request body is larger than 1 MiB."),
        "UNSUPPORTED_MEDIA_TYPE": Code(415, "The request body must be application/json in UTF-8."),
        "INVALID_REQUEST": Code(
            422, "The request does not match the interface description; `errors` lists the fields at fault."
        ),
        "CARD_NUMBER_NOT_ALLOWED": Code(
            422, "The field in `errors` contains a card number. Nothing of the request was stored."
        ),
        "NOT_SUPPORTED": Code(422, "The fields in `errors` are planned but have no effect yet."),
        "IDEMPOTENCY_KEY_REUSED": Code(422, "The idempotency key was used for a different request before."),
        "RATE_LIMITED": Code(
            429,
            "A limit of the key, the tenant or this operation is reached, or too many requests of the tenant"
            " are waiting;"
            " `Retry-After` gives the seconds to wait before a retry.",
        ),
        "INTERNAL_ERROR": Code(500, "The service failed because of a defect, which has been logged."),
        "UNAVAILABLE": Code(
            503,
            "A part of the system is unavailable; `Retry-After` gives the seconds to wait before a retry.",
        ),
    }
)


def meaning_of(kind: type[Refused]) -> str:
    """The docstring of a refusal as one line."""
    return " ".join((kind.__dict__.get("__doc__") or "").split()).replace("``", "`")


def type_of(code: str) -> str:
    return f"urn:feira:problem:{code.lower().replace('_', '-')}"


def title_of(code: str) -> str:
    return code.replace("_", " ").capitalize()
