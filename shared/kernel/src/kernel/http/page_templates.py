"""Writes pages from templates: by the server alone, without a script and without requests to others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)


OWN_TEMPLATES = Path(__file__).with_name("templates")
"""The frame of all pages, ``page``, and ``sign_in``. A service extends the one by its ``layout``, with the
links of its navigation."""


@dataclass(frozen=True)
class PageTemplates:
    folder: Path
    path: str
    """The start of the addresses of the pages, as their ``Door`` has it: ``/operator``."""
    style_name: str
    """The name of the style sheet in the folder, and in the address: ``operator.css``."""
    filters: Mapping[str, Callable[..., Any]]

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([self.folder, OWN_TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(self.filters)
        return environment

    @cached_property
    def _style(self) -> str:
        return (self.folder / self.style_name).read_text()

    def render(self, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
        """``values`` always hold ``visitor``: None on the page of the sign-in."""
        frame = {"base": self.path.rstrip("/"), "style_name": self.style_name}
        body = self._environment.get_template(f"{template}.html").render({**frame, **values})
        return Response(body, status, dict(HEADERS), "text/html; charset=utf-8")

    def style(self) -> Response:
        return Response(self._style, headers=dict(HEADERS), media_type="text/css")


def see(path: str) -> Response:
    """Have the browser open the page, and not send the form again."""
    return Response(status_code=303, headers={**HEADERS, "Location": path})
