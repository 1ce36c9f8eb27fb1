"""Routes of pages for people: visitors without a session are led to the sign-in, and refusals are pages.

The templates ``layout`` and ``refusal`` are the service's own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError

from kernel.domain import Refused
from kernel.http.page_templates import PageTemplates, see
from kernel.http.problems import Problem
from kernel.http.requests import StrictRoute
from kernel.http.statuses import status_of
from kernel.http.visitors import Door, SignInNeeded

NOT_READABLE = "The address has a parameter that cannot be read: "


def router_of_pages(door: Door, templates: PageTemplates) -> APIRouter:
    """A router for pages, with those of the sign-in."""

    def refusal(code: str, detail: str, status: int) -> Response:
        return templates.render("refusal", {"visitor": None, "code": code, "detail": detail}, status)

    class PageRoute(StrictRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_as_page(request: Request) -> Response:
                if any(value == "" for value in request.query_params.values()):
                    return see(_without_empty(request))
                try:
                    return await handle(request)
                except SignInNeeded:
                    return see(door.sign_in_path)
                except Refused as refused:
                    status = status_of(refused, request.app.state.statuses)
                    return refusal(refused.code, refused.detail, status)
                except RequestValidationError as invalid:
                    names = sorted({str(it["loc"][-1]) for it in invalid.errors()})
                    return refusal("INVALID_REQUEST", f"{NOT_READABLE}{', '.join(names)}.", 422)
                except Problem as problem:
                    return refusal(problem.code, str(problem.detail), problem.status_code)

            return handle_as_page

    routes = APIRouter(route_class=PageRoute, include_in_schema=False)
    _add_sign_in(routes, door, templates)
    return routes


def _without_empty(request: Request) -> str:
    """The address without the fields of a form that were left empty."""
    fields = [(name, value) for name, value in request.query_params.multi_items() if value]
    return f"{request.url.path}?{urlencode(fields)}" if fields else request.url.path


def _add_sign_in(routes: APIRouter, door: Door, templates: PageTemplates) -> None:
    roles = " or ".join(sorted(door.admitted, reverse=True))

    async def form(status: int = 200, failure: str | None = None) -> Response:
        form_token, session = await door.open_sign_in()
        values = {"visitor": None, "form_token": form_token, "failure": failure, "roles": roles}
        return door.keep(templates.render("sign_in", values, status), session)

    @routes.get(door.sign_in_path)
    async def show_sign_in() -> Response:
        return await form()

    @routes.post(door.sign_in_path)
    async def sign_in(request: Request) -> Response:
        session = await door.sign_in(request)
        if session is None:
            return await form(401, f"No valid key of role {roles}.")
        return door.keep(see(door.path), session)

    @routes.post(door.sign_out_path)
    async def sign_out(request: Request) -> Response:
        await door.submit(request, door.admitted)
        return door.leave(see(door.sign_in_path))

    @routes.get(f"{door.path.rstrip('/')}/{templates.style_name}")
    async def style() -> Response:
        return templates.style()
