"""Answer what is exactly as a route describes it without asking the framework, which looks at every request
for all that it might be.

Anything else, right or wrong, goes on to the framework untouched: it alone knows what to say of it. So there
is one description of a route and one place for each refusal; only a shorter way for what needs neither.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from fastapi import APIRouter, Response
from fastapi._compat import ModelField, is_scalar_field
from fastapi.dependencies.utils import get_typed_return_annotation
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.convertors import StringConvertor
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.card_numbers import pointer_to_card_number
from kernel.faults import failpoints
from kernel.http.requests import StrictRequest, StrictRoute
from kernel.parsing import Malformed, loads

AtOnce = Callable[[StrictRequest, Mapping[bytes, bytes]], Awaitable[Any | None]]
ESCAPED = re.compile(rb"[^!-~]|[%+;]")
FAST_ROUTES: dict[Callable[..., Any], AtOnce] = {}
"""A dependency to what makes its value from a request and its headers, none of which stands there twice;
None where the framework has to look closer."""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """How to call a route's endpoint."""

    route: APIRoute
    endpoint: Callable[..., Awaitable[Response]]
    in_path: tuple[ModelField, ...]
    in_query: tuple[ModelField, ...]
    body: tuple[str, type[BaseModel]] | None
    given: tuple[tuple[str, AtOnce], ...]

    async def values(
        self, request: StrictRequest, path: Mapping[str, str], headers: Mapping[bytes, bytes]
    ) -> dict[str, Any] | None:
        """What the endpoint is called with; None unless everything is as described."""
        values: dict[str, Any] = {}
        for field in self.in_path:
            values[field.name], wrong = field.validate(path[field.alias], {}, loc=())
            if wrong:
                return None
        query = request.scope["query_string"]
        if (query or self.in_query) and not self._read_query(query, values):
            return None
        if self.body:
            name, kind = self.body
            raw = await request.body()
            try:
                value = loads(raw)
                if not isinstance(value, dict) or pointer_to_card_number(raw, value) is not None:
                    return None
                values[name] = kind.model_validate_json(raw)
            except (Malformed, ValidationError):
                return None
        for name, make in self.given:
            values[name] = await make(request, headers)
            if values[name] is None:
                return None
        return values

    def _read_query(self, query: bytes, values: dict[str, Any]) -> bool:
        """Whether each parameter stands there plainly and once, or not at all where it need not."""
        told = [part.partition("=") for part in query.decode("latin-1").split("&")] if query else []
        said = {name: value for name, _, value in told}
        if ESCAPED.search(query) or len(said) < len(told) or not all(said.values()):
            return False
        for field in self.in_query:
            value = said.pop(field.alias, None)
            if value is None and field.field_info.is_required():
                return False
            values[field.name], wrong = (
                (field.get_default(), None) if value is None else field.validate(value, {}, loc=())
            )
            if wrong:
                return False
        return not said


class FastPath:
    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self._plans: defaultdict[tuple[str, int], list[tuple[APIRoute, RoutePlan | None]]] = defaultdict(list)
        for route in (it for router in routers for it in router.routes if isinstance(it, APIRoute)):
            for method in route.methods or ():
                # the first route that fits is the one, also where it is not for us
                self._plans[method, route.path.count("/")].append((route, plan_of(route)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            await self._app(scope, _again(request, receive), send)
            return
        response = await plan.endpoint(**values)
        failpoints.active and await failpoints.hit("http.short_way.before_answer")
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[RoutePlan | None, dict[str, str]]:
        where = scope["path"]
        for route, plan in self._plans.get((scope["method"], where.count("/")), ()):
            if found := route.path_regex.match(where):
                return plan, found.groupdict()
        return None, {}


def plan_of(route: APIRoute) -> RoutePlan | None:
    """None for a route that asks for more than a path, a query, a body, and what can be made at once."""
    asks = route.dependant
    given = [(it.name or "", FAST_ROUTES.get(it.call)) for it in asks.dependencies if it.call]
    if (
        not isinstance(route, StrictRoute)
        or not iscoroutinefunction(route.endpoint)
        or get_typed_return_annotation(route.endpoint) is not Response
        or any((asks.header_params, asks.cookie_params, asks.body_params[1:]))
        or not all(is_scalar_field(it) for it in asks.query_params)
        or any((asks.request_param_name, asks.http_connection_param_name, asks.response_param_name))
        or any((asks.background_tasks_param_name, asks.security_scopes_param_name))
        or any(type(it) is not StringConvertor for it in route.param_convertors.values())
    ):
        return None
    body = None
    for field in asks.body_params:
        kind = field.field_info.annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)) or not field.field_info.is_required():
            return None
        body = field.name, kind
    made = tuple((name, make) for name, make in given if make)
    if len(made) < len(asks.dependencies):
        return None
    return RoutePlan(route, route.endpoint, tuple(asks.path_params), tuple(asks.query_params), body, made)


def _again(request: StrictRequest, receive: Receive) -> Receive:
    """What was received already comes once more."""
    if not hasattr(request, "_body"):
        return receive
    first: list[Message] = [{"type": "http.request", "body": request._body, "more_body": False}]

    async def take() -> Message:
        return first.pop() if first else await receive()

    return take
