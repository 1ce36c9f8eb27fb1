"""Route tables: what a row says and what its handler does agree."""

from __future__ import annotations

import pytest
from fastapi import Response

from contracts.roles import ADMINS
from kernel.domain import NotFound, Refused
from kernel.http.auth import Caller
from kernel.http.dependencies import KeyedWrite, Read, Write
from kernel.http.requests import StrictRoute
from kernel.http.route_tables import OPEN, Route, RouteTable, router_of


class BoxNotFound(NotFound):
    """There is no such box."""

    code = "BOX_NOT_FOUND"


class BoxSealed(Refused):
    """A sealed box cannot be opened."""

    code = "BOX_SEALED"


async def open_box(write: Write) -> Response:
    """Open the box."""
    raise AssertionError(write)


async def close_box(write: KeyedWrite) -> Response:
    raise AssertionError(write)


async def get_box(read: Read) -> Response:
    raise AssertionError(read)


async def greet(caller: Caller) -> Response:
    raise AssertionError(caller)


async def say_hello() -> Response:
    return Response("hello")


def route_of(row: Route) -> StrictRoute:
    (route,) = router_of(RouteTable("boxes", (row,)), {"BOX_SEALED": 422}).routes
    assert isinstance(route, StrictRoute)
    return route


def test_a_row_describes_its_route() -> None:
    route = route_of(
        Route("POST", "/v1/box", open_box, ADMINS, refusals=(BoxNotFound, BoxSealed), status=202)
    )

    assert (route.methods, route.path, route.name) == ({"POST"}, "/v1/box", "open_box")
    assert (route.description, route.tags, route.status_code) == ("Open the box.", ["boxes"], 202)
    assert route.roles == {"admin"}


def test_the_service_decides_on_the_status_of_a_refusal() -> None:
    route = route_of(Route("POST", "/v1/box", open_box, ADMINS, refusals=(BoxNotFound, BoxSealed)))

    assert {status: it["description"] for status, it in route.responses.items()} == {
        404: "BOX_NOT_FOUND",
        422: "BOX_SEALED",
    }


@pytest.mark.parametrize("handler", [open_box, close_box, get_box, greet])
def test_a_handler_that_takes_a_caller_needs_roles(handler: object) -> None:
    route_of(Route("GET", "/v1/box", handler, ADMINS))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="GET /v1/box"):
        route_of(Route("GET", "/v1/box", handler, OPEN))  # type: ignore[arg-type]


def test_a_row_with_roles_needs_a_handler_that_takes_a_caller() -> None:
    route_of(Route("GET", "/v1/box", say_hello, OPEN))

    with pytest.raises(TypeError, match="GET /v1/box"):
        route_of(Route("GET", "/v1/box", say_hello, ADMINS))
