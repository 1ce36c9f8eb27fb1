"""Fast path: handle a request that fits its route exactly without the framework, whose generic handling of
parameters and dependencies costs more.

Every other request, valid or not, goes to the framework unchanged, which alone makes the problems. So a route
is described once and each refusal is made in one place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi._compat import ModelField, is_scalar_field
from fastapi.dependencies.utils import get_typed_return_annotation
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.convertors import StringConvertor
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.faults import failpoints
from kernel.http.requests import Body, StrictRequest, StrictRoute
from kernel.parsing import Malformed, loads
from kernel.security.card_numbers import pointer_to_card_number

FastDependency = Callable[[StrictRequest, Mapping[bytes, bytes]], Awaitable[Any | None]]
ESCAPED = re.compile(rb"[^!-~]|[%+;]")
FAST_DEPENDENCIES: dict[Callable[..., Any], FastDependency] = {}
"""Dependency -> a function that makes its value from a request and its headers, each of which occurs once. It
returns None if the framework has to handle the request."""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """How to call a route's endpoint."""

    route: APIRoute
    endpoint: Callable[..., Awaitable[Response]]
    path_fields: tuple[ModelField, ...]
    query_fields: tuple[ModelField, ...]
    body: tuple[str, type[Body]] | None
    dependencies: tuple[tuple[str, FastDependency], ...]

    async def values(
        self, request: StrictRequest, path: Mapping[str, str], headers: Mapping[bytes, bytes]
    ) -> dict[str, Any] | None:
        """The arguments of the endpoint; None unless everything is as described."""
        values: dict[str, Any] = {}
        for field in self.path_fields:
            values[field.name], errors = field.validate(path[field.alias], {}, loc=())
            if errors:
                return None
        query = request.scope["query_string"]
        if (query or self.query_fields) and not self._read_query(query, values):
            return None
        if self.body:
            name, kind = self.body
            raw = await request.body()
            try:
                value = loads(raw)
                if not isinstance(value, dict):
                    return None
                if pointer_to_card_number(raw, value, kind.UNSEARCHED) is not None:
                    return None
                values[name] = kind.model_validate_json(raw)
            except (Malformed, ValidationError):
                return None
        for name, make in self.dependencies:
            values[name] = await make(request, headers)
            if values[name] is None:
                return None
        return values

    def _read_query(self, query: bytes, values: dict[str, Any]) -> bool:
        """Whether the query is unescaped and holds each parameter once, or not at all if it is optional."""
        parts = [part.partition("=") for part in query.decode("latin-1").split("&")] if query else []
        given = {name: value for name, _, value in parts}
        if ESCAPED.search(query) or len(given) < len(parts) or not all(given.values()):
            return False
        for field in self.query_fields:
            value = given.pop(field.alias, None)
            if value is None and field.field_info.is_required():
                return False
            values[field.name], errors = (
                (field.get_default(), None) if value is None else field.validate(value, {}, loc=())
            )
            if errors:
                return False
        return not given


class FastPath:
    def __init__(
        self, app: ASGIApp, routers: Iterable[APIRouter], literal_methods: Mapping[str, Collection[str]]
    ) -> None:
        self._app = app
        self._literal_methods = literal_methods
        self._plans: defaultdict[tuple[str, int], list[tuple[APIRoute, RoutePlan | None]]] = defaultdict(list)
        for route in (it for router in routers for it in router.routes if isinstance(it, APIRoute)):
            for method in route.methods or ():
                # the first route that matches counts, also if it has no plan
                self._plans[method, route.path.count("/")].append((route, plan_of(route)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = self._literal_methods.get(scope["path"])
        if methods is not None and scope["method"] not in methods:
            raise HTTPException(405)
        plan, path = self._find(scope)
        headers = dict(scope["headers"])
        if plan is None or len(headers) != len(scope["headers"]):
            await self._app(scope, receive, send)
            return
        scope["route"], scope["path_params"] = plan.route, path
        request = StrictRequest(scope, receive)
        try:
            values = await plan.values(request, path, headers)
        except ClientDisconnect:
            values = None
        if values is None:
            await self._app(scope, _replay_body(request, receive), send)
            return
        response = await plan.endpoint(**values)
        failpoints.active and await failpoints.hit("http.short_way.before_answer")
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[RoutePlan | None, dict[str, str]]:
        path = scope["path"]
        for route, plan in self._plans.get((scope["method"], path.count("/")), ()):
            if match := route.path_regex.match(path):
                return plan, match.groupdict()
        return None, {}


def methods_of_literal_paths(routers: Iterable[APIRouter]) -> Mapping[str, Collection[str]]:
    """The methods of each path without parameters. It has no others, even where the path of another route
    matches it: `/things/new` is not the thing `new`."""
    methods: defaultdict[str, set[str]] = defaultdict(set)
    for route in (it for router in routers for it in router.routes if isinstance(it, APIRoute)):
        if not route.param_convertors:
            methods[route.path].update(route.methods or ())
    return dict(methods)


def plan_of(route: APIRoute) -> RoutePlan | None:
    """None for a route that takes more than path, query, body and ``FAST_DEPENDENCIES``."""
    dependant = route.dependant
    found = [(it.name or "", FAST_DEPENDENCIES.get(it.call)) for it in dependant.dependencies if it.call]
    if (
        not isinstance(route, StrictRoute)
        or not iscoroutinefunction(route.endpoint)
        or get_typed_return_annotation(route.endpoint) is not Response
        or any((dependant.header_params, dependant.cookie_params, dependant.body_params[1:]))
        or not all(is_scalar_field(it) for it in dependant.query_params)
        or any((dependant.request_param_name, dependant.http_connection_param_name))
        or any((dependant.response_param_name, dependant.background_tasks_param_name))
        or dependant.security_scopes_param_name
        or any(type(it) is not StringConvertor for it in route.param_convertors.values())
    ):
        return None
    body = None
    for field in dependant.body_params:
        kind = field.field_info.annotation
        if not (isinstance(kind, type) and issubclass(kind, Body)) or not field.field_info.is_required():
            return None
        body = field.name, kind
    dependencies = tuple((name, make) for name, make in found if make)
    if len(dependencies) < len(dependant.dependencies):
        return None
    path_fields, query_fields = tuple(dependant.path_params), tuple(dependant.query_params)
    return RoutePlan(route, route.endpoint, path_fields, query_fields, body, dependencies)


def _replay_body(request: StrictRequest, receive: Receive) -> Receive:
    """A ``receive`` that yields the body again if it has been read already."""
    if not hasattr(request, "_body"):
        return receive
    buffered: list[Message] = [{"type": "http.request", "body": request._body, "more_body": False}]

    async def receive_again() -> Message:
        return buffered.pop() if buffered else await receive()

    return receive_again
