"""Each service describes its interface so that clients can be generated from the description alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import TypeAdapter

from tests.support.applications import APPLICATIONS, Json, application, operations, routes_of

SERVICES = list(APPLICATIONS)
COMMITTED = Path(__file__).with_name("operations.txt")


@pytest.fixture(params=SERVICES)
def described(request: pytest.FixtureRequest) -> Json:
    return application(request.param).openapi()


def nodes(node: Any, pointer: str = "#") -> Iterator[tuple[str, Any]]:
    """Each node of a document, with its pointer."""
    yield pointer, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from nodes(child, f"{pointer}/{name}")


def test_operations_keep_their_published_names() -> None:
    """If this fails, a generated client's functions have new names: add to the list, never change it.
    It is sorted."""
    found = [
        f"{name} {it['operationId']} {it['method'].upper()} {it['path']}"
        for name in SERVICES
        for it in operations(application(name).openapi()).values()
    ]
    assert "\n".join(sorted(found)) + "\n" == COMMITTED.read_text()


def test_every_reference_has_a_target(described: Json) -> None:
    for at, it in nodes(described):
        if isinstance(it, dict) and "$ref" in it:
            target: Any = described
            for part in it["$ref"].removeprefix("#/").split("/"):
                assert part in target, f"{at}: {it['$ref']}"
                target = target[part]


def test_strict_generators_accept_every_operation(described: Json) -> None:
    """Each assertion is about something that some generator rejects or omits."""
    ids = [it["operationId"] for item in described["paths"].values() for it in item.values()]
    assert len(ids) == len(set(ids))
    for it in operations(described).values():
        in_path = {one["name"] for one in it.get("parameters", ()) if one["in"] == "path"}
        assert in_path == {part[1:-1] for part in it["path"].split("/") if part.startswith("{")}
        assert any(status.startswith(("2", "302")) for status in it["responses"])
        for one in it.get("parameters", ()):
            is_date = one["schema"].get("format") in {"date", "date-time"}
            assert not (one["in"] == "header" and is_date), f"{it['operationId']}: {one['name']}"
    for at, schema in nodes(described["components"]["schemas"], "#/components/schemas"):
        if isinstance(schema, dict) and schema.get("type") == "object" and "properties" in schema:
            assert at.count("/") == 3, f"{at} has no name of its own"


def test_integers_are_integers_everywhere(described: Json) -> None:
    for at, schema in nodes(described):
        if isinstance(schema, dict) and schema.get("type") == "integer":
            assert schema["format"] in {"int32", "int64"}, at
            bounds = [schema[it] for it in ("minimum", "maximum", "default") if it in schema]
            assert all(isinstance(it, int) for it in bounds), at


def test_everything_is_described(described: Json) -> None:
    assert described["info"]["description"]
    silent = [name for name, it in described["components"]["schemas"].items() if not it.get("description")]
    silent += [
        f"{name}.{field}"
        for name, schema in described["components"]["schemas"].items()
        for field, it in schema.get("properties", {}).items()
        if not it.get("description")
    ]
    for name, operation in operations(described).items():
        answers = [it["description"] for it in operation["responses"].values()]
        if not operation.get("description") or not operation.get("tags") or "Successful Response" in answers:
            silent.append(name)
        silent += [
            f"{name}({it['name']})" for it in operation.get("parameters", ()) if not it.get("description")
        ]
    assert silent == []


def test_every_operation_has_valid_examples(described: Json) -> None:
    components = {"components": described["components"]}
    for name, operation in operations(described).items():
        said = [operation["requestBody"]] if "requestBody" in operation else []
        for one in (*said, *operation["responses"].values()):
            for kind, content in one.get("content", {}).items():
                schema = {**components, **content["schema"]}
                wrong = list(
                    Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(
                        content["example"]
                    )
                )
                assert wrong == [], f"{name}: {kind}"
        for one in operation.get("parameters", ()):
            wrong = list(Draft202012Validator({**components, **one["schema"]}).iter_errors(one["example"]))
            assert wrong == [], f"{name}({one['name']})"


@pytest.mark.parametrize("name", SERVICES)
def test_every_example_of_a_body_is_accepted(name: str) -> None:
    """Some rules are not expressed in the schema."""
    said = operations(application(name).openapi())
    for route in routes_of(name):
        if route.body_field and route.name in said:
            example = said[route.name]["requestBody"]["content"]["application/json"]["example"]
            kind: Any = route.body_field.field_info.annotation
            TypeAdapter(kind).validate_json(json.dumps(example))


@pytest.mark.parametrize("name", SERVICES)
async def test_a_path_with_a_name_of_its_own_is_not_taken_for_an_id(name: str) -> None:
    """Else `GET /v1/carts/from-offer` would look for the cart `from-offer`, and the path would allow GET."""
    methods: dict[str, set[str]] = {}
    for it in routes_of(name):
        if not it.param_convertors:
            methods.setdefault(it.path, set()).update(it.methods or ())
    transport = httpx.ASGITransport(app=application(name))
    async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
        for path, own in methods.items():
            for method in {"GET", "PUT", "POST", "PATCH", "DELETE"} - own:
                refused = await client.request(method, path)
                assert (refused.status_code, set(refused.headers["allow"].split(", "))) == (405, own), path
    assert len(methods) > 5
