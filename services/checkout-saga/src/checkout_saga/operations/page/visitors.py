"""How operators' requests become commands and pages of lists."""

from __future__ import annotations

from fastapi import Request

from contracts.roles import ADMINS, OPERATORS
from kernel.http.dependencies import context_of
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Paging
from kernel.http.visitors import Visitor

PATH = "/operator"
ADMITTED = frozenset({*OPERATORS, *ADMINS})
COOKIE = "feira_operator"


def command(request: Request, visitor: Visitor, version: str | None = None) -> CommandRequest:
    """``version``: the one of the aggregate that the visitor has seen."""
    principal = visitor.principal
    return CommandRequest(
        request.app.state.command_runner,
        principal,
        context_of(request, principal),
        if_match=None if version is None else f'"{version}"',
    )


def page_at(cursor: str | None) -> Paging:
    return Paging(50, cursor)
