"""Everything that is refused over HTTP, told in one shape: application/problem+json."""

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

from kernel.database import is_outage
from kernel.domain import Refused
from kernel.errors import CommitOutcomeUnknown, Conflict, KeyClaimed
from kernel.http.codes import title_of, type_of
from kernel.http.statuses import Statuses, status_of
from kernel.parsing import Malformed

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1
UNSETTLED = (
    "A part of the system went away before it could tell whether this was done; "
    "the same request with the same Idempotency-Key does it once in any case."
)
NOT_DESCRIBED = "The request is not what the interface describes."
MOST_ERRORS = 20
LONGEST_POINTER = 200
NOT_SUPPORTED = "not_supported"
"""The kind of error of a field that is planned and not built."""
KEY_IS_MISSING = ("missing", ("header", "Idempotency-Key"))

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

CODES = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID_REQUEST",
}


class Problem(HTTPException):
    """A refusal by the interface itself; what the business refuses is a ``Refused``."""

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


def invalid(detail: str, pointer: str | None = None, place: str = "body") -> Problem:
    """The request is not what the interface describes."""
    errors = [] if pointer is None else [_error(pointer, place, detail)]
    return Problem(422, "INVALID_REQUEST", detail, errors=errors)


def card_number(pointer: str, place: str = "body") -> Problem:
    """A card number stands there: it is told where, and nothing of it."""
    detail = "Card numbers must never be sent here; send a token in its place."
    errors = [_error(pointer, place, "holds a card number")]
    return Problem(422, "CARD_NUMBER_NOT_ALLOWED", detail, errors=errors)


def invalid_at(wrong: Mapping[str, str], place: str) -> Problem:
    """Several names are at fault."""
    errors = [_error(f"/{_escaped(name)}", place, why) for name, why in sorted(wrong.items())[:MOST_ERRORS]]
    return Problem(422, "INVALID_REQUEST", NOT_DESCRIBED, errors=errors)


def rate_limited(seconds: float, detail: str) -> Problem:
    return Problem(429, "RATE_LIMITED", detail, headers={"Retry-After": str(max(1, ceil(seconds)))})


def unavailable(detail: str = "A part of the system is down; nothing was done.") -> Problem:
    return Problem(503, "UNAVAILABLE", detail, headers={"Retry-After": str(RETRY_SECONDS)})


def body_of(
    status: int,
    code: str,
    detail: str,
    correlation_id: str,
    errors: Sequence[Mapping[str, str]] = (),
    members: Mapping[str, Any] | None = None,
) -> bytes:
    told = {
        **(members or {}),
        "type": type_of(code),
        "title": title_of(code),
        "status": status,
        "detail": detail,
        "code": code,
        "correlation_id": correlation_id,
    }
    return orjson.dumps(told | ({"errors": errors} if errors else {}), default=str)


def refusal_body(refused: Refused, status: int, correlation_id: str) -> bytes:
    errors = [_error(_pointer(refused.field), "body", refused.detail)] if refused.field else ()
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


async def _on_refused(request: Request, no: Exception) -> Response:
    if not isinstance(no, Refused):
        raise no
    statuses: Statuses = request.app.state.statuses
    status = status_of(no, statuses)
    return Response(refusal_body(no, status, request.state.correlation_id), status, media_type=MEDIA_TYPE)


async def _on_http(request: Request, problem: Exception) -> Response:
    if isinstance(problem, Problem):
        return respond(request, problem)
    if not isinstance(problem, HTTPException):
        raise problem
    status = problem.status_code
    code = CODES.get(status, HTTPStatus(status).name)
    headers = {"Allow": _allowed(request)} if status == 405 else problem.headers
    told = Problem(status, code, HTTPStatus(status).phrase, headers=headers)
    return respond(request, told)


async def _on_malformed(request: Request, wrong: Exception) -> Response:
    return respond(request, invalid(f"The JSON is not acceptable: {wrong}", ""))


async def _on_invalid(request: Request, wrong: Exception) -> Response:
    if not isinstance(wrong, RequestValidationError):
        raise wrong
    found = wrong.errors()
    if any((it["type"], tuple(it["loc"])) == KEY_IS_MISSING for it in found):
        return respond(
            request, Problem(400, "IDEMPOTENCY_KEY_REQUIRED", "This call needs the header Idempotency-Key.")
        )
    errors = [
        _error(_pointer(rest), str(place), it["msg"])
        for it in found[:MOST_ERRORS]
        for place, *rest in [it["loc"]]
    ]
    if all(it["type"] == NOT_SUPPORTED for it in found):
        return respond(request, Problem(422, "NOT_SUPPORTED", "This is not built yet.", errors=errors))
    return respond(request, Problem(422, "INVALID_REQUEST", NOT_DESCRIBED, errors=errors))


async def _on_conflict(request: Request, _late: Exception) -> Response:
    if "if-match" in request.headers:
        return respond(request, Problem(412, "VERSION_CONFLICT", "Somebody else has changed it since."))
    return respond(request, unavailable("Too many others are changing the same thing; nothing was done."))


async def _on_database(request: Request, problem: Exception) -> Response:
    if not is_outage(problem):
        raise problem
    log.error("database_unavailable", error=type(problem).__name__)
    return respond(
        request, unavailable(UNSETTLED) if isinstance(problem, CommitOutcomeUnknown) else unavailable()
    )


def _allowed(request: Request) -> str:
    """All methods of the path: the framework names only those of the first route that it finds."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    fitting = (
        it for it, scope in scopes.items() if any(one.matches(scope)[0] is Match.FULL for one in routes)
    )
    return ", ".join(fitting)


def _error(pointer: str, place: str, detail: str) -> dict[str, str]:
    error = {"pointer": f"#{pointer}"[:LONGEST_POINTER], "detail": detail.removeprefix("Value error, ")}
    return error if place == "body" else {**error, "in": place}


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
