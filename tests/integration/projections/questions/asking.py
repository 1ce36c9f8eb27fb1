"""Rows for the tables behind questions, the answers over HTTP, in pages or whole, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
import pytest

from tests.integration.projections.conftest import Reader


def interval(rate: str, low: float, high: float) -> dict[str, Any]:
    """By Wilson's score at 95 %."""
    return {f"{rate}_low": pytest.approx(low, abs=1e-5), f"{rate}_high": pytest.approx(high, abs=1e-5)}


async def insert(superuser: str, table: str, *rows: Mapping[str, object]) -> None:
    connection = await asyncpg.connect(superuser)
    try:
        for row in rows:
            places = ", ".join(f"${n}" for n, _ in enumerate(row, start=1))
            await connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608  # a test's own names
                *row.values(),
            )
    finally:
        await connection.close()


async def in_pages(reader: Reader, path: str, limit: int, **query: str) -> Sequence[dict[str, Any]]:
    """All rows of a list, read in pages of this size."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await reader.get(path, **query, limit=str(limit), **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def on(day: date) -> dict[str, str]:
    """The query of a range of one day."""
    return {"from": day.isoformat(), "to": day.isoformat()}
