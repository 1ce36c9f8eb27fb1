"""Route tables: the routes of a service as data, one row for each.

The application, its description and the fast path follow from the rows, and so do the tests of who may call
what. A handler takes the request as a ``Read``, ``Write``, ``KeyedWrite`` or ``Caller``: each of them admits
only callers with a role of the row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fastapi import APIRouter, Response
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse

from kernel.domain import Refused
from kernel.http import openapi
from kernel.http.auth import caller
from kernel.http.requests import OnInvalid, StrictRoute
from kernel.http.statuses import Statuses

OPEN: tuple[str, ...] = ()
"""For ``roles``: the route asks for no API key."""


HEAD = "HEAD"


@dataclass(frozen=True, slots=True)
class Route:
    """One route. Its operation id is the name of the handler, and its description the handler's docstring."""

    method: str
    path: str
    handler: Callable[..., Awaitable[object]]
    """Its parameters are those of a FastAPI endpoint."""
    roles: Collection[str]
    """The roles of keys that are admitted, or ``OPEN``."""
    view: Any = None
    """The type of the response's body."""
    refusals: tuple[type[Refused], ...] = ()
    """What the use case may raise."""
    status: int = 200
    """Of a response without a refusal, unless the handler sets another."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Refusals without a class of their own: code -> description."""
    responses: Mapping[int | str, dict[str, Any]] = field(default_factory=dict)
    """Further responses, as FastAPI describes them."""
    response_class: type[Response] = JSONResponse
    keeps_keys: bool = False
    """Whether idempotency keys are kept for ever: a repetition of the request is never a new one. The bodies
    of its responses are deleted, so its handler says how to show the present state again."""
    bodies: Mapping[str, str] = field(default_factory=dict)
    """Media type -> example of a body that is no JSON, which the handler reads itself; others are refused."""
    answers_head: bool = False
    """The handler of a GET is called for HEAD too, for which it must change nothing; it is not described
    apart."""
    on_invalid: OnInvalid | None = None
    """Notes a request whose body, parameters or headers are refused; it changes nothing in the response."""


class RouteTable(NamedTuple):
    """The routes under one heading of the interface description."""

    tag: str
    routes: tuple[Route, ...]


def router_of(table: RouteTable, statuses: Statuses) -> APIRouter:
    """The table as a router. Raises ``TypeError`` for a row with roles whose handler takes no caller, which
    would be open to everybody, and for an open one whose handler takes a caller."""
    router = APIRouter(route_class=StrictRoute, tags=[table.tag])
    for row in table.routes:
        for method in (row.method, HEAD) if row.answers_head else (row.method,):
            router.add_api_route(
                row.path,
                row.handler,
                methods=[method],
                status_code=row.status,
                response_model=row.view,
                response_class=row.response_class,
                openapi_extra=_bodies(row.bodies),
                include_in_schema=method != HEAD,
                responses={
                    **openapi.refusals(*row.refusals, codes=row.codes, statuses=statuses),
                    **row.responses,
                },
            )
            route = router.routes[-1]
            if not isinstance(route, StrictRoute) or _takes_caller(route.dependant) != bool(row.roles):
                raise TypeError(f"{method} {row.path}: the roles of the row and its handler do not agree")
            route.roles = frozenset(row.roles)
            route.on_invalid = row.on_invalid
    return router


def media_types_of(tables: Iterable[RouteTable]) -> dict[str, Collection[str]]:
    """Start of a path -> the media types of the bodies that are no JSON."""
    return {
        row.path.partition("{")[0]: frozenset(row.bodies) for it in tables for row in it.routes if row.bodies
    }


def keeping_keys(tables: Iterable[RouteTable]) -> frozenset[str]:
    """The routes whose idempotency keys are kept for ever, as they are stored with the keys."""
    return frozenset(f"{row.method} {row.path}" for it in tables for row in it.routes if row.keeps_keys)


FILE = {"type": "string", "format": "binary"}


def _bodies(bodies: Mapping[str, str]) -> dict[str, Any] | None:
    content = {it: {"schema": FILE, "example": example} for it, example in bodies.items()}
    return {"requestBody": {"required": True, "content": content}} if bodies else None


def routers_of(tables: Iterable[RouteTable], statuses: Statuses) -> list[APIRouter]:
    return [router_of(table, statuses) for table in tables]


def _takes_caller(dependant: Dependant) -> bool:
    return dependant.call is caller or any(_takes_caller(it) for it in dependant.dependencies)
