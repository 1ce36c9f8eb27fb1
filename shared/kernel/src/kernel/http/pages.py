"""The interface description, for programs at /openapi.json and for people at /docs.

Everything on the page comes from a package and from this server: its policy forbids requests to others.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse

from kernel.http.requests import StrictRoute

ASSETS = "fastapi_swagger.resources"
SCRIPT, STYLE, ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"
CACHE_ONE_DAY = {"Cache-Control": "public, max-age=86400"}
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
NO_VALIDATOR = {"validatorUrl": None}
"""Otherwise Swagger UI sends the description to a validator on the internet."""


def router() -> APIRouter:
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)

    @routes.get("/openapi.json")
    async def description(request: Request) -> Response:
        return Response(orjson.dumps(request.app.openapi()), media_type="application/json")

    @routes.get("/docs")
    async def docs(request: Request) -> Response:
        body, policy = _page(request.app.title)
        return Response(body, media_type="text/html", headers={"Content-Security-Policy": policy})

    def serve(name: str) -> None:
        async def asset() -> Response:
            return FileResponse(Path(str(files(ASSETS) / name)), headers=CACHE_ONE_DAY)

        routes.add_api_route(f"/docs/{name}", asset)

    for name in (SCRIPT, STYLE, ICON):
        serve(name)
    return routes


@cache
def _page(title: str) -> tuple[bytes, str]:
    """The page and its policy: Swagger UI uses inline styles, and images as data."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=title,
        swagger_js_url=f"docs/{SCRIPT}",
        swagger_css_url=f"docs/{STYLE}",
        swagger_favicon_url=f"docs/{ICON}",
        swagger_ui_parameters=NO_VALIDATOR,
    )
    body = bytes(page.body)
    scripts = " ".join(
        f"'sha256-{b64encode(sha256(it.encode()).digest()).decode()}'" for it in INLINE.findall(body.decode())
    )
    policy = (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return body, policy
