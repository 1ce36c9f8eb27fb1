"""Every parameter and field of a request is used, stored or refused; none is ignored."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

import httpx
import pytest
from pydantic import AfterValidator, BaseModel

from contracts.topology import SERVICE_NAMES
from kernel.http.requests import not_yet
from tests.support.applications import APPLICATIONS, application, operations, routes_of

ROOT = Path(__file__).parents[2]
DESCRIBING = ("bodies", "schemas", "views", "descriptions", "examples")
"""Modules, and packages of modules, that only name the fields."""
TOOLS = {"cli", "devstack", "verify", "demo"}
"""Distributions that call the services, and do not implement them."""
STORED_ONLY = {
    # of a product
    *("brand", "vendor_id", "weight_grams", "dimensions", "related_products", "relationship"),
    *("layout", "configuration"),  # of an offer
    *("design", "presentation"),  # of an upsell and a funnel step
    *("behavior", "declined_any", "minimum_abandoned_carts"),  # judged after a purchase
    *("line2", "locale"),  # of an address and a buyer: sealed as a whole
    # of media, which are never opened, and the text about a product
    *("media", "url", "alt", "description"),
    # of a plan: published for subscriptions, which follow them
    *("aggregation", "billing_frequency", "included", "max_quantity", "tax_inclusive"),
    "trial_end_without_payment",
    "tax_id",  # of a person
    "reason",  # of a refund at the simulated gateway
}
"""Fields that are stored and shown, and affect nothing else."""
REFUSES = "not_yet.<locals>.check"
PAGES = ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/asyncapi.json")
PARAMETER = re.compile(r"\{[^}]+\}")


@pytest.mark.parametrize("name", APPLICATIONS)
async def test_an_unknown_query_parameter_is_refused(name: str) -> None:
    transport = httpx.ASGITransport(app=application(name))
    async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
        for operation in operations(application(name).openapi()).values():
            path = PARAMETER.sub("x", operation["path"])
            refused = await client.request(operation["method"], path, params={"unknown": "1"})
            errors = [(error["pointer"], error["in"]) for error in refused.json()["errors"]]
            assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST"), path
            assert errors == [("#/unknown", "query")], path


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", SERVICE_NAMES)
async def test_an_unknown_query_parameter_of_a_probe_or_page_is_refused(name: str, path: str) -> None:
    transport = httpx.ASGITransport(app=application(name))
    async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
        assert (await client.get(path, params={"unknown": "1"})).status_code == 422


def bodies(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of."""
    for part in get_args(kind):
        yield from bodies(part)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from bodies(field.annotation)


def names_that_are_read() -> set[str]:
    sources = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/*/src/**/*.py")]
    trees = [
        ast.parse(it.read_text())
        for it in sources
        if not any(word in it.stem or word in it.parts for word in DESCRIBING)
        and TOOLS.isdisjoint(it.relative_to(ROOT).parts)
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    attributes = {it.attr for it in nodes if isinstance(it, ast.Attribute)}
    return attributes | {str(it.value) for it in nodes if isinstance(it, ast.Constant)}


def is_refused(kind: type[BaseModel], field: str) -> bool:
    marks = [it.func for it in kind.model_fields[field].metadata if isinstance(it, AfterValidator)]
    return any(getattr(it, "__qualname__", "") == REFUSES for it in marks)


def idle_fields(kinds: Iterable[type[BaseModel]], read: set[str]) -> set[str]:
    return {
        f"{kind.__name__}.{field}"
        for kind in kinds
        for field in kind.model_fields
        if field not in read | STORED_ONLY and not is_refused(kind, field)
    }


def test_every_field_of_every_body_has_an_effect() -> None:
    """If this fails: use the field, mark it as ``not_yet``, or name it in ``STORED_ONLY``."""
    kinds = {
        kind
        for name in APPLICATIONS
        for route in routes_of(name)
        if route.body_field
        for kind in bodies(route.body_field.field_info.annotation)
    }
    assert idle_fields(kinds, names_that_are_read()) == set()


class Planted(BaseModel):
    sku: str
    without_any_effect: str
    planned: Annotated[str | None, not_yet()] = None


def test_a_field_without_effect_would_be_found() -> None:
    assert idle_fields([Planted], names_that_are_read()) == {"Planted.without_any_effect"}
