"""Who obeys a command, and what they will need for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from kernel.domain import Aggregate
from kernel.work import Work

Needed = Iterable[tuple[type[Aggregate], UUID]]


class Obeyed(NamedTuple):
    """``needs`` tells which aggregates ``by`` will open, so that a whole batch's are read at once."""

    by: Callable[[Any, Work], Awaitable[None]]
    needs: Callable[[Any], Needed]
