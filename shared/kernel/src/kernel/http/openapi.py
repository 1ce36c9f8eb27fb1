"""What the interface description says about refusals, so that every status that can come stands in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from kernel.domain import Refused
from kernel.http.problems import MEDIA_TYPE

Json = dict[str, Any]

METHODS = frozenset({"get", "put", "post", "patch", "delete"})
SCHEMA = {"$ref": "#/components/schemas/Problem"}


class FieldError(BaseModel):
    pointer: str
    detail: str


class ProblemBody(BaseModel):
    """By RFC 9457; further members depend on the code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    errors: list[FieldError] = []


def refusals(*kinds: type[Refused]) -> dict[int | str, Json]:
    """For a route's ``responses``: what its use case may refuse."""
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for kind in kinds:
        codes[kind.status].append(kind.code)
    return {status: _response(", ".join(sorted(those))) for status, those in codes.items()}


def describe(app: FastAPI) -> Json:
    """The description, with what the ground rules can answer added to every operation."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas["Problem"].pop("$defs")
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for path, item in schema["paths"].items():
            for method in METHODS & item.keys():
                _complete(item[method], path, method)
        app.openapi_schema = schema
    return app.openapi_schema


def _complete(operation: Json, path: str, method: str) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    own = operation["responses"]
    for status, codes in _ground_rules(operation, path, method):
        told = own.get(status, {}).get("description", "")
        generated = "application/json" in own.get(status, {}).get("content", {})
        own[status] = _response(codes if generated or not told else f"{told}, {codes}")


def _without_null(schema: Json) -> Json:
    """A parameter can be left out, but it cannot be null."""
    choices = [it for it in schema.pop("anyOf", ()) if it != {"type": "null"}]
    if len(choices) == 1:
        return {**schema, **choices[0]}
    return {**schema, "anyOf": choices} if choices else schema


def _ground_rules(operation: Json, path: str, method: str) -> Iterator[tuple[str, str]]:
    headers = {it["name"] for it in operation.get("parameters", ()) if it["in"] == "header"}
    yield (
        "422",
        "INVALID_REQUEST, IDEMPOTENCY_KEY_REUSED" if "Idempotency-Key" in headers else "INVALID_REQUEST",
    )
    yield "503", "UNAVAILABLE"
    if "security" in operation:
        yield "401", "UNAUTHENTICATED"
        yield "403", "FORBIDDEN"
    if "{" in path and "404" not in operation["responses"]:
        yield "404", "NOT_FOUND"
    if "Idempotency-Key" in headers:
        yield "409", "REQUEST_IN_PROGRESS"
        if any(it["name"] == "Idempotency-Key" and it["required"] for it in operation["parameters"]):
            yield "400", "IDEMPOTENCY_KEY_REQUIRED"
    if "If-Match" in headers:
        yield "412", "VERSION_CONFLICT"
    if method != "get":
        yield "408", "REQUEST_TIMEOUT"
        yield "413", "PAYLOAD_TOO_LARGE"
        yield "415", "UNSUPPORTED_MEDIA_TYPE"


def _response(codes: str) -> Json:
    return {"description": codes, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
