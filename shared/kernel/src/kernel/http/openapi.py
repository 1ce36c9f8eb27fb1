"""The OpenAPI description of a service, complete enough to generate clients from.

FastAPI describes the routes' parameters and responses. This adds every status that the common rules can
respond with, a description of each name, and an example of each request and response.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from kernel.domain import Refused
from kernel.http.codes import CODES, meaning_of, title_of, type_of
from kernel.http.descriptions import COMMON, Words, find_word
from kernel.http.examples import REF, Examples
from kernel.http.problems import MEDIA_TYPE
from kernel.http.statuses import DEFAULTS, Statuses, status_of

Json = dict[str, Any]

NO_CODES: Mapping[str, str] = MappingProxyType({})
METHODS = frozenset({"get", "put", "post", "patch", "delete"})
PROBLEM = {"$ref": f"{REF}Problem"}
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
DEFAULT_DESCRIPTION = "Successful Response"
"""FastAPI's, for responses without a description."""


class FieldError(BaseModel):
    pointer: str
    detail: str


class ProblemBody(BaseModel):
    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    errors: list[FieldError] = []


def refusals(
    *kinds: type[Refused], codes: Mapping[str, str] = NO_CODES, statuses: Statuses = DEFAULTS
) -> dict[int | str, Json]:
    """A route's ``responses`` for the refusals of its use case.

    ``codes`` are refusals without a class of their own, each with its description. ``statuses`` is the
    service's own table; it must hold all ``codes``.
    """
    by_status: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for code, description in codes.items():
        by_status[statuses[code]][code] = description
    for kind in kinds:
        by_status[status_of(kind, statuses)][kind.code] = meaning_of(kind)
    return {
        status: _response(status, ", ".join(sorted(described)), next(iter(described.values())))
        for status, described in by_status.items()
    }


def limited() -> dict[int | str, Json]:
    """A route's ``responses`` if it has a rate limit."""
    return {429: _response(429, "RATE_LIMITED", CODES["RATE_LIMITED"].means)}


def describe(app: FastAPI, words: Words) -> Json:
    """``words``: the vocabulary of the service, in addition to ``COMMON``."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        app.openapi_schema = _completed(schema, {**COMMON, **words})
    return app.openapi_schema


def _completed(schema: Json, words: Words) -> Json:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = ProblemBody.model_json_schema(ref_template=REF + "{model}")
    schemas |= schemas["Problem"].pop("$defs")
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"]["title"] = "Problem"
    _make_integers(schema)
    for name, component in schemas.items():
        _add_descriptions(name, component, words)
    examples = Examples(schemas, words)
    for path, item in schema["paths"].items():
        for method in METHODS & item.keys():
            _complete(item[method], path, method, schemas)
            _add_examples(item[method], words, examples)
    return schema


def _make_integers(node: Any) -> None:
    """Integers have 64 bits, and whole bounds are integers: not every generator accepts 1e12 as one."""
    if isinstance(node, list):
        for item in node:
            _make_integers(item)
    if not isinstance(node, dict):
        return
    if node.get("type") == "integer":
        node.setdefault("format", "int64")
    for bound in BOUNDS & node.keys():
        if isinstance(node[bound], float) and node[bound].is_integer():
            node[bound] = int(node[bound])
    for value in node.values():
        _make_integers(value)


def _add_descriptions(name: str, schema: Json, words: Words) -> None:
    if "description" not in schema and name in words:
        schema["description"] = words[name].means
    for field, field_schema in schema.get("properties", {}).items():
        if "description" not in field_schema and (word := find_word(words, name, field)):
            field_schema["description"] = word.means


def _complete(operation: Json, path: str, method: str, schemas: Json) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    responses = operation["responses"]
    for response in responses.values():
        if response["description"] == DEFAULT_DESCRIPTION:
            component = _json_schema(response).get("$ref", "").removeprefix(REF)
            response["description"] = schemas.get(component, {}).get("description", DEFAULT_DESCRIPTION)
    for status, codes in _common_rules(operation, path, method):
        description = responses.get(status, {}).get("description", "")
        is_generated = "application/json" in responses.get(status, {}).get("content", {})
        if is_generated or not description:
            responses[status] = _response(int(status), codes, CODES[codes.split(", ")[0]].means)
        else:
            responses[status]["description"] = f"{description}, {codes}"


def _add_examples(operation: Json, words: Words, examples: Examples) -> None:
    for parameter in operation.get("parameters", ()):
        owner, name = operation["operationId"], parameter["name"]
        if "description" not in parameter and (word := find_word(words, owner, name)):
            parameter["description"] = word.means
        parameter["example"] = examples.of(parameter["schema"], owner, name)
    for message in (operation.get("requestBody", {}), *operation["responses"].values()):
        for content in message.get("content", {}).values():
            content.setdefault("example", examples.of(content["schema"]))


def _json_schema(response: Json) -> Json:
    schema: Json = response.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _without_null(schema: Json) -> Json:
    """A parameter can be omitted, but it cannot be null."""
    choices = [it for it in schema.pop("anyOf", ()) if it != {"type": "null"}]
    if len(choices) == 1:
        return {**schema, **choices[0]}
    return {**schema, "anyOf": choices} if choices else schema


def _common_rules(operation: Json, path: str, method: str) -> Iterator[tuple[str, str]]:
    """Status and codes of the problems that every route of this form can respond with."""
    headers = {it["name"] for it in operation.get("parameters", ()) if it["in"] == "header"}
    keyed = ", IDEMPOTENCY_KEY_REUSED" if "Idempotency-Key" in headers else ""
    yield "422", f"INVALID_REQUEST, CARD_NUMBER_NOT_ALLOWED{keyed}"
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


def _response(status: int, codes: str, meaning: str) -> Json:
    """``codes``: separated by commas; the example has the first one."""
    code = codes.split(", ", maxsplit=1)[0]
    example = {
        "type": type_of(code),
        "title": title_of(code),
        "status": status,
        "detail": meaning,
        "code": code,
        "correlation_id": COMMON["correlation_id"].example,
    }
    return {"description": codes, "content": {MEDIA_TYPE: {"schema": PROBLEM, "example": example}}}
