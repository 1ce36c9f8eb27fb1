"""What a unit of work reads from and writes to tables of the service's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Any

from kernel.numbering import Series, new_draw
from kernel.store.changes import Changes, Statement
from kernel.store.writing import Connection


class OwnTables(ABC):
    """The part of a unit of work that has to do with such tables."""

    changes: Changes

    @abstractmethod
    def _connection(self) -> AbstractAsyncContextManager[Connection]: ...

    # failpoint: none needed (read-only)
    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        async with self._connection() as connection:
            return [dict(it) for it in await connection.fetch(statement, *arguments)]

    def execute(self, statement: str, *arguments: Any) -> None:
        self.changes.statements.append(Statement(statement, arguments))

    def draw_number(self, series: Series) -> str:
        draw = new_draw(series)
        self.changes.draws.append(draw)
        return draw.placeholder
