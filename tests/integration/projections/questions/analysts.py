"""Logins of analysts, and rows that they may see."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from cli import analyst_logins
from devstack.databases import Database

DAY = date(2020, 1, 1)
PASSWORD = "for-this-test-alone"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def conversion(tenant: str, currency: str, revenue: int) -> dict[str, object]:
    counts = {"checkouts": 4, "completed": 1, "ordered": revenue, "revenue": revenue}
    return {"tenant": tenant, "day": DAY, "known": DAY, "currency": currency, **counts}


async def signed_in(database: Database, tenant: str) -> Connection:
    parts = urlsplit(database.superuser_url)
    where = parts.netloc.rpartition("@")[2]
    url = parts._replace(netloc=f"{analyst_logins.login_of(tenant)}:{PASSWORD}@{where}")
    return await asyncpg.connect(urlunsplit(url))
