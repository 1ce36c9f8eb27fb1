"""Answers as files: CSV and Parquet."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from devstack.databases import Database
from tests.integration.projections.questions.asking import insert, on
from tests.integration.projections.test_figures_over_http import Caller

EXPORT = "/v1/analytics/products/export"


def product(
    day: date, number: int, name: str, currency: str, revenue: int, tenant: str = "demo"
) -> dict[str, object]:
    what = {"product_id": UUID(int=number), "sku": f"sku-{number}", "name": name, "currency": currency}
    return {
        "tenant": tenant,
        "day": day,
        "known": day,
        "times_sold": 1,
        "quantity": 2,
        "revenue": revenue,
        **what,
    }


def read(file: Path, columns: str) -> duckdb.DuckDBPyRelation:
    return duckdb.read_parquet(str(file)).project(columns)


async def test_money_is_in_minor_units_and_in_the_decimals_of_its_currency(
    caller: Caller, database: Database
) -> None:
    day = date(2016, 1, 1)
    amounts = {"BHD": 1234, "EUR": 1234, "JPY": 1234}
    rows = [product(day, n, "Mug", *it) for n, it in enumerate(amounts.items())]
    await insert(database.superuser_url, "product_sales", *rows)
    answer = await caller("demo-analyst").get(EXPORT, params=on(day))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="products.csv"'
    found = {it["currency"]: it for it in csv.DictReader(io.StringIO(answer.text))}
    shown = {it: (row["revenue"], row["revenue_decimal"]) for it, row in found.items()}
    assert shown == {"BHD": ("1234", "1.234"), "EUR": ("1234", "12.34"), "JPY": ("1234", "1234")}
    assert found["JPY"]["average_item_value_decimal"] == "617"


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@A1", "\tx", "\rx"], ids=["eq", "plus", "minus", "at", "tab", "cr"]
)
async def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe_in_csv_alone(
    caller: Caller, database: Database, name: str, tmp_path: Path
) -> None:
    day = date(2017, 1, 1 + ord(name[0]) % 28)
    await insert(database.superuser_url, "product_sales", product(day, 1, name, "EUR", -5))
    client = caller("demo-analyst")
    text = (await client.get(EXPORT, params=on(day))).text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["name"], row["revenue"]) == (f"'{name}", "-5")
    answer = await client.get(EXPORT, params={**on(day), "format": "parquet"})
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    file = tmp_path / "products.parquet"
    file.write_bytes(answer.content)
    found = read(file, "name, revenue, revenue_decimal").fetchall()
    assert found == [(name, -5, Decimal("-0.05"))]


async def test_parquet_has_types_and_nulls_and_its_rows_in_the_order_of_the_question(
    caller: Caller, database: Database, tmp_path: Path
) -> None:
    days = [date(2018, 1, n) for n in (1, 2)]
    rows = [
        {
            "tenant": "demo",
            "day": it,
            "known": it,
            "currency": "EUR",
            "checkouts": 0,
            "completed": 0,
            "ordered": 0,
            "revenue": 7,
        }
        for it in days
    ]
    await insert(database.superuser_url, "checkout_conversion", *rows)
    query = {"from": "2018-01-01", "to": "2018-01-31", "format": "parquet"}
    answer = await caller("demo-analyst").get("/v1/analytics/conversion/export", params=query)
    file = tmp_path / "conversion.parquet"
    file.write_bytes(answer.content)
    found = read(file, "day, rate, revenue")
    assert [str(it) for it in found.types] == ["DATE", "DOUBLE", "BIGINT"]
    assert found.fetchall() == [(it, None, 7) for it in reversed(days)]
    codecs = duckdb.execute("SELECT DISTINCT compression FROM parquet_metadata(?)", [str(file)])
    assert codecs.fetchall() == [("ZSTD",)]


async def test_an_export_has_the_rows_of_its_tenant_and_of_its_filters_alone(
    caller: Caller, database: Database
) -> None:
    day = date(2019, 1, 1)
    rows = [product(day, 1, "Mug", "EUR", 1), product(day, 1, "Mug", "USD", 2)]
    await insert(
        database.superuser_url, "product_sales", *rows, product(day, 1, "Mug", "EUR", 3, tenant="rival")
    )

    async def revenues(key: str, **query: str) -> list[str]:
        text = (await caller(key).get(EXPORT, params={**on(day), **query})).text
        return [it["revenue"] for it in csv.DictReader(io.StringIO(text))]

    assert await revenues("demo-analyst", currency="EUR") == ["1"]
    assert await revenues("rival-analyst") == ["3"]
    assert await revenues("rival-analyst", currency="USD") == []


async def test_a_format_or_a_question_that_does_not_exist_is_refused(caller: Caller) -> None:
    client = caller("demo-analyst")
    assert (await client.get(EXPORT, params={"format": "xlsx"})).status_code == 422
    assert (await client.get("/v1/analytics/unheard-of/export")).status_code == 404
    assert (await caller("demo-ops").get(EXPORT)).status_code == 403
