"""What most handlers of routes do: find an aggregate, check If-Match, run a use case, respond with a view."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from fastapi import Response
from pydantic import BaseModel

from kernel.context import Context
from kernel.domain import Aggregate
from kernel.http.dependencies import QueryRequest
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.results import Result
from kernel.store.changes import Changes
from kernel.unit_of_work import UnitOfWork


class Versioned(Protocol):
    """An aggregate, or what a use case has read of one. The version becomes the ETag."""

    @property
    def version(self) -> int: ...


K = TypeVar("K")
"""What a path names: an id, or several."""
R = TypeVar("R", bound=Versioned)

Find: TypeAlias = Callable[[K, UnitOfWork], Awaitable[R]]
"""Opens what the path names. Raises ``NotFound``."""
UseCase: TypeAlias = Callable[[UnitOfWork], Awaitable[R]]
"""Decides, and returns what the response shows. It runs again after a conflict."""
ShowChanges: TypeAlias = Callable[[Context, Changes], Awaitable[BaseModel]]
"""The response's body for what a unit of work would store."""
View: TypeAlias = Callable[[R, datetime], BaseModel | Mapping[str, Any]]
"""The response's body, as at the time of the unit of work."""


async def show(read: QueryRequest, find: Find[K, R], named: K, view: View[R]) -> Response:
    """Respond with what ``find`` finds, or with its refusal."""

    async def act(work: UnitOfWork) -> Result:
        return _result(await find(named, work), work, view)

    return await read.run(act)


async def create(write: CommandRequest, use_case: UseCase[R], view: View[R]) -> Response:
    """Respond with what the use case has made. Nothing new has a version: If-Match is refused with 412."""

    async def act(work: UnitOfWork) -> Result:
        return _result(await use_case(work), work, view)

    return await write.run(act)


async def execute(
    write: CommandRequest,
    find: Find[K, Aggregate],
    named: K,
    use_case: UseCase[R],
    view: View[R],
    find_again: Find[K, R] | None = None,
) -> Response:
    """Run a use case on an existing aggregate, if it has the version that the caller names by If-Match, and
    respond with the outcome. All of it is one unit of work. ``find_again``: what a repetition shows once the
    body of the response has been deleted; needed by routes whose keys are kept for ever."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find(named, work))
        return _result(await use_case(work), work, view)

    async def show_again(work: UnitOfWork, found: Find[K, R]) -> Result:
        return _result(await found(named, work), work, view)

    return await write.run(act, show_again=find_again and partial(show_again, found=find_again))


async def show_changes(
    write: CommandRequest, find: Find[K, Aggregate], named: K, use_case: UseCase[R], show: ShowChanges
) -> Response:
    """Respond with what ``execute`` would store. Nothing is, nor the response under an idempotency key."""

    async def act(work: UnitOfWork) -> None:
        write.check(await find(named, work))
        await use_case(work)

    _, changes = await write.dry_run(act)
    return Result(await show(write.context, changes)).serialize().response()


async def remove(write: CommandRequest, find: Find[K, Aggregate], named: K, use_case: UseCase[R]) -> Response:
    """Like ``execute``, for a use case after which there is nothing to show."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find(named, work))
        return Result(version=(await use_case(work)).version)

    return await write.run(act)


def _result(shown: R, work: UnitOfWork, view: View[R]) -> Result:
    return Result(view(shown, work.now), shown.version)
