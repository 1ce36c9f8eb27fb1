"""Problem details (RFC 9457): every refusal over HTTP is application/problem+json, made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import asyncpg
import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from kernel.domain import Refused
from kernel.errors import CommitOutcomeUnknown, Conflict, KeyClaimed
from kernel.http.codes import CODES, title_of, type_of
from kernel.http.statuses import Statuses, status_of
from kernel.parsing import Malformed
from kernel.postgres.connections import is_outage

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1
OUTCOME_UNKNOWN = (
    "A part of the system failed before the outcome was known. "
    "Send the same request with the same Idempotency-Key again: it takes effect exactly once."
)
NOT_DESCRIBED = "The request does not match the interface description."
REPEATED = "This header or parameter may occur only once."
MAX_ERRORS = 20
MAX_POINTER_LENGTH = 200
NOT_SUPPORTED = "not_supported"
"""The pydantic error type of a field that is planned and not built."""
MISSING_KEY = ("missing", ("header", "Idempotency-Key"))

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

FRAMEWORK_CODES = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID_REQUEST",
}


class Problem(HTTPException):
    """A refusal by the interface itself; a refusal by a business rule is a ``Refused``."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.errors = errors
        self.members = members


def invalid(detail: str, pointer: str | None = None, location: str = "body") -> Problem:
    """``pointer``: JSON pointer to the field at fault; ``location``: body, path, query or header."""
    errors = [] if pointer is None else [_error(pointer, location, detail)]
    return Problem(422, "INVALID_REQUEST", detail, errors=errors)


def card_number(pointer: str, location: str = "body") -> Problem:
    """The response names the field, and repeats nothing of the number."""
    detail = "Card numbers are not accepted. Send a token instead."
    errors = [_error(pointer, location, "The value contains a card number.")]
    return Problem(422, "CARD_NUMBER_NOT_ALLOWED", detail, errors=errors)


def invalid_fields(details: Mapping[str, str], location: str) -> Problem:
    """``details``: field name -> what is wrong with it."""
    errors = [
        _error(f"/{_escaped(name)}", location, detail)
        for name, detail in sorted(details.items())[:MAX_ERRORS]
    ]
    return Problem(422, "INVALID_REQUEST", NOT_DESCRIBED, errors=errors)


def rate_limited(seconds: float, detail: str) -> Problem:
    return Problem(429, "RATE_LIMITED", detail, headers={"Retry-After": str(max(1, ceil(seconds)))})


def version_conflict() -> Problem:
    return Problem(412, "VERSION_CONFLICT", "The resource has changed since the version in If-Match.")


def unavailable(detail: str = "A part of the system is unavailable; nothing was done.") -> Problem:
    return Problem(503, "UNAVAILABLE", detail, headers={"Retry-After": str(RETRY_SECONDS)})


def body_of(
    status: int,
    code: str,
    detail: str,
    correlation_id: str,
    errors: Sequence[Mapping[str, str]] = (),
    members: Mapping[str, Any] | None = None,
) -> bytes:
    body = {
        **(members or {}),
        "type": type_of(code),
        "title": title_of(code),
        "status": status,
        "detail": detail,
        "code": code,
        "correlation_id": correlation_id,
    }
    return orjson.dumps(body | ({"errors": errors} if errors else {}), default=str)


def refusal_body(refused: Refused, status: int, correlation_id: str) -> bytes:
    errors = [_error(_pointer(field), "body", detail) for field, detail in refused.faults.items()]
    return body_of(status, refused.code, refused.detail, correlation_id, errors, refused.members)


def respond(request: Request, problem: Problem) -> Response:
    body = body_of(
        problem.status_code,
        problem.code,
        problem.detail,
        request.state.correlation_id,
        problem.errors,
        problem.members,
    )
    return Response(body, problem.status_code, problem.headers, MEDIA_TYPE)


def register(app: FastAPI) -> None:
    for kind, handle in _HANDLERS.items():
        app.add_exception_handler(kind, handle)


async def _on_refused(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    statuses: Statuses = request.app.state.statuses
    status = status_of(refused, statuses)
    return Response(
        refusal_body(refused, status, request.state.correlation_id), status, media_type=MEDIA_TYPE
    )


async def _on_http(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return respond(request, error)
    if not isinstance(error, HTTPException):
        raise error
    status = error.status_code
    code = FRAMEWORK_CODES.get(status, HTTPStatus(status).name)
    headers = {"Allow": _allowed(request)} if status == 405 else error.headers
    detail = CODES[code].means if code in CODES else f"{HTTPStatus(status).phrase}."
    return respond(request, Problem(status, code, detail, headers=headers))


async def _on_malformed(request: Request, error: Exception) -> Response:
    return respond(request, invalid(f"The JSON is not acceptable: {error}.", ""))


async def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any((it["type"], tuple(it["loc"])) == MISSING_KEY for it in found):
        detail = "This operation requires the header Idempotency-Key."
        return respond(request, Problem(400, "IDEMPOTENCY_KEY_REQUIRED", detail))
    errors = [
        _error(_pointer(path), str(location), it["msg"])
        for it in found[:MAX_ERRORS]
        for location, *path in [it["loc"]]
    ]
    if all(it["type"] == NOT_SUPPORTED for it in found):
        detail = "The request uses fields that are planned but not supported yet."
        return respond(request, Problem(422, "NOT_SUPPORTED", detail, errors=errors))
    return respond(request, Problem(422, "INVALID_REQUEST", NOT_DESCRIBED, errors=errors))


async def _on_conflict(request: Request, _conflict: Exception) -> Response:
    if "if-match" in request.headers:
        return respond(request, version_conflict())
    return respond(request, unavailable("Too many requests change the same resource; nothing was done."))


async def _on_database(request: Request, error: Exception) -> Response:
    if not is_outage(error):
        raise error
    log.error("database_unavailable", error=type(error).__name__)
    is_unknown = isinstance(error, CommitOutcomeUnknown)
    return respond(request, unavailable(OUTCOME_UNKNOWN) if is_unknown else unavailable())


def _allowed(request: Request) -> str:
    """All methods of the path: the framework lists only those of the first route that matches the path."""
    literal = request.app.literal_methods.get(request.scope["path"])
    if literal is not None:
        return ", ".join(method for method in METHODS if method in literal)
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    return ", ".join(
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in routes)
    )


def _error(pointer: str, location: str, detail: str) -> dict[str, str]:
    error = {"pointer": f"#{pointer}"[:MAX_POINTER_LENGTH], "detail": detail.removeprefix("Value error, ")}
    return error if location == "body" else {**error, "in": location}


def _pointer(path: Iterable[object]) -> str:
    """A JSON pointer (RFC 6901) to the field at ``path``."""
    return "".join(f"/{_escaped(part)}" for part in path)


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


_HANDLERS = {
    Refused: _on_refused,
    HTTPException: _on_http,
    RequestValidationError: _on_invalid,
    Malformed: _on_malformed,
    Conflict: _on_conflict,
    KeyClaimed: _on_conflict,
    OSError: _on_database,
    TimeoutError: _on_database,
    asyncpg.PostgresError: _on_database,
    asyncpg.InterfaceError: _on_database,
    asyncpg.InternalClientError: _on_database,
}
